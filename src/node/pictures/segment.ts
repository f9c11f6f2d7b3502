// A file of decoded pictures in the cache:
//
//   rows    pixels [height, width, channels] of a picture, one row each
//   index   JSON: which picture is in which row, and which file was which picture
//   end     16 bytes of magic, the index's length and its CRC-32
//
// The index comes last, so that rows can be written as they come; a file without it is worth nothing, and has another name until then.
import {
  closeSync,
  fstatSync,
  openSync,
  readSync,
  readv as readvCallback,
  renameSync,
  write as writeCallback,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { isRecord } from '../../base/options.js';
import { crc32 as ownCrc32 } from '../../formats/checksum.js';
import { writeAt } from '../files/files.js';

const MAGIC = Buffer.from('wasm-cnn pixels1', 'latin1');
const END_BYTES = MAGIC.length + 8;
/** Enough for a million pictures. */
const MOST_INDEX_BYTES = 1 << 29;

const readv = promisify(readvCallback);
const write = promisify(writeCallback);
/** Node has one since 20.15. */
const crc32: (bytes: Uint8Array) => number = zlib.crc32 ?? ownCrc32;

/** A file's name from the folder of the pictures on, what the system said of it, and its content. */
export type Stamp = readonly [path: string, stamp: string, sha256: string];

export interface Row {
  readonly at: number;
  readonly crc: number;
}

interface Index {
  readonly rowBytes: number;
  readonly rows: readonly (readonly [sha256: string, row: number, crc: number])[];
  readonly stamps: readonly Stamp[];
}

/** A finished one. */
export interface Segment {
  readonly path: string;
  readonly file: number;
  /** Keys are the SHA-256 of the pictures' files. */
  readonly rows: ReadonlyMap<string, Row>;
  readonly stamps: readonly Stamp[];
}

/** Null where the file is not whole, or of another program; throws the system's errors. */
export function openSegment(path: string, rowBytes: number): Segment | null {
  const file = openSync(path, 'r');
  let segment: Segment | null = null;
  try {
    const index = readIndex(file);
    if (index?.rowBytes !== rowBytes) return null;
    const rows = index.rows.map(([sha256, row, crc]) => [sha256, { at: row * rowBytes, crc }] as const);
    segment = { path, file, rows: new Map(rows), stamps: index.stamps };
    return segment;
  } finally {
    if (!segment) closeSync(file);
  }
}

function readIndex(file: number): Index | null {
  const { size } = fstatSync(file);
  if (size < END_BYTES) return null;
  const end = readExactly(file, END_BYTES, size - END_BYTES);
  const length = end.readUInt32LE(MAGIC.length);
  if (!end.subarray(0, MAGIC.length).equals(MAGIC) || length > size - END_BYTES || length > MOST_INDEX_BYTES)
    return null;
  const text = readExactly(file, length, size - END_BYTES - length);
  if (crc32(text) !== end.readUInt32LE(MAGIC.length + 4)) return null;
  const index: unknown = JSON.parse(text.toString());
  return isRecord(index) ? (index as unknown as Index) : null;
}

function readExactly(file: number, length: number, at: number): Buffer {
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, at);
  return bytes;
}

/** Rows that lie one behind the other, each with the room that it fills. Says of each whether it is what was written. */
export async function readRows(
  file: number,
  rows: readonly { readonly row: Row; readonly pixels: Uint8Array }[],
): Promise<boolean[]> {
  const { bytesRead } = await readv(
    file,
    rows.map(({ pixels }) => pixels),
    rows[0]!.row.at,
  );
  let end = 0;
  return rows.map(({ row, pixels }) => (end += pixels.length) <= bytesRead && crc32(pixels) === row.crc);
}

/** One that is being written. */
export class GrowingSegment {
  readonly path: string;
  /** Its name until it is finished. */
  readonly temporary: string;
  readonly file: number;
  readonly stamps: Stamp[] = [];
  readonly #rows = new Map<string, Row>();
  readonly #rowBytes: number;
  #begun = 0;
  #writing = 0;

  constructor(path: string, temporary: string, rowBytes: number) {
    this.path = path;
    this.temporary = temporary;
    this.file = openSync(temporary, 'wx+', 0o600);
    this.#rowBytes = rowBytes;
  }

  get bytes(): number {
    return this.#begun * this.#rowBytes;
  }

  /** Whether no row is being written. */
  get isQuiet(): boolean {
    return this.#writing === 0;
  }

  async add(sha256: string, pixels: Uint8Array): Promise<Row> {
    const row = { at: this.bytes, crc: crc32(pixels) };
    this.#begun++;
    this.#writing++;
    try {
      await writeAt({ write: (...place) => write(this.file, ...place) }, pixels, row.at);
    } finally {
      this.#writing--;
    }
    this.#rows.set(sha256, row);
    return row;
  }

  /** Writes the index, and gives the file its name. A row that is still being written is left out. */
  finish(): void {
    const index: Index = {
      rowBytes: this.#rowBytes,
      rows: [...this.#rows].map(([sha256, { at, crc }]) => [sha256, at / this.#rowBytes, crc]),
      stamps: this.stamps,
    };
    const text = Buffer.from(JSON.stringify(index));
    const end = Buffer.alloc(END_BYTES);
    MAGIC.copy(end);
    end.writeUInt32LE(text.length, MAGIC.length);
    end.writeUInt32LE(crc32(text), MAGIC.length + 4);
    const bytes = Buffer.concat([text, end]);
    for (let done = 0; done < bytes.length;)
      done += writeSync(this.file, bytes, done, bytes.length - done, this.bytes + done);
    renameSync(this.temporary, this.path);
  }
}
