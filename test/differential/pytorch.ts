// A Python process with PyTorch (PYTORCH_PYTHON, or python3), which answers one question a line.
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../../test/differential/pytorch.py', import.meta.url));

/** Numbers as base64 of their little-endian bytes. */
type Base64 = string;

export interface Question {
  readonly inputShape: readonly number[];
  readonly layers: readonly { readonly className: string; readonly config: Readonly<Record<string, unknown>> }[];
  readonly weights: readonly { readonly shape: readonly number[]; readonly data: Base64 }[];
  /** f32, or bytes. */
  readonly x: Base64;
  readonly bytes: boolean;
  /** f32 [n, classes] */
  readonly targets: Base64;
  /** One a dropout layer: bytes, 1 where a value is kept. */
  readonly masks: readonly Base64[];
  readonly adam: object;
  /** Those of each optimizer step to make, f32. */
  readonly gradients: readonly (readonly Base64[])[];
}

export interface Answer {
  /** How near the nearest ReLU kink or pool tie is, in units of the root mean square of a layer's input. */
  readonly margin: number;
  /** In f64: probabilities and loss without dropout, loss with it, then each gradient. */
  readonly tensors: readonly Float64Array[];
  /** For each of `tensors`: how far PyTorch's own f32 is from it, at worst. */
  readonly float32Errors: readonly number[];
  /** After the optimizer's steps with the gradients of the question. */
  readonly weights: readonly Float64Array[];
}

/** Its process died, which says nothing about us. */
export class PyTorchEnded extends Error {
  override readonly message = 'PyTorch itself ended; what it said stands above';
}

export interface PyTorch {
  readonly version: string;
  ask(question: Question): Promise<Answer>;
  close(): void;
}

/** The interpreter that has torch, or null. Only looks for it: an import takes seconds. */
export function findPython(): string | null {
  const { PYTORCH_PYTHON } = process.env;
  const look =
    'import sys, importlib.util as util; sys.exit(not (util.find_spec("torch") and util.find_spec("numpy")))';
  const candidates = PYTORCH_PYTHON ? [PYTORCH_PYTHON] : ['python3', '/usr/bin/python3'];
  return candidates.find((candidate) => spawnSync(candidate, ['-c', look]).status === 0) ?? null;
}

export const NO_PYTHON =
  'there is no Python with torch and numpy (PYTORCH_PYTHON, or python3); Debian has python3-torch, PyPI torch and numpy';

export async function startPyTorch(python: string): Promise<PyTorch> {
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  // What Python says when it dies stands on stderr; read() finds that it ended.
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async <T>(): Promise<T> => {
    const { value, done } = await lines.next();
    if (done) throw new PyTorchEnded();
    return JSON.parse(value) as T;
  };
  const { torch } = await read<{ torch: string }>();
  return {
    version: torch,
    async ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const { tensors, weights, ...rest } = await read<{
        margin: number;
        float32Errors: number[];
        tensors: Base64[];
        weights: Base64[];
      }>();
      return { ...rest, tensors: tensors.map(decode), weights: weights.map(decode) };
    },
    close: () => child.stdin.end(),
  };
}

export function encode({ buffer, byteOffset, byteLength }: ArrayBufferView): Base64 {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

function decode(text: Base64): Float64Array {
  const { buffer, byteOffset, byteLength } = Buffer.from(text, 'base64');
  return new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength));
}
