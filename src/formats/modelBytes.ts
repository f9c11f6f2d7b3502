// What is handed to loadModel(): bytes of any kind become a Uint8Array, and everything else gets the sentence that says what it is.
import { check, WasmCnnError } from '../base/errors.js';
import { describe, isRecord, kindOf } from '../base/options.js';
import { mayBeSafetensors } from './safetensors.js';

/** The bytes of a file, in whatever form a host gives them. */
export type ModelBytes = Uint8Array | Uint8ClampedArray | Int8Array | DataView | ArrayBuffer | SharedArrayBuffer;

/** A Response, a Blob, a File: what gives its bytes later. */
export interface LaterBytes {
  arrayBuffer(): Promise<ArrayBuffer>;
}

const BUFFERS = ['ArrayBuffer', 'SharedArrayBuffer'];
const VIEWS = ['Uint8Array', 'Uint8ClampedArray', 'Int8Array', 'DataView'];

/** How the bytes of other things are got. */
const INSTEAD: Readonly<Record<string, string>> = {
  Request: 'give it await (await fetch(request)).arrayBuffer()',
  ReadableStream: 'give it await new Response(stream).arrayBuffer()',
  Promise: 'put await before it',
  String:
    'read a file with loadModelFile(path) of wasm-cnn/node, an address with await (await fetch(address)).arrayBuffer()',
  URL: 'read a file with loadModelFile(path) of wasm-cnn/node, an address with await (await fetch(url)).arrayBuffer()',
  Array: 'give it Uint8Array.from(array)',
};

interface Format {
  readonly is: (bytes: Uint8Array, text: string) => boolean;
  readonly what: string;
  readonly todo: string;
}

const begins =
  (...signature: number[]) =>
  (bytes: Uint8Array): boolean =>
    signature.every((byte, i) => bytes[i] === byte);
const ofKeras = 'loadKeras() of wasm-cnn/formats/keras';

/** Other files that are taken for models; the first that fits is the one. `text` is the beginning, without the space before it. */
const FORMATS: readonly Format[] = [
  {
    is: (_, text) => text.startsWith('version https://git-lfs'),
    what: 'a Git LFS pointer in place of the file',
    todo: 'fetch the file itself with git lfs pull',
  },
  {
    is: (_, text) => /^<(!doctype|html|head|\?xml|!--)/i.test(text),
    what: 'an HTML page, perhaps that of an error or a login',
    todo: 'check the address that it was fetched from',
  },
  {
    is: (_, text) => /^\{.*"(modelTopology|weightsManifest)"/s.test(text),
    what: 'a model.json of TensorFlow.js',
    todo: 'load it and the files beside it with loadTfjs() of wasm-cnn/formats/tfjs',
  },
  {
    is: (_, text) => /^[{[]/.test(text),
    what: 'JSON, perhaps the error of a server',
    todo: 'check the address that it was fetched from',
  },
  {
    // Its first fields: the version of the format, then who wrote it, or the graph.
    is: (bytes) =>
      bytes[0] === 8 && bytes[1]! > 0 && bytes[1]! < 32 && [0x12, 0x1a, 0x22, 0x32, 0x3a, 0x42].includes(bytes[2]!),
    what: 'an ONNX file',
    todo: 'load it with loadOnnx() of wasm-cnn/formats/onnx',
  },
  { is: begins(0x1f, 0x8b), what: 'compressed with gzip', todo: 'unpack it first, e.g. with gunzip' },
  {
    is: begins(0x50, 0x4b, 3, 4),
    what: 'a ZIP archive, as files of Keras (.keras), PyTorch (.pt) and NumPy (.npz) are',
    todo: `load a .keras with ${ofKeras}`,
  },
  {
    is: (_, text) => /^[\x20-\x7e\s]{8,100}/.test(text) && !/[^\x09-\x7e]/.test(text.slice(0, 100)),
    what: 'a text and no model, perhaps the error of a server',
    todo: 'name another file, or check the address that it was fetched from',
  },
  {
    is: begins(0x89, 0x48, 0x44, 0x46),
    what: 'an HDF5 file, as older files of Keras (.h5) are',
    todo: `load it with ${ofKeras}`,
  },
];

/** A Request has an arrayBuffer(), too, of what it sends. */
export function isLater(given: unknown): given is LaterBytes {
  return isRecord(given) && typeof given.arrayBuffer === 'function' && kindOf(given) !== 'Request';
}

export async function bytesOfLater(given: LaterBytes, who: string): Promise<ArrayBuffer> {
  const { ok = true, status } = given as LaterBytes & { ok?: boolean; status?: number };
  check(ok, () => `${who}: the response came with status ${status}; check the address that it was fetched from`);
  try {
    return await given.arrayBuffer();
  } catch (error) {
    throw new WasmCnnError(`${who}: its bytes did not come (${(error as Error).message}); fetch or open it again`, {
      cause: error,
    });
  }
}

export function modelBytes(given: unknown, who: string): Uint8Array {
  const bytes = bytesOf(given, 'loadModel');
  if (!mayBeSafetensors(bytes)) {
    const beginning = String.fromCharCode(...bytes.subarray(0, 1000))
      .replace(/^\u00ef\u00bb\u00bf/, '')
      .trimStart();
    const format = FORMATS.find(({ is }) => is(bytes, beginning));
    check(format === undefined, () => `${who}: it is ${format!.what}; ${format!.todo}`);
  }
  return bytes;
}

/** The bytes that a function called `asker` was given. */
export function bytesOf(given: unknown, asker: string): Uint8Array {
  const kind = kindOf(given);
  const isBuffer = BUFFERS.includes(kind);
  if (!isBuffer && !VIEWS.includes(kind)) {
    const isPromise = isRecord(given) && typeof given.then === 'function';
    const instead = INSTEAD[isPromise ? 'Promise' : kind] ?? 'give it a Uint8Array or an ArrayBuffer';
    throw new WasmCnnError(`${asker} needs the bytes of a model file, got ${describe(given)}; ${instead}`);
  }
  try {
    const { buffer, byteOffset, byteLength } = isBuffer
      ? new Uint8Array(given as ArrayBuffer)
      : (given as Uint8Array<ArrayBuffer>);
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    // Text is not decoded out of memory that other threads may change.
    return kindOf(buffer) === 'SharedArrayBuffer' ? bytes.slice() : bytes;
  } catch (error) {
    throw new WasmCnnError(
      `${asker} needs the bytes of a model file, got a ${kind} whose memory is gone (${(error as Error).message}); it was transferred to another thread: give it a copy`,
    );
  }
}
