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
  String: 'read a file with fs.readFileSync(path), an address with await (await fetch(address)).arrayBuffer()',
  URL: 'read a file with fs.readFileSync(path), an address with await (await fetch(url)).arrayBuffer()',
  Array: 'give it Uint8Array.from(array)',
};

const ofKeras = 'loadKeras() of wasm-cnn/formats/keras';

/**
 * Other files that are taken for models: how they begin, one byte a character and without the space before it, what they are, and what to do.
 * The first that fits is the one.
 */
const FORMATS: readonly (readonly [RegExp, what: string, todo: string])[] = [
  [/^version https:\/\/git-lfs/, 'a Git LFS pointer in place of the file', 'fetch the file itself with git lfs pull'],
  [
    /^<(!doctype|html|head|\?xml|!--)/i,
    'an HTML page, perhaps that of an error or a login',
    'check the address that it was fetched from',
  ],
  [
    /^\{.*"(modelTopology|weightsManifest)"/s,
    'a model.json of TensorFlow.js',
    'load it and the files beside it with loadTfjs() of wasm-cnn/formats/tfjs',
  ],
  [/^[{[]/, 'JSON, perhaps the error of a server', 'check the address that it was fetched from'],
  // Its first fields: the version of the format, then who wrote it, or the graph.
  [/^\x08[\x01-\x1f][\x12\x1a"2:B]/, 'an ONNX file', 'load it with loadOnnx() of wasm-cnn/formats/onnx'],
  [/^\x1f\x8b/, 'compressed with gzip', 'unpack it first, e.g. with gunzip'],
  [/^PK\x03\x04/, 'a ZIP archive, as .keras, .pt and .npz files are', `load a .keras with ${ofKeras}`],
  [/^(\x89PNG|\xff\xd8|GIF8|RIFF)/, 'a picture and no model', 'name another file'],
  [
    /^(?=[\x20-\x7e\s]{8})([\x09-\x7e]{100}|[\x09-\x7e]*$)/,
    'a text and no model, perhaps the error of a server',
    'name another file, or check the address that it was fetched from',
  ],
  [/^\x89HDF/, 'an HDF5 file, as older files of Keras (.h5) are', `load it with ${ofKeras}`],
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
    const format = FORMATS.find(([begins]) => begins.test(beginning));
    check(format === undefined, () => `${who}: it is ${format![1]}; ${format![2]}`);
  }
  return bytes;
}

/** The bytes that a function called `asker` was given. */
export function bytesOf(given: unknown, asker: string): Uint8Array {
  const kind = kindOf(given);
  const isBuffer = BUFFERS.includes(kind);
  if (!isBuffer && !VIEWS.includes(kind)) {
    const instead = INSTEAD[kind] ?? 'give it a Uint8Array or an ArrayBuffer';
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
