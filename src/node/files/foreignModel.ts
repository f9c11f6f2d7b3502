// Model files of other programs: Keras, TensorFlow.js, ONNX and PyTorch. Each format is imported when a file needs it.
import { join } from 'node:path';
import { check, WasmCnnError } from '../../base/errors.js';
import type { Shape } from '../../base/shape.js';
import type { ArchitectureName } from '../../formats/torch/index.js';
import { refusePickle } from '../../formats/torch/pickle.js';
import type { ImportedModel, LoadOptions } from '../../model/load.js';
import { commandLine } from '../commandLine.js';
import { isFolder, readBytes, readHead } from './files.js';
import { tfjsFiles } from './tfjsFiles.js';

export interface ForeignModel extends ImportedModel {
  /** The program whose file it is. */
  readonly format: string;
}

export interface ForeignOptions extends Omit<LoadOptions, 'name'> {
  /** Height and width, for a model that takes images of any; one of others is refused. */
  readonly imageSize?: readonly [number, number] | undefined;
  /** The same, and a model of others keeps its own. Null: the caller has an option for it, and none was given. */
  readonly openSize?: readonly [number, number] | null | undefined;
  /** For a state dict of PyTorch, which does not say what network it is of. */
  readonly architecture?: string | undefined;
}

interface Format {
  readonly format: string;
  /** Whether a file is of this format, by its path and its first bytes; a folder has none. */
  readonly is: (path: string, head: Uint8Array) => boolean;
  readonly load: (
    path: string,
    options: Omit<ForeignOptions, 'imageSize' | 'openSize'> & { inputShape?: Shape },
  ) => Promise<ImportedModel>;
}

/** A folder that has it holds a model of TensorFlow.js. */
export const TFJS_FILE = 'model.json';
/** Enough for the name of the first file in a zip archive. */
const HEAD_BYTES = 100;
const begins = (head: Uint8Array, ...signature: number[]): boolean => signature.every((byte, i) => head[i] === byte);

const formats: readonly Format[] = [
  {
    format: 'Keras',
    is: (path, head) =>
      /\.(keras|h5|hdf5)$/i.test(path) || begins(head, 0x50, 0x4b, 3, 4) || begins(head, 0x89, 0x48, 0x44, 0x46),
    async load(path, { architecture: _, ...options }) {
      const { loadKeras } = await import('../../formats/keras/index.js');
      return loadKeras(await readBytes(path), { name: path, ...options });
    },
  },
  {
    format: 'TensorFlow.js',
    is: (path, head) => head.length === 0 || /\.json$/i.test(path),
    async load(path, { architecture: _, ...options }) {
      const { loadTfjs } = await import('../../formats/tfjs/index.js');
      return loadTfjs(await tfjsFiles(path), { name: path, ...options });
    },
  },
  {
    format: 'ONNX',
    is: (path) => /\.onnx$/i.test(path),
    async load(path, { architecture: _, ...options }) {
      const { loadOnnx } = await import('../../formats/onnx/index.js');
      const { onnxFiles } = await import('./onnxFiles.js');
      const bytes = await readBytes(path);
      return loadOnnx(bytes, { name: path, ...options, externalData: await onnxFiles(path, bytes) });
    },
  },
  {
    format: 'PyTorch',
    is: (path) => /\.safetensors$/i.test(path),
    async load(path, { architecture, inputShape, ...options }) {
      const { loadTorch } = await import('../../formats/torch/index.js');
      const { scaleOf } = await import('../../formats/torch/names.js');
      const { normalizedNetwork } = await import('./normalizedNetwork.js');
      const name = architecture as ArchitectureName;
      const { model, notes } = await loadTorch(await readBytes(path), {
        name: path,
        architecture: name,
        inputShape,
        ...options,
      });
      const told = `pixels are normalized first, as ${name} takes them`;
      return { model: normalizedNetwork(model, scaleOf(name)), notes: [...notes, told] };
    },
  },
];

/** Null where it is a model of wasm-cnn's own, or nothing that is known here. */
export async function loadForeignModel(path: string, options: ForeignOptions = {}): Promise<ForeignModel | null> {
  const isOfFiles = await isFolder(path);
  const file = isOfFiles ? join(path, TFJS_FILE) : path;
  const head = isOfFiles ? new Uint8Array(0) : await readHead(file, HEAD_BYTES);
  check(isOfFiles || head.length > 0, `${path} is empty; copy it again`);
  refusePickle(head, path);
  const found = formats.find(
    ({ is, format }) => is(file, head) && (format !== 'PyTorch' || options.architecture !== undefined),
  );
  check(
    options.architecture === undefined || found?.format === 'PyTorch',
    () => `an architecture is for a state dict of PyTorch, and ${path} is none; leave it out`,
  );
  if (!found) return null;
  const { imageSize, openSize, ...rest } = options;
  // The option is one of the library; without it an image of any size is all that a loader asks it for.
  const isOfShape = (error: unknown): error is WasmCnnError =>
    error instanceof WasmCnnError && /\binputShape\b/.test(error.message);
  const sized = (size: readonly [number, number], channels = 3): Promise<ImportedModel> =>
    found.load(file, { ...rest, inputShape: [...size, channels] }).catch((error: unknown) => {
      if (channels !== 3 || !isOfShape(error) || !/ does not fit /.test(error.message)) throw error;
      return sized(size, 1).catch(() => Promise.reject(error));
    });
  const asItIs = (): Promise<ImportedModel> =>
    found.load(file, rest).catch((error: unknown) => {
      if (!isOfShape(error)) throw error;
      if (openSize) return sized(openSize);
      const todo =
        openSize === null
          ? 'say which with --image-size, as 128'
          : `make a file with one of it by ${commandLine('import', `${path} --image-size 128`)}`;
      throw new WasmCnnError(`${path} takes images of any size, and a model here has one; ${todo}`, { cause: error });
    });
  const loaded = await (imageSize ? sized(imageSize) : asItIs());
  return { format: found.format, ...loaded };
}
