// A Python process that checks and runs ONNX files (PYTHON, or python3, with onnx and onnxruntime).
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Tensor } from '../../../src/index.js';

const python = process.env.PYTHON ?? 'python3';
const script = fileURLToPath(new URL('../../../../test/python/onnxRun.py', import.meta.url));

export const hasOnnxruntime = spawnSync(python, ['-c', 'import onnx, onnxruntime']).status === 0;
export const NO_ONNXRUNTIME = 'there is no Python with onnx and onnxruntime (PYTHON, or python3)';

export type RunOnnx = (model: Uint8Array, inputs: readonly Tensor[]) => Promise<Tensor<Float32Array>[]>;

const encode = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** Calls `use` with what checks and runs a file, and ends the process. */
export async function withOnnxruntime<T>(use: (run: RunOnnx) => Promise<T>): Promise<T> {
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  try {
    return await use(async (model, inputs) => {
      const told = inputs.map(({ shape, data }) => ({
        shape,
        data: encode(new Uint8Array(Float32Array.from(data).buffer)),
      }));
      child.stdin.write(`${JSON.stringify({ model: encode(model), inputs: told })}\n`);
      const { value } = (await lines.next()) as { value?: string };
      const answer = JSON.parse(value ?? '{"error":"it ended"}') as {
        error?: string;
        outputs: { shape: number[]; data: string }[];
      };
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.outputs.map(({ shape, data }) => ({
        shape,
        data: new Float32Array(new Uint8Array(Buffer.from(data, 'base64')).buffer),
      }));
    });
  } finally {
    child.kill();
  }
}
