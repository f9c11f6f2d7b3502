// readSafetensors: a file as the format wants it is read, one that breaks a rule is refused, and what is read is what the file says:
// as JSON.parse sees its header, and written and read again the same. Half of the files are read as those of other programs, with floats of all types.
import * as assert from 'uvu/assert';
import { readSafetensors, writeSafetensors, type ReadSafetensors } from '../../src/formats/safetensors.js';
import { floatTypes } from '../../src/formats/tensorTypes.js';
import { damaged, joined, type Decisions } from './decisions.js';
import { outcomeInTime, same, who, type Target } from './target.js';

const NAMES = [
  'a',
  'b',
  'dense/kernel',
  '__proto__',
  'constructor',
  'toString',
  '',
  '1',
  '0',
  'ü',
  '\u{1f600}',
  '"',
  '\\',
  ':',
  '","',
  '\u0000',
  '\u001b[2J',
  '\u202e',
  'x'.repeat(700),
];
const NO_SIZES = [
  '-1',
  '-0',
  '0.5',
  '1e0',
  '1E400',
  '01',
  '9007199254740992',
  '18446744073709551616',
  'null',
  '"4"',
  '[1]',
  '{}',
  'NaN',
  ',',
];
const NO_HEADERS = [
  '',
  '[]',
  'null',
  ' {}',
  '\ufeff{}',
  '{',
  '{}{}',
  '{}x',
  '{"a"}',
  '{"a":}',
  '{,}',
  '{"__metadata__":{"a":1}}',
  '{"__metadata__":{"a":"","\\u0061":""}}',
  '{"__metadata__":{},"__metadata__":{}}',
  '{"__metadata__":[]}',
  '{"__metadata__":null}',
];

/** Bytes of an element, and an element of it as f32, where the type is read as numbers. */
const TYPES: Record<string, readonly [size: number, read?: (view: DataView, at: number) => number]> = {
  F32: [4, (view, at) => view.getFloat32(at, true)],
  F64: [8, (view, at) => Math.fround(view.getFloat64(at, true))],
  BF16: [2, (view, at) => Buffer.from([0, 0, view.getUint8(at), view.getUint8(at + 1)]).readFloatLE()],
  F16: [2, (view, at) => half(view.getUint16(at, true))],
  I64: [8],
  I32: [4],
  I16: [2],
  I8: [1],
  U8: [1],
  BOOL: [1],
};

function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 31, (bits & 1023) / 1024];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

interface Made {
  readonly file: Uint8Array;
  /** Whether it is read with all types. */
  readonly wide: boolean;
  /** What must become of it, where that is known. */
  readonly expected: 'read' | 'refused' | null;
}

interface Entry {
  name: string;
  dtype: string;
  shape: string[];
  from: string;
  to: string;
}

function fileOf(header: Uint8Array, data: Uint8Array, headerBytes = BigInt(header.length)): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, headerBytes, true);
  return joined(length, header, data);
}

function makeEntries(decisions: Decisions, wide: boolean): { entries: Entry[]; dataBytes: number } {
  let dataBytes = 0;
  const entries = new Map<string, Entry>();
  for (let i = decisions.below(5); i > 0; i--) {
    const name = decisions.rarely(3)
      ? Buffer.from(decisions.bytes(decisions.below(6))).toString()
      : decisions.pick(NAMES);
    const shape = Array.from({ length: decisions.below(4) }, () => decisions.below(4));
    const dtype = wide ? decisions.pick(Object.keys(TYPES)) : 'F32';
    const bytes = TYPES[dtype]![0] * shape.reduce((product, size) => product * size, 1);
    if (entries.has(name) || name === '__metadata__') continue;
    entries.set(name, {
      name,
      dtype: JSON.stringify(dtype),
      shape: shape.map(String),
      from: `${dataBytes}`,
      to: `${dataBytes + bytes}`,
    });
    dataBytes += bytes;
  }
  const list = [...entries.values()];
  return { entries: decisions.below(2) === 0 ? list : list.reverse(), dataBytes };
}

/** Breaks one rule. */
function breakRule(entries: Entry[], decisions: Decisions, wide: boolean): void {
  const entry = decisions.pick(entries);
  const kind = decisions.below(8);
  const moved = String(Number(entry.to) + decisions.pick([1, -1, 4, -4, 2 ** 32, 2 ** 53]));
  if (kind === 0) entry.dtype = decisions.pick([wide ? '"F8_E4M3"' : '"F16"', '"f32"', '""', '4', 'null', '["F32"]']);
  else if (kind === 1) entry.shape.splice(decisions.below(entry.shape.length + 1), 0, decisions.pick(NO_SIZES));
  else if (kind === 2) entry.shape.unshift('4294967296', '4294967296');
  else if (kind === 3) entry.from = decisions.pick(NO_SIZES);
  else if (kind === 4) entry.to = decisions.pick(['', '-', moved]);
  else if (kind === 5) entry.to = `${entry.to},${entry.to}`;
  else if (kind === 6 && entry.from !== entry.to)
    Object.assign(entry, { from: `${Number(entry.from) + 4}`, to: `${Number(entry.to) + 4}` });
  else entries.push({ ...entry });
}

