// Zip archives (.npz, .keras). Read: the directory, and its entries, inflated within the sizes that the directory says and checked against
// its CRC-32. Written: stored, without dates.  Format: APPNOTE.TXT of PKWARE, 4.3.7 to 4.3.16
import { check, printable } from '../../base/errors.js';
import type { OwnBytes } from '../../base/hostTypes.js';
import { decodeUtf8 } from '../../base/decodeUtf8.js';
import { crc32 } from '../checksum.js';
import { packStored } from '../codecs/pack.js';

export interface ZipEntry {
  readonly name: string;
  /** Bytes of its content. */
  readonly size: number;
  /** The first bytes of its content, at most so many. */
  head(length: number): Promise<Uint8Array>;
  /** All of it; what is longer or shorter than `size`, or has another CRC-32, is refused. */
  read(): Promise<Uint8Array>;
}

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const [STORED, DEFLATED] = [0, 8];
/** The end of the directory, and the longest comment behind it. */
const [END_BYTES, MOST_COMMENT] = [22, 65535];
/** A field whose value stands elsewhere, in 64 bits. */
const ZIP64 = 0xffffffff;
/** Deflate makes at most 258 bytes of 2 bits. */
const BEST_RATIO = 1032;
const MOST_ENTRIES = 4096;
/** An absolute name, one of a drive, or one that goes up; either slash separates. */
const UNSAFE = /^[/\\]|^[a-z]:|(^|[/\\])\.\.([/\\]|$)|\0/i;

/** What a zip archive begins with: an entry, or the end of an empty directory. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);
}

/** The entries in the directory's order. `where` names the archive in errors. */
export function readZip(bytes: Uint8Array, where: string): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = endOf(view);
  check(end !== null, `${where}: is no whole zip archive, its directory is missing; fetch the file again`);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  check(
    view.getUint16(end + 4, true) === 0 && count <= MOST_ENTRIES && at !== ZIP64,
    `${where}: is a zip archive of several volumes, of more than ${MOST_ENTRIES} files or of more than 4 GiB; save it as smaller files`,
  );
  const entries = new Map<string, ZipEntry>();
  let packed = 0;
  for (let i = 0; i < count; i++) {
    check(
      at + 46 <= end && view.getUint32(at, true) === ENTRY,
      `${where}: entry ${i} of the zip archive's directory is damaged; fetch the file again`,
    );
    const nameLength = view.getUint16(at + 28, true);
    const next = at + 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    check(next <= end, `${where}: entry ${i} of the zip archive's directory is damaged; fetch the file again`);
    const name = decodeUtf8(bytes.subarray(at + 46, at + 46 + nameLength));
    check(name !== null, `${where}: the name of entry ${i} is no text in UTF-8; save it again`);
    const whose = `${where}: ${printable(name).slice(0, 100)}`;
    check(
      !UNSAFE.test(name),
      () => `${whose} names a place outside the zip archive; do not trust this file, and take it from another source`,
    );
    check(!entries.has(name), () => `${whose} is in the zip archive twice; save it again`);
    packed += view.getUint32(at + 20, true);
    entries.set(name, entryAt(bytes, view, at, name, whose));
    at = next;
  }
  check(
    packed <= bytes.length,
    `${where}: the entries of the zip archive lie in one another: ${packed} bytes in a file of ${bytes.length}; fetch the file again`,
  );
  return [...entries.values()];
}

/** The archive of these contents in this order: stored, as Keras writes it, and the same bytes for the same contents. */
export function writeZip(contents: ReadonlyMap<string, Uint8Array>): OwnBytes {
  return packStored(Object.fromEntries(contents)) as OwnBytes;
}

/** Position of the end of the directory, which has a comment of some length behind it. */
function endOf(view: DataView): number | null {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - MOST_COMMENT); at--)
    if (view.getUint32(at, true) === END && view.getUint16(at + 20, true) === last - at) return at;
  return null;
}

function entryAt(bytes: Uint8Array, view: DataView, at: number, name: string, where: string): ZipEntry {
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
  const [crc, packed, size, start] = [16, 20, 24, 42].map((field) => view.getUint32(at + field, true)) as [
    number,
    number,
    number,
    number,
  ];
  const again = 'fetch the file again';
  const packedBytes = (): Uint8Array => {
    check((flags & 1) === 0, `${where} is encrypted; save it without a password`);
    check(
      method === STORED || method === DEFLATED,
      `${where} is compressed by method ${method}; save it stored or deflated`,
    );
    check(
      [packed, size, start].every((field) => field !== ZIP64),
      `${where} is larger than 4 GiB; save it as smaller files`,
    );
    check(
      start + 30 <= bytes.length && view.getUint32(start, true) === LOCAL,
      `${where} is not where the directory says; ${again}`,
    );
    const from = start + 30 + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
    check(from + packed <= bytes.length, `${where} breaks off before its end; ${again}`);
    check(
      method === STORED ? size === packed : size <= packed * BEST_RATIO,
      `${where} cannot be ${size} bytes long, as the directory says; ${again}`,
    );
    return bytes.subarray(from, from + packed);
  };
  return {
    name,
    size,
    head: async (length) => unpack(packedBytes(), method, Math.min(length, size), true, where),
    async read() {
      const content = await unpack(packedBytes(), method, size, false, where);
      check(crc32(content) === crc, `${where} does not have its CRC-32; ${again}`);
      return content;
    },
  };
}

/** Ends the inflating of what is long enough. */
const enough = Symbol();

/** The first `size` bytes; all there are, unless `isHead`. */
async function unpack(
  packed: Uint8Array,
  method: number,
  size: number,
  isHead: boolean,
  where: string,
): Promise<Uint8Array> {
  if (method === STORED) return packed.subarray(0, size);
  const { inflate } = await import('../codecs/inflate.js');
  const content = new Uint8Array(size);
  let found = 0;
  try {
    inflate(packed, (piece) => {
      content.set(piece.subarray(0, size - found), found);
      found += piece.length;
      if (found > size || (isHead && found === size)) throw enough;
    });
  } catch (error) {
    check(error === enough, () => `${where} is damaged (${(error as Error).message}); fetch the file again`);
  }
  check(
    found === size || (isHead && found > size),
    () =>
      `${where} is ${found > size ? 'longer' : 'shorter'} than the ${size} bytes that the directory says; fetch the file again`,
  );
  return content;
}
