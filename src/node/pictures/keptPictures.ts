// Pictures whose pixels are kept on the disk: each is decoded once, and read from a file of pixels from then on.
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { kindOf } from '../../base/options.js';
import { warnOnce } from '../../base/warnings.js';
import {
  eachOf,
  type OpenPictures,
  type PictureDecoder,
  type PictureFile,
} from '../../data/imageFolder/pictureReader.js';
import { DECODERS } from '../../images/decode.js';
import { COLOR_MODES, type ImageInput } from '../../images/imageInput.js';
import { makeFolder, reasonOf, temporaryName } from '../files/files.js';
import { makeRoom, namesIn, remove } from './cacheFolder.js';
import { GrowingSegment, openSegment, readRows, type Row, type Segment, type Stamp } from './segment.js';

export interface KeptPicturesOptions {
  readonly files: readonly PictureFile[];
  readonly input: ImageInput;
  /** Folder of the pictures. */
  readonly folder: string;
  readonly cacheFolder: string;
  /** All sets in that folder take no more; of a larger set no pixels are kept. */
  readonly mostBytes: number;
  readonly decoder: PictureDecoder;
}

/** A segment ends at so many bytes: no more is lost with a process that is killed. */
const SEGMENT_BYTES = 1 << 27;
/** Files are read, and stamps asked for, so many at once. */
const AT_ONCE = 16;
/** Rows that lie one behind the other are read in one call, up to so many, and so many calls are made at once. */
const RUN_ROWS = 64;
const RUNS_AT_ONCE = 4;

/** A row that can be read, and the segment that it is in, if that is finished. */
interface KeptRow extends Row {
  readonly file: number;
  readonly segment: Segment | null;
}

/** A row, and the place among the pictures asked for that it belongs to. */
interface Wanted {
  readonly row: KeptRow;
  readonly place: number;
  readonly pixels: Uint8Array;
}

/** Sets of which some is in no finished segment. */
const unfinished = new Set<KeptPictures>();
let isListening = false;

const closing = new FinalizationRegistry((files: readonly number[]) => files.forEach((file) => closeSync(file)));

export class KeptPictures implements OpenPictures {
  readonly atOnce: number;
  readonly areKept: boolean;
  readonly #options: KeptPicturesOptions;
  readonly #key: string;
  readonly #rowBytes: number;
  /** Keys are the SHA-256 of the pictures' files. */
  readonly #rows = new Map<string, KeptRow>();
  /** SHA-256 of each file, where it is known. */
  readonly #sha256s: string[] = [];
  /** What the system said of each file before it was read. */
  readonly #stamps: (string | null)[] = [];
  /** Stamps that no segment has. */
  #news: Stamp[] = [];
  readonly #seen = new Set<number>();
  readonly #used = new Set<Segment>();
  readonly #descriptors: number[] = [];
  #growing: GrowingSegment | null = null;
  #isStopped = false;

  static async open(options: KeptPicturesOptions): Promise<KeptPictures> {
    const pictures = new KeptPictures(options);
    await pictures.#find();
    return pictures;
  }

