// The safetensors format, read: a JSON header, then the tensors' bytes. Reads only what is whole and means one thing; validates before it
// allocates. https://github.com/huggingface/safetensors (its validator's rules: no overlap, no gap, the file ends with the last tensor)
//
//   8 bytes, little-endian: length of the header │ header, JSON │ tensors, one after another
import { check, WasmCnnError } from '../base/errors.js';
import type { OwnBytes } from '../base/hostTypes.js';
import type { Shape } from '../base/shape.js';
import { parseHeader } from './safetensorsHeader.js';
import { allocate, LARGEST_HEADER, type NamedTensor, type SafetensorsFile } from './writeSafetensors.js';

export {
  writeSafetensors,
  writeStored,
  type NamedTensor,
  type SafetensorsFile,
  type StoredTensor,
} from './writeSafetensors.js';

/** How numbers of a type become f32. */
export interface TensorType {
  /** Bytes of one element. */
  readonly size: number;
  /** Given the tensor's bytes, in memory of their own, from its first byte on. Missing where tensors of this type are left out. */
  readonly read?: (bytes: OwnBytes) => Float32Array;
}

export interface ReadSafetensors extends SafetensorsFile {
  /** Types of all tensors in the file, also of those that were left out. */
  readonly types: ReadonlyMap<string, string>;
}

/** Types that the format has beside F32. */
const OTHER_TYPES = /^(BOOL|[IU](8|16|32|64)|F(16|64)|BF16|F8_E\dM\d\w*|C64)$/;

/** Whether it can be told at once that a file is none: a header of an allowed length begins with '{'. */
export function mayBeSafetensors(file: Uint8Array): boolean {
  return file.length > 8 && file[8] === 0x7b && headerBytesOf(file) <= LARGEST_HEADER;
}

function headerBytesOf(file: Uint8Array): number {
  return Number(new DataView(file.buffer, file.byteOffset, file.byteLength).getBigUint64(0, true));
}

/** All that a file of wasm-cnn holds. */
const F32: Readonly<Record<string, TensorType>> = { F32: { size: 4, read: ({ buffer }) => new Float32Array(buffer) } };

/** `who` names the file in errors. Tensors come as copies. `types`: those that are read, see tensorTypes.ts; default F32 alone. */
export function readSafetensors(file: Uint8Array, who: string, types = F32): ReadSafetensors {
  const fail = (what: string): never => {
    throw new WasmCnnError(`${who}: ${what}; it is damaged or no safetensors file`);
  };
  if (file.length < 8) fail(`${file.length} bytes are too few for a safetensors file`);
  const headerBytes = headerBytesOf(file);
  if (headerBytes > LARGEST_HEADER)
    fail(`the header claims ${headerBytes} bytes, at most ${LARGEST_HEADER} are allowed`);
  if (headerBytes > file.length - 8)
    fail(`the header claims ${headerBytes} bytes, the file has ${file.length - 8} after its length`);
  const start = 8 + headerBytes;
  const header = parseHeader(file.subarray(8, start), fail);
  const dataBytes = file.length - start;

  const ranges = [...header.tensors].map(([name, { dtype, shape, offsets }]) => {
    const [from = 0, to = 0] = offsets;
    const type = Object.hasOwn(types, dtype) ? types[dtype] : undefined;
    if (!type) {
      const read = `only ${Object.keys(types).join(', ')} is read`;
      check(
        !OTHER_TYPES.test(dtype),
        () => `${who}: tensor '${name}' is of type ${dtype}, ${read}; write the file again with float32 tensors`,
      );
      return fail(`tensor '${name}' has type ${JSON.stringify(dtype)}, ${read}`);
    }
    const bytes = type.size * elementsOf(shape);
    if (offsets.length !== 2) fail(`tensor '${name}' has offsets ${JSON.stringify(offsets)}`);
    if (!Number.isSafeInteger(bytes))
      fail(`tensor '${name}' has shape ${JSON.stringify(shape)}, more elements than can be counted`);
    if (to - from !== bytes)
      fail(`tensor '${name}' ${JSON.stringify(shape)} takes ${bytes} bytes, its offsets hold ${to - from}`);
    if (to > dataBytes) fail(`tensor '${name}' ends at byte ${to} of ${dataBytes}`);
    return { name, shape, from, to, read: type.read };
  });
  let expected = 0;
  for (const { name, from, to } of [...ranges].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== expected) fail(`tensor '${name}' begins at byte ${from}, the one before ends at ${expected}`);
    expected = to;
  }
  if (expected !== dataBytes) fail(`the tensors end at byte ${expected}, the file ends at ${dataBytes}`);
  const tensors = new Map<string, NamedTensor>();
  for (const { name, shape, from, to, read } of ranges) {
    if (!read) continue;
    const bytes = allocate(to - from, who);
    bytes.set(file.subarray(start + from, start + to));
    tensors.set(name, { shape, data: read(bytes) });
  }
  const found = new Map([...header.tensors].map(([name, { dtype }]) => [name, dtype]));
  return { tensors, metadata: header.metadata, types: found };
}

/** Elements of a shape, or NaN where the product leaves the numbers that are exact. */
function elementsOf(shape: Shape): number {
  return shape.reduce((product, size) => (Number.isSafeInteger(product * size) ? product * size : NaN), 1);
}
