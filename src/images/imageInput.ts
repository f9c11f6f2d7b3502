// A picture → the input of a network: colors, a background, an aspect ratio and a size. All in integers, so that every host gets the same.
import { check } from '../base/errors.js';
import type { OwnBytes } from '../base/hostTypes.js';
import { checkBoolean, checkOptions, describe, isRecord, kindOf } from '../base/options.js';
import { fromRgba, isPackable, lumaOf, over, type Picture } from './picture.js';
import { resample, type Source } from './resample.js';
import { tapsOf, type Interpolation, type Span } from './taps.js';

/** How a picture becomes an input [height, width, channels]; a model file holds it as it stands. */
export interface ImageInput {
  readonly imageSize: readonly [height: number, width: number];
  readonly colorMode: 'grayscale' | 'rgb' | 'rgba';
  readonly interpolation: Interpolation;
  /** Whether the filter of bilinear and bicubic widens where a picture shrinks, as in Pillow; nearest has none, and area always does. */
  readonly antialias: boolean;
  /** What happens to a picture of other proportions: it is distorted, cut to them in the middle, or laid in the middle of `background`. */
  readonly aspectRatio: 'stretch' | 'crop' | 'pad';
  /** Under transparent pixels (but in 'rgba'), and around a padded picture. */
  readonly background: readonly [red: number, green: number, blue: number];
}

/** Default: rgb, bilinear, antialias, stretch, and white. */
export type ImageInputOptions = Partial<ImageInput> & Pick<ImageInput, 'imageSize'>;

const INTERPOLATIONS = ['nearest', 'bilinear', 'bicubic', 'area'] as const;
/** Channels by color mode. */
export const COLOR_MODES = { grayscale: 1, rgb: 3, rgba: 4 } as const;
const ASPECT_RATIOS = ['stretch', 'crop', 'pad'] as const;
const NAMES = ['imageSize', 'colorMode', 'interpolation', 'antialias', 'aspectRatio', 'background'];
const MAX_SIDE = 16384;

/** The color mode with so many channels, if there is one. */
export function colorModeOf(channels: number | undefined): ImageInput['colorMode'] | undefined {
  return (Object.keys(COLOR_MODES) as ImageInput['colorMode'][]).find((mode) => COLOR_MODES[mode] === channels);
}

/**
 * Checks options, and fills defaults in. `who` begins errors.
 *
 * @example
 * ```js
 * import { imageInput } from 'wasm-cnn/images';
 *
 * imageInput({ imageSize: [96, 96] }); // { imageSize: [96, 96], colorMode: 'rgb' }
 * ```
 */
export function imageInput(options: ImageInputOptions, who = 'imageInput'): ImageInput {
  checkOptions(options, NAMES, who);
  const {
    imageSize,
    colorMode = 'rgb',
    interpolation = 'bilinear',
    antialias = true,
    aspectRatio = 'stretch',
    background = [255, 255, 255],
  } = options;
  const isWhole = (value: unknown, least: number, most: number): boolean =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
  check(
    Array.isArray(imageSize) && imageSize.length === 2 && imageSize.every((side) => isWhole(side, 1, MAX_SIDE)),
    () => `${who}: imageSize must be [height, width], whole numbers of 1 to ${MAX_SIDE}, got ${shown(imageSize)}`,
  );
  checkOneOf(colorMode, Object.keys(COLOR_MODES), `${who}: colorMode`);
  checkOneOf(interpolation, INTERPOLATIONS, `${who}: interpolation`);
  checkBoolean(antialias, `${who}: antialias`);
  checkOneOf(aspectRatio, ASPECT_RATIOS, `${who}: aspectRatio`);
  check(
    Array.isArray(background) && background.length === 3 && background.every((value) => isWhole(value, 0, 255)),
    () => `${who}: background must be [red, green, blue], whole numbers of 0 to 255, got ${shown(background)}`,
  );
  const [height, width] = imageSize;
  const [red, green, blue] = background;
  return {
    imageSize: [height, width],
    colorMode,
    interpolation,
    antialias,
    aspectRatio,
    background: [red, green, blue],
  };
}

function checkOneOf(value: unknown, known: readonly string[], what: string): void {
  check(
    known.includes(value as string),
    () => `${what} must be ${known.map((name) => `'${name}'`).join(', ')}, got ${shown(value)}`,
  );
}

function shown(value: unknown): string {
  return Array.isArray(value) ? `[${value.slice(0, 8).map(describe).join(', ')}]` : describe(value);
}

/**
 * [height, width, channels] of `imageSize` and `colorMode`, 0 … 255.
 *
 * @example
 * ```js
 * import { imageToInput } from 'wasm-cnn/images';
 *
 * const data = new Uint8Array(6).fill(9);
 * imageToInput({ data, width: 2, height: 1, channels: 3 }, { imageSize: [1, 1] }); // [9, 9, 9]
 * ```
 */
export function imageToInput(picture: Picture, options: ImageInputOptions): OwnBytes {
  const input = imageInput(options, 'imageToInput');
  checkPicture(picture);
  return resampled(picture, input, { rows: rowsOf(picture, input) });
}