  private constructor(options: KeptPicturesOptions) {
    const { files, input, folder, mostBytes, decoder } = options;
    const [height, width] = input.imageSize;
    this.#options = options;
    this.#rowBytes = height * width * COLOR_MODES[input.colorMode];
    this.#key = sha256Of(JSON.stringify([DECODERS, folder, input])).slice(0, 32);
    this.areKept = files.length * this.#rowBytes <= mostBytes;
    this.atOnce = Math.max(AT_ONCE, decoder.atOnce);
    closing.register(this, this.#descriptors);
  }

  /** What was kept before. */
  async #find(): Promise<void> {
    const { cacheFolder, files } = this.#options;
    /** Several segments may know a file, as it was at several times. */
    const known = new Map<string, string>();
    const keyOf = (path: string, stamp: string): string => `${stamp} ${path}`;
    for (const name of namesIn(cacheFolder, this.#key)) {
      const segment = this.#open(join(cacheFolder, name));
      if (!segment) continue;
      this.#descriptors.push(segment.file);
      for (const [sha256, row] of segment.rows) this.#rows.set(sha256, { ...row, file: segment.file, segment });
      for (const [path, stamp, sha256] of segment.stamps) known.set(keyOf(path, stamp), sha256);
    }
    await eachOf(files.length, AT_ONCE, async (i) => {
      const file = files[i]!;
      // Why a file cannot be read is told where it is read.
      const stamp = (this.#stamps[i] = (await file.stamp?.().catch(() => null)) ?? null);
      const sha256 = stamp === null ? undefined : known.get(keyOf(file.path!, stamp));
      if (sha256 !== undefined) this.#sha256s[i] = sha256;
    });
    await makeFolder(cacheFolder).catch((error: unknown) => this.#stop(error));
  }

  #open(path: string): Segment | null {
    try {
      const segment = openSegment(path, this.#rowBytes);
      if (!segment) remove(path);
      return segment;
    } catch {
      // Another process may have removed it.
      return null;
    }
  }

  async read(numbers: readonly number[], into: Uint8Array | Float32Array, at = 0): Promise<void> {
    const end = at + numbers.length * this.#rowBytes;
    const isBytes = kindOf(into) === 'Uint8Array';
    const room = isBytes ? (into as Uint8Array).subarray(at, end) : new Uint8Array(end - at);
    const pixelsAt = (place: number): Uint8Array => room.subarray(place * this.#rowBytes, (place + 1) * this.#rowBytes);
    const done = await this.#readKept(numbers, pixelsAt);
    const left = [...numbers.keys()].filter((place) => !done.has(place));
    await eachOf(left.length, this.atOnce, (i) => this.#readFile(numbers[left[i]!]!, pixelsAt(left[i]!)));
    if (!isBytes) into.set(room, at);
    for (const number of numbers) this.#seen.add(number);
    if (this.#seen.size === this.#options.files.length) this.finish();
  }

  async sha256(number: number): Promise<string> {
    if (this.#sha256s[number] === undefined) await this.#load(number);
    return this.#sha256s[number]!;
  }

  /** The file's bytes; takes down what they are. */
  async #load(number: number): Promise<Uint8Array> {
    const file = this.#options.files[number]!;
    const bytes = await file.read();
    const sha256 = sha256Of(bytes);
    const stamp = this.#stamps[number]!;
    if (this.#sha256s[number] !== sha256 && stamp !== null && !this.#isStopped) {
      this.#news.push([file.path!, stamp, sha256]);
      this.#remember();
    }
    this.#sha256s[number] = sha256;
    return bytes;
  }

  /** Reads what was kept, and is whole: the places in `numbers` of that. */
  async #readKept(numbers: readonly number[], pixelsAt: (place: number) => Uint8Array): Promise<Set<number>> {
    const done = new Set<number>();
    const wanted = [...numbers.entries()].flatMap(([place, number]): Wanted[] => {
      const row = this.#rows.get(this.#sha256s[number] ?? '');
      return row ? [{ row, place, pixels: pixelsAt(place) }] : [];
    });
    const runs = runsOf(wanted, this.#rowBytes);
    await eachOf(runs.length, RUNS_AT_ONCE, async (i) => {
      const run = runs[i]!;
      const { file, segment } = run[0]!.row;
      const areWhole = await readRows(file, run).catch(() => []);
      for (const [j, { place }] of run.entries()) if (areWhole[j]) done.add(place);
      if (!run.every(({ place }) => done.has(place))) this.#forget(file, segment);
      else if (segment && !this.#used.has(segment)) this.#use(segment);
    });
    return done;
  }

  /** It has changed on the disk. */
  #forget(file: number, segment: Segment | null): void {
    for (const [each, row] of this.#rows) if (row.file === file) this.#rows.delete(each);
    if (segment) remove(segment.path);
  }

  /** Decodes a picture, or reads it where its file turns out to be known. */
  async #readFile(number: number, pixels: Uint8Array): Promise<void> {
    const { files, decoder, input } = this.#options;
    const isNew = this.#sha256s[number] === undefined;
    const bytes = await this.#load(number);
    if (isNew && (await this.#readKept([number], () => pixels)).size > 0) return;
    const decoded = await decoder.decode(bytes, files[number]!.who, input);
    pixels.set(decoded);
    await this.#keep(this.#sha256s[number]!, decoded);
  }

  /** What was used last is removed last. */
  #use(segment: Segment): void {
    this.#used.add(segment);
    try {
      utimesSync(segment.path, new Date(), new Date());
    } catch {
      // A folder to read from only; or another process has removed it.
    }
  }

  async #keep(sha256: string, pixels: Uint8Array): Promise<void> {
    if (!this.areKept || this.#isStopped || this.#rows.has(sha256)) return;
    try {
      const growing = (this.#growing ??= this.#begin());
      const row = await growing.add(sha256, pixels);
      this.#rows.set(sha256, { ...row, file: growing.file, segment: null });
      if (growing.bytes >= SEGMENT_BYTES && this.#growing === growing) this.#growing = null;
      if (this.#growing !== growing && growing.isQuiet) this.#finish(growing);
    } catch (error) {
      this.#stop(error);
    }
  }

  #begin(): GrowingSegment {
    const path = join(this.#options.cacheFolder, `${this.#key}-${randomBytes(4).toString('hex')}.pixels`);
    const growing = new GrowingSegment(path, temporaryName(path), this.#rowBytes);
    this.#descriptors.push(growing.file);
    this.#remember();
    return growing;
  }

  /** Finishes what has begun, at the latest when the process ends. */
  #remember(): void {
    unfinished.add(this);
    if (!isListening) process.on('exit', () => unfinished.forEach((pictures) => pictures.finish()));
    isListening = true;
  }

  finish(): void {
    try {
      if (this.#isStopped) return;
      const growing = this.#growing ?? (this.#news.length > 0 ? this.#begin() : null);
      this.#growing = null;
      if (growing) this.#finish(growing);
    } catch (error) {
      this.#stop(error);
    } finally {
      unfinished.delete(this);
    }
  }

  #finish(growing: GrowingSegment): void {
    const { cacheFolder, mostBytes } = this.#options;
    growing.stamps.push(...this.#news);
    this.#news = [];
    growing.finish();
    makeRoom(cacheFolder, mostBytes);
  }

  /** Pictures are decoded each time from now on. */
  #stop(error: unknown): void {
    const { cacheFolder } = this.#options;
    if (this.#growing) {
      const { file, temporary } = this.#growing;
      for (const [sha256, row] of this.#rows) if (row.file === file) this.#rows.delete(sha256);
      remove(temporary);
    }
    this.#growing = null;
    this.#isStopped = true;
    unfinished.delete(this);
    warnOnce(
      `pictures are decoded again at the next start, as their pixels cannot be kept in ${cacheFolder}: ${reasonOf(error, 'write', cacheFolder)}`,
    );
  }
}

function sha256Of(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Runs in the order of their positions. */
function runsOf(wanted: readonly Wanted[], rowBytes: number): Wanted[][] {
  const sorted = [...wanted].sort((a, b) => a.row.file - b.row.file || a.row.at - b.row.at);
  const runs: Wanted[][] = [];
  for (const each of sorted) {
    const run = runs.at(-1);
    const last = run?.at(-1)?.row;
    const follows = last?.file === each.row.file && last.at + rowBytes === each.row.at;
    if (run && follows && run.length < RUN_ROWS) run.push(each);
    else runs.push([each]);
  }
  return runs;
}
