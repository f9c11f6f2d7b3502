// The safetensors format: a JSON header, then the tensors' bytes. Reads only what is whole and means one thing; validates before it
// allocates. https://github.com/huggingface/safetensors (its validator's rules: no overlap, no gap, the file ends with the last tensor)
//
//   8 bytes, little-endian: length of the header │ header, JSON │ tensors, one after another
import { check, WasmCnnError } from './errors.js';
import { sizeOf, type Shape } from './shape.js';

export interface NamedTensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** The reference implementation's limit. */
const LARGEST_HEADER = 100_000_000;

export function writeSafetensors({ tensors, metadata }: SafetensorsFile): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = Object.create(null);
  header.__metadata__ = Object.fromEntries(metadata);
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [end, end + 4 * data.length] };
    end += 4 * data.length;
  }
  // The header is filled up with spaces, so that the tensors are aligned.
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + end);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, 8, 8 + headerBytes);
  file.set(text, 8);
  let at = 8 + headerBytes;
  for (const { data } of tensors.values()) for (let i = 0; i < data.length; i++, at += 4) view.setFloat32(at, data[i]!, true);
  return file;
}

/** `who` names the file in errors. Tensors come as copies. */
export function readSafetensors(file: Uint8Array, who: string): SafetensorsFile {
  const fail = (what: string): never => {
    throw new WasmCnnError(`${who}: ${what}; it is damaged or no safetensors file`);
  };
  if (file.length < 8) fail(`${file.length} bytes are too few for a safetensors file`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > LARGEST_HEADER) fail(`the header claims ${headerBytes} bytes, at most ${LARGEST_HEADER} are allowed`);
  if (headerBytes > file.length - 8) fail(`the header claims ${headerBytes} bytes, the file has ${file.length - 8} after its length`);
  const start = 8 + headerBytes;
  const entries = parseHeader(file.subarray(8, start), fail);
  const dataBytes = file.length - start;

  const metadata = new Map<string, string>();
  const tensors = new Map<string, NamedTensor>();
  const ranges: { name: string; shape: Shape; from: number; to: number }[] = [];
  for (const [name, entry] of entries) {
    if (name === '__metadata__') {
      for (const [key, value] of Object.entries(entry)) metadata.set(key, typeof value === 'string' ? value : fail(`metadata '${key}' is no text`));
      continue;
    }
    const { dtype, shape, data_offsets: offsets } = entry as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
    if (dtype !== 'F32') fail(`tensor '${name}' has type ${JSON.stringify(dtype)}, only F32 is read`);
    if (!isWholeNumbers(shape)) return fail(`tensor '${name}' has shape ${JSON.stringify(shape)}`);
    if (!isWholeNumbers(offsets) || offsets.length !== 2) return fail(`tensor '${name}' has offsets ${JSON.stringify(offsets)}`);
    const [from, to] = offsets as [number, number];
    const bytes = 4 * sizeOf(shape);
    if (!Number.isSafeInteger(bytes) || to - from !== bytes) fail(`tensor '${name}' ${JSON.stringify(shape)} takes ${bytes} bytes, its offsets hold ${to - from}`);
    if (to > dataBytes) fail(`tensor '${name}' ends at byte ${to} of ${dataBytes}`);
    ranges.push({ name, shape, from, to });
  }
  let expected = 0;
  for (const { name, from, to } of [...ranges].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== expected) fail(`tensor '${name}' begins at byte ${from}, the one before ends at ${expected}`);
    expected = to;
  }
  if (expected !== dataBytes) fail(`the tensors end at byte ${expected}, the file goes on to ${dataBytes}`);
  for (const { name, shape, from, to } of ranges) {
    const data = new Float32Array((to - from) / 4);
    for (let i = 0; i < data.length; i++) data[i] = view.getFloat32(start + from + 4 * i, true);
    tensors.set(name, { shape, data });
  }
  return { tensors, metadata };
}

function isWholeNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

/** The header's entries in order; a name that comes twice is an error, which JSON.parse alone would hide. */
function parseHeader(bytes: Uint8Array, fail: (what: string) => never): [string, object][] {
  let text = '';
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    header = JSON.parse(text);
  } catch {
    fail('the header is no JSON');
  }
  if (!text.startsWith('{') || typeof header !== 'object' || header === null) fail('the header is no JSON object');
  const entries = Object.entries(header as object);
  for (const [name, entry] of entries) if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) fail(`the entry '${name}' is no object`);
  const keys = countOwnKeys(header);
  if (keys < 0) fail('the header is nested too deeply');
  if (countKeys(text) !== keys) fail('the header has the same name twice');
  return entries;
}

/** Keys in a JSON text: strings that are followed by a colon. The text is known to be valid JSON. */
function countKeys(text: string): number {
  return text.match(/"(?:[^"\\]|\\.)*"(?=\s*:)/g)?.length ?? 0;
}

/** A header is no deeper than { tensor: { shape: [ … ] } }; -1 for one that is. */
function countOwnKeys(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > 2) return -1;
  let count = Array.isArray(value) ? 0 : Object.keys(value).length;
  for (const item of Object.values(value)) {
    const inner = countOwnKeys(item, depth + 1);
    if (inner < 0) return -1;
    count += inner;
  }
  return count;
}

/** The tensor of this name and shape, of finite numbers; throws one sentence otherwise. */
export function takeTensor({ tensors }: SafetensorsFile, name: string, shape: Shape, who: string): Float32Array {
  const tensor = tensors.get(name);
  check(tensor !== undefined, () => `${who}: the tensor '${name}' is missing; it is a file of another model`);
  check(JSON.stringify(tensor.shape) === JSON.stringify(shape), () => `${who}: the tensor '${name}' has shape ${JSON.stringify(tensor.shape)}, the model needs ${JSON.stringify(shape)}; it is a file of another model`);
  check(tensor.data.every(Number.isFinite), () => `${who}: the tensor '${name}' holds NaN or infinite numbers; take an earlier file`);
  return tensor.data;
}
