// Encoded pictures → pixels of one size, where a data set's files do not hold pixels.
import { decodeImage } from '../../images/decode.js';
import { imageToInput } from '../../images/imageInput.js';
import type { Picture } from '../../images/picture.js';
import { pixelsFor } from './layout.js';

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
export async function inputsOf(files: readonly PictureFile[], where: string): Promise<Inputs> {
  const decode = async (file: PictureFile): Promise<Picture> => decodeImage(await file.read(), { who: file.who });
  const step = Math.max(1, files.length / LOOKED_AT);
  const some: Pick<Picture, 'height' | 'width' | 'channels'>[] = [];
  for (let i = 0; i < files.length; i += step) {
    const { height, width, channels } = await decode(files[Math.floor(i)]!);
    some.push({ height, width, channels });
  }
  const { size, isShared } = sizeOf(some);
  const colorMode = some.every(({ channels }) => channels === 1) ? 'grayscale' : 'rgb';
  const shape = [...size, colorMode === 'rgb' ? 3 : 1] as const;
  const data = pixelsFor(files.length, shape, where);
  const each = shape[0] * shape[1] * shape[2];
  let resized = 0;
  for (const [i, file] of files.entries()) {
    const picture = await decode(file);
    if (picture.height !== size[0] || picture.width !== size[1]) resized++;
    data.set(imageToInput(picture, { imageSize: size, colorMode }), i * each);
  }
  const what = !isShared
    ? 'pictures of many sizes'
    : resized === 1
      ? '1 picture of another size'
      : `${resized} pictures of other sizes`;
  return { data, shape, notes: resized > 0 ? [`${what} scaled to ${size[0]} × ${size[1]}`] : [] };
}

function sizeOf(pictures: readonly Pick<Picture, 'height' | 'width'>[]): {
  readonly size: readonly [number, number];
  readonly isShared: boolean;
} {
  const counts = new Map<string, { readonly size: readonly [number, number]; count: number }>();
  for (const { height, width } of pictures) {
    const known = counts.get(`${height} ${width}`) ?? { size: [height, width] as const, count: 0 };
    known.count++;
    counts.set(`${height} ${width}`, known);
  }
  const [most] = [...counts.values()].sort((a, b) => b.count - a.count);
  if (2 * most!.count >= pictures.length) return { size: most!.size, isShared: true };
  const median = (sides: number[]): number => Math.min(LARGEST, sides.sort((a, b) => a - b)[sides.length >> 1]!);
  const size = [median(pictures.map(({ height }) => height)), median(pictures.map(({ width }) => width))] as const;
  return { size, isShared: false };
}
