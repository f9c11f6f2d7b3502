// Parquet: files of a small writer, after the format's own description, are read to what was written; damaged ones to rows, or a sentence.
import { gzipSync } from 'node:zlib';
import * as assert from 'uvu/assert';
import { readTable } from '../../src/data/layouts/parquet.js';
import { memoryFile } from '../data/layouts/memoryFolder.js';
import { damaged, joined, type Decisions } from './decisions.js';
import { checkRefusal, same, who, type Target } from './target.js';

/** A field of a struct in Thrift's compact protocol: its number, its type, its bytes. */
type Field = readonly [id: number, type: number, bytes: Uint8Array];

const [I32, I64, BINARY, LIST, STRUCT] = [5, 6, 8, 9, 12];
const [INT64, BYTE_ARRAY] = [2, 6];
const [PLAIN, RLE, RLE_DICTIONARY] = [0, 3, 8];

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Uint8Array.from([...bytes, value]);
}

const whole = (value: number): Uint8Array => varint(2 * value);
const i32 = (id: number, value: number): Field => [id, I32, whole(value)];
const i64 = (id: number, value: number): Field => [id, I64, whole(value)];
const binary = (text: string): Uint8Array => joined(varint(Buffer.byteLength(text)), Buffer.from(text));
const list = (id: number, type: number, items: readonly Uint8Array[]): Field => [
  id,
  LIST,
  joined(
    items.length < 15
      ? Uint8Array.of((items.length << 4) | type)
      : joined(Uint8Array.of(0xf0 | type), varint(items.length)),
    ...items,
  ),
];

function struct(...fields: readonly Field[]): Uint8Array {
  let last = 0;
  const parts = fields.map(([id, type, bytes]) => {
    const head = Uint8Array.of(((id - last) << 4) | type);
    last = id;
    return joined(head, bytes);
  });
  return joined(...parts, Uint8Array.of(0));
}

/** Snappy of literals alone. */
function snappy(bytes: Uint8Array): Uint8Array {
  const parts = [varint(bytes.length)];
  for (let at = 0; at < bytes.length; at += 60) {
    const piece = bytes.subarray(at, at + 60);
    parts.push(Uint8Array.of((piece.length - 1) << 2), piece);
  }
  return joined(...parts);
}

const codecs = [
  (bytes: Uint8Array) => bytes,
  snappy,
  (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes, { level: 1 })),
];

function u32(value: number): Uint8Array {
  return Uint8Array.of(value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24);
}

/** `count` times the highest definition level: no value is missing. */
function levels(count: number, level: number): Uint8Array {
  const run = joined(varint(2 * count), Uint8Array.of(level));
  return joined(u32(run.length), run);
}

interface Column {
  readonly path: readonly string[];
  readonly type: number;
  readonly level: number;
  /** PLAIN, one each. */
  readonly values: readonly Uint8Array[];
}

/** A column's pages, and what its metadata say; `at`: where it begins in the file. */
function columnChunk({ path, type, level, values }: Column, codec: number, dictionary: boolean, at: number) {
  const page = (pageType: number, content: Uint8Array, own: Field): Uint8Array => {
    const packed = codecs[codec]!(content);
    return joined(struct(i32(1, pageType), i32(2, content.length), i32(3, packed.length), own), packed);
  };
  const distinct = [...new Map(values.map((value) => [Buffer.from(value).toString('hex'), value])).entries()];
  const width = 32 - Math.clz32(Math.max(1, distinct.length - 1));
  const indices = values.map((value) => {
    const hex = Buffer.from(value).toString('hex');
    return joined(varint(2), Uint8Array.of(distinct.findIndex(([key]) => key === hex)));
  });
  const first = dictionary
    ? page(2, joined(...distinct.map(([, value]) => value)), [
        7,
        STRUCT,
        struct(i32(1, distinct.length), i32(2, PLAIN)),
      ])
    : new Uint8Array(0);
  const body = dictionary ? joined(Uint8Array.of(width), ...indices) : joined(...values);
  const encoding = dictionary ? RLE_DICTIONARY : PLAIN;
  const data = page(0, joined(levels(values.length, level), body), [
    5,
    STRUCT,
    struct(i32(1, values.length), i32(2, encoding), i32(3, RLE), i32(4, RLE)),
  ]);
  const bytes = joined(first, data);
  const metadata = struct(
    i32(1, type),
    list(2, I32, [whole(encoding)]),
    list(3, BINARY, path.map(binary)),
    i32(4, codec),
    i64(5, values.length),
    i64(6, bytes.length),
    i64(7, bytes.length),
    i64(9, at + first.length),
    ...(dictionary ? [i64(11, at)] : []),
  );
  return { bytes, chunk: struct(i64(2, at), [3, STRUCT, metadata]) };
}