function headerOf(entries: readonly Entry[], decisions: Decisions): string {
  const space = decisions.pick(['', '', ' ', '\n\t']);
  // Now and then each character as an escape.
  const quoted = (name: string): string =>
    decisions.rarely(6)
      ? `"${name.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`
      : JSON.stringify(name);
  const items = entries.map(({ name, dtype, shape, from, to }) => {
    const fields = [
      `"dtype":${space}${dtype}`,
      `"shape":[${shape.join(',')}]`,
      `${space}"data_offsets":[${from},${space}${to}]`,
    ];
    return `${quoted(name)}:{${(decisions.below(2) === 0 ? fields : fields.reverse()).join(',')}}`;
  });
  if (decisions.below(2) === 0) {
    const texts = new Map(
      Array.from({ length: decisions.below(4) }, () => [decisions.pick(NAMES), decisions.pick(NAMES)]),
    );
    items.splice(
      decisions.below(items.length + 1),
      0,
      `"__metadata__":{${[...texts].map(([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`).join(',')}}`,
    );
  }
  return `{${items.join(`${space},`)}}${' '.repeat(decisions.below(9))}`;
}

function make(decisions: Decisions): Made {
  const kind = decisions.below(10);
  const wide = decisions.below(2) === 1;
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  if (kind === 0) return { file: decisions.rest(), wide, expected: null };
  if (kind === 1) return { file: fileOf(decisions.rest(), new Uint8Array(0)), wide, expected: null };
  if (kind === 2)
    return { file: fileOf(encode(decisions.pick(NO_HEADERS)), new Uint8Array(0)), wide, expected: 'refused' };
  const { entries, dataBytes } = makeEntries(decisions, wide);
  const rules = kind >= 6 && entries.length > 0;
  if (rules) breakRule(entries, decisions, wide);
  const header = encode(headerOf(entries, decisions));
  const data = new Uint8Array(dataBytes);
  data.set(decisions.bytes(Math.min(dataBytes, 64)));
  const file = fileOf(header, data);
  if (rules) return { file, wide, expected: 'refused' };
  if (kind === 3) return { file, wide, expected: 'read' };
  if (kind === 4) return { file: damaged(file, decisions), wide, expected: null };
  const lengths = [
    BigInt(header.length + 1 + decisions.below(300)),
    2n ** 63n,
    2n ** 64n - 1n,
    16_777_217n,
    BigInt(Math.max(0, header.length - 1 - decisions.below(9))),
  ];
  return decisions.below(2) === 0
    ? { file: fileOf(damaged(header, decisions), data), wide, expected: null }
    : { file: fileOf(header, data, decisions.pick(lengths)), wide, expected: null };
}

/** What is read must be what the file says, as JSON.parse understands its header. */
function checkContent(file: Uint8Array, { tensors, metadata, types }: ReadSafetensors): void {
  const start = 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(Buffer.from(file.subarray(8, start)).toString());
  const entries = new Map<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>(
    Object.entries(header),
  );
  const texts = new Map(Object.entries((entries.get('__metadata__') as object | undefined) ?? {}));
  entries.delete('__metadata__');
  assert.is(metadata.size, texts.size);
  for (const [key, text] of metadata) assert.is(text, texts.get(key));
  assert.is(types.size, entries.size);
  let bytes = 0;
  for (const [name, { dtype, shape, data_offsets: offsets }] of entries) {
    const [from, to] = offsets;
    assert.is(types.get(name), dtype);
    const [size, read] = TYPES[dtype]!;
    bytes += to - from;
    if (!read) {
      assert.ok(!tensors.has(name), name);
      continue;
    }
    const { shape: itsShape, data } = tensors.get(name)!;
    assert.equal([itsShape, to - from], [shape, size * data.length]);
    const view = new DataView(file.buffer, file.byteOffset + start + from, to - from);
    for (let i = 0; i < data.length; i++) assert.ok(Object.is(data[i], read(view, size * i)), name);
  }
  assert.is(start + bytes, file.length, 'each byte belongs to one tensor');
}

export const safetensors: Target = {
  filesEach: 1,
  check(decisions) {
    const { file, wide, expected } = make(decisions);
    const result = outcomeInTime(file, () =>
      wide ? readSafetensors(file, who, floatTypes) : readSafetensors(file, who),
    );
    const verdict = result ? 'read' : 'refused';
    assert.is(verdict, expected ?? verdict);
    if (result === undefined) return verdict;
    checkContent(file, result);
    const again = readSafetensors(writeSafetensors(result), who);
    assert.is(again.metadata.size, result.metadata.size);
    for (const [key, text] of result.metadata) assert.is(again.metadata.get(key), text);
    assert.is(again.tensors.size, result.tensors.size);
    for (const [name, { shape, data }] of result.tensors) {
      const other = again.tensors.get(name)!;
      assert.equal(other.shape, shape);
      assert.ok(same(new Uint8Array(other.data.buffer), new Uint8Array(data.buffer)), name);
    }
    return verdict;
  },
};
