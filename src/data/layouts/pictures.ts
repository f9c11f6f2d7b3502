// Encoded pictures → pixels of one size, where a data set's files do not hold pixels.
import { check, WasmCnnError } from '../../base/errors.js';
import { sizeOf } from '../../base/shape.js';
import { formatCount } from '../../base/table.js';
import type { PictureHeader } from '../../images/form.js';
import { readHeader } from '../../images/header.js';
import { COLOR_MODES, imageInput } from '../../images/imageInput.js';
import {
  eachOf,
  namingSkipBroken,
  orSkipBroken,
  plainReader,
  sift,
  type PictureFile,
} from '../imageFolder/pictureReader.js';
import { pixelsFor, type DataFolder, type ReadOptions } from './layout.js';

export interface Inputs {
  readonly data: Uint8Array;
  /** [height, width, channels]. */
  readonly shape: readonly [number, number, number];
  /** What was done to the pictures. */
  readonly notes: readonly string[];
  /** The numbers of the pictures that `data` holds: all but those left out with skipBroken. */
  readonly sound: ReadonlySet<number>;
  /** A sentence for each of the others. */
  readonly skipped: readonly string[];
}

/** So many pictures, spread over all, are looked at first: for the size and the colors that most of them have. */
const LOOKED_AT = 256;
/** So many of them at once. */
const AT_ONCE = 16;
/** Largest side that pictures of different sizes are scaled to. */
const LARGEST = 128;
/** What stands before the pixels is mostly shorter than the first; of a photograph, with a small picture of it, than the second. */
const HEAD_BYTES = [1 << 14, 1 << 17];

/**
 * All of one size and as many channels: the size that at least half of those looked at have, else the medians of their heights and widths, at most 128.
 * Gray where all looked at are gray, RGB on white otherwise.
 */
export async function inputsOf(
  files: readonly PictureFile[],
  { where, path }: Pick<DataFolder, 'where' | 'path'>,
  options: ReadOptions = {},
): Promise<Inputs> {
  const { headers, shared, median, isGray } = await lookAt(files, options.skipBroken);
  const size = options.imageSize ?? shared ?? median;
  const colorMode = options.colorMode ?? (isGray ? 'grayscale' : 'rgb');
  const shape = [...size, COLOR_MODES[colorMode]] as const;
  const { pictures = plainReader() } = options;
  const opened = await pictures.open(files, imageInput({ ...options.input, imageSize: size, colorMode }), path);
  const sifted = options.skipBroken ? await sift(files.length, opened, sizeOf(shape)) : null;
  const sound = sifted?.sound ?? [...files.keys()];
  const skipped = (sifted?.skipped ?? []).map(({ reason }) => reason);
  check(
    sound.length > 0,
    () => `${where}: none of its ${files.length} pictures can be read; the first says: ${skipped[0]}`,
  );
  const data = pixelsFor(sound.length, shape, where);
  await (sifted?.pictures ?? namingSkipBroken(opened)).read(sound, data);
  const others = headers.filter(({ height, width }) => height !== size[0] || width !== size[1]).length;
  // Larger sets are told by a part of them.
  const count = headers.length === files.length ? `${others} ` : '';
  const what =
    shared === null
      ? 'pictures of many sizes'
      : count === '1 '
        ? '1 picture of another size'
        : `${count}pictures of other sizes`;
  const notes = others > 0 ? [`${what} scaled to ${size[0]} × ${size[1]}`] : [];
  return { data, shape, notes: [...notes, ...leftOut(skipped.length, 'picture')], sound: new Set(sound), skipped };
}

/** What a data set's line says of what skipBroken left out. */
export function leftOut(count: number, what: 'picture' | 'row'): string[] {
  return count > 0 ? [`${formatCount(count)} broken ${what}${count > 1 ? 's' : ''} left out`] : [];
}

/** The sound ones of `count` pictures from number `start` on, of the file `where`, numbered anew. */
export function ownOf({ sound, skipped }: Inputs, start: number, count: number, where: string): number[] {
  const own = [...Array(count).keys()].filter((i) => sound.has(start + i));
  check(
    own.length > 0 || count === 0,
    () => `${where}: none of its ${count} pictures can be read; one of the sentences is: ${skipped[0]}`,
  );
  return own;
}

type Size = readonly [height: number, width: number];

/** What some of the pictures, spread over all, are like, by their headers. `skipBroken`: whether those without one are passed over. */
export async function lookAt(
  files: readonly PictureFile[],
  skipBroken = false,
): Promise<{
  readonly headers: readonly PictureHeader[];
  /** The size that at least half of them have, if any. */
  readonly shared: Size | null;
  /** The medians of their heights and widths, at most 128. */
  readonly median: Size;
  readonly isGray: boolean;
}> {
  const step = Math.max(1, files.length / LOOKED_AT);
  const some: PictureFile[] = [];
  for (let i = 0; i < files.length; i += step) some.push(files[Math.floor(i)]!);
  const found: (PictureHeader | null)[] = [];
  await eachOf(some.length, AT_ONCE, async (i) => {
    try {
      found[i] = await headerOf(some[i]!);
    } catch (error) {
      if (!skipBroken) throw orSkipBroken(error);
      if (!(error instanceof WasmCnnError)) throw error;
      found[i] = null;
    }
  });
  const headers = found.filter((header) => header !== null);
  const counts = new Map<string, { readonly size: Size; count: number }>();
  for (const { height, width } of headers) {
    const known = counts.get(`${height} ${width}`) ?? { size: [height, width] as const, count: 0 };
    known.count++;
    counts.set(`${height} ${width}`, known);
  }
  const [most] = [...counts.values()].sort((a, b) => b.count - a.count);
  const median = (sides: number[]): number =>
    Math.min(LARGEST, sides.sort((a, b) => a - b)[sides.length >> 1] ?? LARGEST);
  return {
    headers,
    shared: most && 2 * most.count >= headers.length ? most.size : null,
    median: [median(headers.map(({ height }) => height)), median(headers.map(({ width }) => width))],
    isGray: headers.length > 0 && headers.every(({ isGray }) => isGray),
  };
}

async function headerOf(file: PictureFile): Promise<PictureHeader> {
  const { who } = file;
  for (const length of file.head ? HEAD_BYTES : []) {
    const start = await file.head!(length);
    if (start.length < length) return readHeader(start, who);
    try {
      return await readHeader(start, who);
    } catch {
      // More of the file is needed, or it is broken.
    }
  }
  return readHeader(await file.read(), who);
}