interface Made {
  readonly file: Uint8Array;
  readonly pictures: readonly Uint8Array[];
  readonly labels: readonly number[];
}

function makeFile(decisions: Decisions): Made {
  const [codec, dictionary] = [decisions.below(3), decisions.below(2) === 0];
  const groups = Array.from({ length: 1 + decisions.below(3) }, () =>
    Array.from({ length: 1 + decisions.below(4) }, () => ({
      picture: decisions.bytes(decisions.below(24)),
      label: decisions.below(3),
    })),
  );
  const parts: Uint8Array[] = [Buffer.from('PAR1')];
  let at = 4;
  const rowGroups = groups.map((rows) => {
    const chunks = (
      [
        {
          path: ['image', 'bytes'],
          type: BYTE_ARRAY,
          level: 2,
          values: rows.map(({ picture }) => joined(u32(picture.length), picture)),
        },
        { path: ['label'], type: INT64, level: 1, values: rows.map(({ label }) => joined(u32(label), u32(0))) },
      ] satisfies Column[]
    ).map((column) => {
      const { bytes, chunk } = columnChunk(column, codec, dictionary, at);
      parts.push(bytes);
      at += bytes.length;
      return chunk;
    });
    return struct(list(1, STRUCT, chunks), i64(2, at), i64(3, rows.length));
  });
  const element = (name: string, ...fields: Field[]): Uint8Array =>
    struct(...[...fields, [4, BINARY, binary(name)] as const].sort(([a], [b]) => a - b));
  const rows = groups.flat();
  const note = JSON.stringify({ info: { features: { label: { _type: 'ClassLabel', names: ['a', 'b', 'c'] } } } });
  const footer = struct(
    i32(1, 1),
    list(2, STRUCT, [
      element('schema', i32(5, 2)),
      element('image', i32(3, 1), i32(5, 1)),
      element('bytes', i32(1, BYTE_ARRAY), i32(3, 1)),
      element('label', i32(1, INT64), i32(3, 1)),
    ]),
    i64(3, rows.length),
    list(4, STRUCT, rowGroups),
    list(5, STRUCT, [struct([1, BINARY, binary('huggingface')], [2, BINARY, binary(note)])]),
  );
  return {
    file: joined(...parts, footer, u32(footer.length), Buffer.from('PAR1')),
    pictures: rows.map(({ picture }) => picture),
    labels: rows.map(({ label }) => label),
  };
}

export const parquet: Target = {
  filesEach: 4,
  async check(decisions) {
    const { file: sound, pictures, labels } = makeFile(decisions);
    const kind = decisions.below(8);
    const file = kind < 3 ? sound : kind < 7 ? damaged(sound, decisions) : decisions.rest();
    try {
      const found = await readTable(memoryFile('a.parquet', who, file));
      assert.is(found.pictures.length, found.labels.length);
      if (!same(file, sound)) return 'read';
      assert.equal([found.labels, found.names], [labels.map(String), ['a', 'b', 'c']]);
      assert.ok(
        found.pictures.every((picture, i) => same(picture, pictures[i]!)) && found.pictures.length === pictures.length,
      );
      return 'read';
    } catch (error) {
      checkRefusal(error);
      assert.not.ok(same(file, sound), `it was to be read: ${(error as Error).message}`);
      return 'refused';
    }
  },
};
