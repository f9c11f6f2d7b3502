// npy: what is read has the elements that a second, plain reader finds. npz: the same within zip archives, which must be whole.
import * as assert from 'uvu/assert';
import { forEachElement, readNpyHeader } from '../../src/data/layouts/npy.js';
import { readZip } from '../../src/formats/zip/zip.js';
import { crc32, inflateRawSync } from 'node:zlib';
import { npyFile } from '../data/layouts/npyFile.js';
import { zipFile, type Entry } from '../formats/zip/zipFile.js';
import { damaged, type Decisions } from './decisions.js';
import { checkRefusal, outcomeInTime, same, who, type Target } from './target.js';

const TYPES = ['|u1', '|b1', '|i1', '<u2', '>i2', '<i4', '>u4', '<i8', '>u8', '<f4', '>f4', '<f8', '>f8'];
const OTHERS = ['|O', '<U3', '|S2', '<c8', '<f2', '|V4', '<M8[ns]', '=i4', 'u1', "|u1', 'x"];

function makeFile(decisions: Decisions): Uint8Array {
  if (decisions.rarely(16)) return decisions.rest();
  const descr = decisions.rarely(10) ? decisions.pick(OTHERS) : decisions.pick(TYPES);
  const shape = Array.from({ length: decisions.below(5) }, () =>
    decisions.rarely(40) ? decisions.pick([0, 65536, 2 ** 31, 2 ** 53]) : 1 + decisions.below(4),
  );
  const count = shape.reduce((product, size) => product * size, 1) * Number(/\d/.exec(descr)?.[0] ?? 1);
  const elements = Uint8Array.from({ length: Math.min(count, 2048) }, () => decisions.byte());
  const header = { descr, shape, fortran: decisions.below(2) === 1 };
  const file = npyFile(header, elements, decisions.rarely(10) ? decisions.below(5) : decisions.pick([1, 1, 2, 3]));
  return damaged(file, decisions);
}

interface Plain {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** What NumPy's documentation says the file is, element by element at its own place; null for what it does not allow. */
function plainNpy(file: Uint8Array): Plain | null {
  const bytes = Buffer.from(file);
  if (bytes.length < 10 || bytes.toString('latin1', 0, 6) !== '\x93NUMPY' || ![1, 2, 3].includes(bytes[6]!))
    return null;
  if (bytes[6] !== 1 && bytes.length < 12) return null;
  const begin = bytes[6] === 1 ? 10 : 12;
  const end = begin + (bytes[6] === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8));
  if (end > Math.min(bytes.length, 65536)) return null;
  const dict = plainDict(bytes.toString('latin1', begin, end));
  if (!dict) return null;
  const [, order, kind, digits] = /^([<>|=]?)([biuf])(\d+)$/.exec(dict.descr) ?? [];
  const size = Number(digits);
  if (!kind || !(kind === 'b' ? [1] : kind === 'f' ? [4, 8] : [1, 2, 4, 8]).includes(size) || digits!.length > 1)
    return null;
  const { shape } = dict;
  const count = shape.reduce((product, each) => product * BigInt(each), 1n);
  if (count === 0n || BigInt(end) + count * BigInt(size) !== BigInt(bytes.length)) return null;
  const read = (i: number): number => {
    const element = Buffer.from(bytes.subarray(end + i * size, end + (i + 1) * size));
    if (order !== '>') element.reverse();
    if (kind === 'f') return size === 4 ? element.readFloatBE() : element.readDoubleBE();
    const whole = BigInt(`0x${element.toString('hex')}`);
    if (kind === 'b') return Number(whole !== 0n);
    return Number(kind === 'i' ? BigInt.asIntN(8 * size, whole) : whole);
  };
  const values = Array.from({ length: Number(count) }, (_, place) => {
    // The indices of the place in the order of rows.
    const index = [...shape]
      .reverse()
      .reduce<{ rest: number; index: number[] }>(
        ({ rest, index }, each) => ({ rest: Math.floor(rest / each), index: [rest % each, ...index] }),
        { rest: place, index: [] },
      ).index;
    const steps = shape.map((_, axis) =>
      (dict.fortran ? shape.slice(0, axis) : shape.slice(axis + 1)).reduce((product, each) => product * each, 1),
    );
    return read(index.reduce((sum, each, axis) => sum + each * steps[axis]!, 0));
  });
  return { shape, values };
}

/** The dict as JSON, which it nearly is. */
function plainDict(text: string): { descr: string; fortran: boolean; shape: number[] } | null {
  if (!/^\{[^{}]*\}\s*$/.test(text) || text.length > 4096 || text.includes('"')) return null;
  const json = text
    .trim()
    .replaceAll("'", '"')
    .replace(/\bTrue\b/, 'true')
    .replace(/\bFalse\b/, 'false')
    .replace(/\(([\d\s,]*)\)/, (_, axes: string) => `[${(axes.match(/\d+/g) ?? []).map(Number).join()}]`)
    .replace(/,\s*\}$/, '}');
  try {
    const dict = JSON.parse(json) as Record<string, unknown>;
    const keys = Object.keys(dict).sort().join();
    const once = ['descr', 'fortran_order', 'shape'].every((key) => text.split(`'${key}'`).length === 2);
    if (keys !== 'descr,fortran_order,shape' || !once) return null;
    const { descr, fortran_order: fortran, shape } = dict;
    if (typeof descr !== 'string' || typeof fortran !== 'boolean' || !Array.isArray(shape)) return null;
    return { descr, fortran, shape: shape as number[] };
  } catch {
    return null;
  }
}

