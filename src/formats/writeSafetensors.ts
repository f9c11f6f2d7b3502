// The safetensors format, written: a JSON header, then the tensors' bytes. Reading is a file of its own, which a page that only saves does not load.
//
//   8 bytes, little-endian: length of the header │ header, JSON │ tensors, one after another
import { check, WasmCnnError } from '../base/errors.js';
import type { OwnBytes } from '../base/hostTypes.js';
import type { Shape } from '../base/shape.js';
import { encodeUtf8 } from '../base/utf8.js';

/** The entry that is no tensor. */
export const METADATA = '__metadata__';

export interface NamedTensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** Hundred thousand tensors; what a header may take in memory is some times that. (The reference implementation allows 100 MB.) */
export const LARGEST_HEADER = 16_777_216;

/** A tensor as it lies in a file. */
export interface StoredTensor {
  readonly dtype: string;
  readonly shape: Shape;
  /** Numbers of that type, little-endian as WebAssembly's memory is, where weights come from. */
  readonly data: ArrayBufferView;
}

export function writeSafetensors({ tensors, metadata }: SafetensorsFile): OwnBytes {
  const stored = [...tensors].map(([name, { shape, data }]) => [name, { dtype: 'F32', shape, data }] as const);
  return writeStored(new Map(stored), metadata);
}

export function writeStored(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: ReadonlyMap<string, string>,
): OwnBytes {
  const header: Record<string, unknown> = Object.create(null);
  check(
    !tensors.has(METADATA),
    `a tensor cannot be called ${METADATA}, where safetensors keeps its texts; give it another name`,
  );
  header[METADATA] = Object.fromEntries(metadata);
  let end = 0;
  for (const [name, { dtype, shape, data }] of tensors)
    header[name] = { dtype, shape, data_offsets: [end, (end += data.byteLength)] };
  // The header is filled up with spaces, so that the tensors are aligned.
  const text = encodeUtf8(JSON.stringify(header));
  const headerBytes = Math.ceil(text.length / 8) * 8;
  check(
    headerBytes <= LARGEST_HEADER,
    () =>
      `the header of a safetensors file may have ${LARGEST_HEADER} bytes, this one would have ${headerBytes}; keep fewer facts, and large arrays of a state as Float32Arrays at its top level`,
  );
  const file = allocate(8 + headerBytes + end, 'the model cannot be saved');
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, 8, 8 + headerBytes);
  file.set(text, 8);
  let at = 8 + headerBytes;
  for (const { data } of tensors.values()) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

export function allocate(bytes: number, who: string): OwnBytes {
  try {
    return new Uint8Array(bytes);
  } catch (error) {
    throw new WasmCnnError(`${who}: needs ${bytes} bytes of memory, which this machine refuses; close other programs`, {
      cause: error,
    });
  }
}
