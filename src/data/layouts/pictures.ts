// Encoded pictures → pixels of one size, where a data set's files do not hold pixels.
import { decodeImage } from '../../images/decode.js';
import { COLOR_MODES, imageToInput } from '../../images/imageInput.js';
import type { Picture } from '../../images/picture.js';
import { pixelsFor, type ReadOptions } from './layout.js';

export interface PictureFile {
  /** What errors call it. */
  readonly who: string;
  read(): Promise<Uint8Array>;
}

export interface Inputs {
  readonly data: Uint8Array;
  /** [height, width, channels]. */
  readonly shape: readonly [number, number, number];
  /** What was done to the pictures. */
  readonly notes: readonly string[];
}

/** So many pictures, spread over all, are looked at first: for the size and the colours that most of them have. */
const LOOKED_AT = 256;
/** Where each picture has a size of its own, they become no larger than this. */
const LARGEST = 128;

/**
 * All of one size and as many channels: the size that at least half of those looked at have, else the medians of their heights and widths, at most 128.
 * Grey where all looked at are grey, RGB on white otherwise.
 */
export async function inputsOf(
  files: readonly PictureFile[],
  where: string,
  options: ReadOptions = {},
): Promise<Inputs> {
  const { shared, median, isGray } = await lookAt(files);
  const size = options.imageSize ?? shared ?? median;
  const colorMode = options.colorMode ?? (isGray ? 'grayscale' : 'rgb');
  const shape = [...size, COLOR_MODES[colorMode]] as const;
  const data = pixelsFor(files.length, shape, where);
  const each = shape[0] * shape[1] * shape[2];
  let resized = 0;
  for (const [i, file] of files.entries()) {
    const picture = await decodeFile(file);
    if (picture.height !== size[0] || picture.width !== size[1]) resized++;
    data.set(imageToInput(picture, { imageSize: size, colorMode }), i * each);
  }
  const what =
    shared === null
      ? 'pictures of many sizes'
      : resized === 1
        ? '1 picture of another size'
        : `${resized} pictures of other sizes`;
  return { data, shape, notes: resized > 0 ? [`${what} scaled to ${size[0]} × ${size[1]}`] : [] };
}

export async function decodeFile(file: PictureFile): Promise<Picture> {
  return decodeImage(await file.read(), { who: file.who });
}

type Size = readonly [height: number, width: number];

/** What some of the pictures, spread over all, are like. */
export async function lookAt(files: readonly PictureFile[]): Promise<{
  /** The size that at least half of them have, if any. */
  readonly shared: Size | null;
  /** The medians of their heights and widths, at most 128. */
  readonly median: Size;
  readonly isGray: boolean;
}> {
  const step = Math.max(1, files.length / LOOKED_AT);
  const some: Pick<Picture, 'height' | 'width' | 'channels'>[] = [];
  for (let i = 0; i < files.length; i += step) {
    const { height, width, channels } = await decodeFile(files[Math.floor(i)]!);
    some.push({ height, width, channels });
  }
  const counts = new Map<string, { readonly size: Size; count: number }>();
  for (const { height, width } of some) {
    const known = counts.get(`${height} ${width}`) ?? { size: [height, width] as const, count: 0 };
    known.count++;
    counts.set(`${height} ${width}`, known);
  }
  const [most] = [...counts.values()].sort((a, b) => b.count - a.count);
  const median = (sides: number[]): number => Math.min(LARGEST, sides.sort((a, b) => a - b)[sides.length >> 1]!);
  return {
    shared: 2 * most!.count >= some.length ? most!.size : null,
    median: [median(some.map(({ height }) => height)), median(some.map(({ width }) => width))],
    isGray: some.every(({ channels }) => channels === 1),
  };
}