/** The shape and the elements in the order of rows; undefined where it was refused. */
function readNpy(file: Uint8Array): Plain | undefined {
  return outcomeInTime(file, () => {
    const header = readNpyHeader(file, who);
    if (header.fileBytes !== file.length) return undefined;
    const values: number[] = new Array(0);
    forEachElement(file, header, (value, i) => (values[i] = value));
    return { shape: header.shape, values };
  });
}

export const npy: Target = {
  filesEach: 1,
  check(decisions) {
    const file = makeFile(decisions);
    const [found, expected] = [readNpy(file), plainNpy(file)];
    // What only one of them takes is not what NumPy writes: other white space, other quotes.
    if (expected === null || found === undefined) {
      assert.ok(expected === null || !isAsNumpyWrites(file), 'it was to be read');
      assert.ok(found === undefined || !isAsNumpyWrites(file), 'it was to be refused');
      return found ? 'read' : 'refused';
    }
    assert.equal(found.shape, expected.shape);
    assert.is(found.values.length, expected.values.length);
    for (const [i, value] of found.values.entries()) assert.ok(Object.is(value, expected.values[i]!), `element ${i}`);
    return 'read';
  },
};

function isAsNumpyWrites(file: Uint8Array): boolean {
  const text = Buffer.from(file.subarray(0, 4096)).toString('latin1');
  return /\{'descr': '[^']*', 'fortran_order': (True|False), 'shape': \((\d+, ?|(\d+(, \d+)+))?\), \} *\n/.test(text);
}

/** The entries after APPNOTE.TXT, from the front: each local header, in a whole archive whose directory says the same. */
function plainZip(file: Uint8Array, names: readonly string[]): Map<string, Uint8Array> | null {
  const bytes = Buffer.from(file);
  const entries = new Map<string, Uint8Array>();
  let at = 0;
  for (const name of names) {
    if (at + 30 > bytes.length || bytes.readUInt32LE(at) !== 0x04034b50) return null;
    const [method, crc, packed, size, length] = [
      bytes.readUInt16LE(at + 8),
      bytes.readUInt32LE(at + 14),
      bytes.readUInt32LE(at + 18),
      bytes.readUInt32LE(at + 22),
      bytes.readUInt16LE(at + 26),
    ];
    const from = at + 30 + length + bytes.readUInt16LE(at + 28);
    if (from + packed > bytes.length || bytes.toString('utf8', at + 30, at + 30 + length) !== name) return null;
    try {
      const data = bytes.subarray(from, from + packed);
      const content = method === 0 ? data : method === 8 ? inflateRawSync(data, { maxOutputLength: 1 << 24 }) : null;
      if (content?.length !== size || crc32(content) !== crc) return null;
      entries.set(name, content);
    } catch {
      return null;
    }
    at = from + packed;
  }
  return entries;
}

export const npz: Target = {
  filesEach: 8,
  async check(decisions) {
    const entries: Entry[] = Array.from({ length: decisions.below(4) }, (_, i) => ({
      name: `${'xyz'[i]!}.npy`,
      content: decisions.rarely(12)
        ? new Uint8Array(1 << 18).fill(decisions.byte())
        : decisions.bytes(decisions.below(40)),
      deflated: decisions.below(2) === 0,
      ...(decisions.rarely(20) && { size: decisions.pick([0, 1, 40, 2 ** 20, 2 ** 31, 2 ** 32 - 1]) }),
      ...(decisions.rarely(20) && { crc: decisions.uint32() }),
    }));
    const isSound = entries.every(
      ({ content, size = content.length, crc = crc32(content) }) => size === content.length && crc === crc32(content),
    );
    const whole = zipFile(entries, decisions.rarely(4) ? 'a comment' : '');
    const file = decisions.below(3) === 0 ? whole : damaged(whole, decisions);
    try {
      const found = readZip(file, who);
      const contents = await Promise.all(found.map((entry) => entry.read()));
      assert.ok(file !== whole || isSound, 'it was to be refused');
      const plain = plainZip(
        file,
        found.map(({ name }) => name),
      );
      for (const [i, { name, size }] of found.entries()) {
        assert.is(contents[i]!.length, size);
        assert.ok(same(contents[i]!.subarray(0, 5), await found[i]!.head(5)), 'another head');
        // Where the local headers say something else, the directory's checksum alone decides.
        if (plain?.has(name) && found.length === entries.length)
          assert.ok(same(contents[i]!, plain.get(name)!), 'another content');
      }
      return 'read';
    } catch (error) {
      checkRefusal(error);
      assert.ok(file !== whole || !isSound, `it was to be read: ${(error as Error).message}`);
      return 'refused';
    }
  },
};