function resampled(size: Size, input: ImageInput, rows: Pick<Source, 'rows' | 'packedRows'>): OwnBytes {
  const [height, width] = input.imageSize;
  const channels = COLOR_MODES[input.colorMode];
  const [across, down] = spans(size, input);
  const taps = (span: Span, size: number) => tapsOf(span, size, input.interpolation, input.antialias);
  return resample(
    { ...rows, channels, background: backgroundOf(input) },
    taps(across, width),
    taps(down, height),
    input.antialias ? 'bytes' : 'fractions',
  );
}

/** The same of opaque RGBA, where a decoder has it: no copy of a large photograph is made. Null where the input needs one. */
export function rgbaToInput(rgba: Uint8Array, size: Size, input: ImageInput): OwnBytes | null {
  const { width, height } = size;
  const isNeeded = !input.antialias || input.colorMode !== 'rgb' || width === input.imageSize[1];
  if (isNeeded || !isPackable(rgba) || rgba.length !== 4 * width * height) return null;
  const packed = new Uint32Array(rgba.buffer, rgba.byteOffset, width * height);
  const packedRows = (y: number): Uint32Array => packed.subarray(y * width, (y + 1) * width);
  return resampled(size, input, {
    packedRows,
    rows: (y) => fromRgba(new Uint8Array(rgba.buffer, rgba.byteOffset + 4 * y * width, 4 * width), width, 1, 3).data,
  });
}

type Size = Pick<Picture, 'width' | 'height'>;

function checkPicture(picture: unknown): void {
  check(
    isRecord(picture) && ['Uint8Array', 'Uint8ClampedArray'].includes(kindOf(picture['data'])),
    () => `imageToInput needs a picture { data, width, height, channels } of bytes, got ${describe(picture)}`,
  );
  const { data, width, height, channels } = picture as unknown as Picture;
  check(
    [1, 3, 4].includes(channels) && width >= 1 && height >= 1 && data.length === width * height * channels,
    () =>
      `imageToInput needs a picture of height × width × channels (1, 3 or 4) bytes, got ${height} × ${width} × ${channels} and ${data.length} bytes`,
  );
}

/** The part of the picture's columns and rows that is drawn, with Keras' roundings: within the picture for 'crop', around it for 'pad'. */
function spans({ width, height }: Size, { imageSize, aspectRatio }: ImageInput): [Span, Span] {
  const [outHeight, outWidth] = imageSize;
  const fitted = {
    width: Math.floor((height * outWidth) / outHeight),
    height: Math.floor((width * outHeight) / outWidth),
  };
  const part = (side: number, fit: number): Span => {
    const length =
      aspectRatio === 'stretch'
        ? side
        : aspectRatio === 'crop'
          ? Math.max(1, Math.min(side, fit))
          : Math.max(side, fit);
    return { start: Math.trunc((side - length) / 2), length, side };
  };
  return [part(width, fitted.width), part(height, fitted.height)];
}

function backgroundOf({ colorMode, background: [red, green, blue] }: ImageInput): readonly number[] {
  return colorMode === 'grayscale'
    ? [lumaOf(red, green, blue)]
    : colorMode === 'rgb'
      ? [red, green, blue]
      : [red, green, blue, 255];
}

/** Row y of the picture in the input's channels, valid until the next call. */
function rowsOf({ data, width, channels }: Picture, input: ImageInput): (y: number) => Uint8Array {
  const rowOf = (y: number): Uint8Array => data.subarray(y * width * channels, (y + 1) * width * channels);
  const to = COLOR_MODES[input.colorMode];
  if (to === channels) return rowOf;
  const ground = backgroundOf(input);
  const converted = new Uint8Array(width * to);
  const convert =
    to === 4
      ? channels === 1
        ? opaqueGray
        : opaque
      : to === 3
        ? channels === 1
          ? colored
          : flattened
        : channels === 3
          ? gray
          : flattenedGray;
  return (y) => {
    convert(rowOf(y), converted, ground);
    return converted;
  };
}

type Convert = (from: Uint8Array, to: Uint8Array, ground: readonly number[]) => void;

const opaqueGray: Convert = (from, to) => {
  for (let i = 0, at = 0; i < from.length; i++, at += 4) {
    to[at] = to[at + 1] = to[at + 2] = from[i]!;
    to[at + 3] = 255;
  }
};

const opaque: Convert = (from, to) => {
  for (let i = 0, at = 0; i < from.length; i += 3, at += 4) {
    to[at] = from[i]!;
    to[at + 1] = from[i + 1]!;
    to[at + 2] = from[i + 2]!;
    to[at + 3] = 255;
  }
};

const colored: Convert = (from, to) => {
  for (let i = 0, at = 0; i < from.length; i++, at += 3) to[at] = to[at + 1] = to[at + 2] = from[i]!;
};

const gray: Convert = (from, to) => {
  for (let i = 0, at = 0; i < from.length; i += 3) to[at++] = lumaOf(from[i]!, from[i + 1]!, from[i + 2]!);
};

const flattened: Convert = (from, to, ground) => {
  for (let i = 0, at = 0; i < from.length; i += 4, at += 3)
    for (let c = 0; c < 3; c++) to[at + c] = over(ground[c]!, from[i + c]!, from[i + 3]!);
};

const flattenedGray: Convert = (from, to, ground) => {
  for (let i = 0, at = 0; i < from.length; i += 4)
    to[at++] = over(ground[0]!, lumaOf(from[i]!, from[i + 1]!, from[i + 2]!), from[i + 3]!);
};
