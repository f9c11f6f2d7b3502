// Images, heat maps and filters as PNG in the page itself.
import type { Tensor } from '../../../base/tensor.js';
import { scalePixels, type Pixels } from '../../../plots/pixels.js';
import { encodePng } from './codecs/png.js';

/** Images are reduced to this side, and enlarged to at least the second for what is laid over them. */
const [MOST_SIDE, LEAST_SIDE] = [160, 112];
/** What a heat map's highest value looks like, and how much of the image is left there. */
const [HEAT, COVER] = [[255, 96, 0], 0.78] as const;

/** One image of [n, height, width, channels], of bytes; of two channels, or more than four, the mean of all. */
export function imageOf({ data, shape }: Tensor<Uint8Array>, example: number): Pixels {
  const [, height = 0, width = 0, channels = 0] = shape;
  const size = height * width * channels;
  const own = data.subarray(example * size, (example + 1) * size);
  if (channels === 1 || channels === 3 || channels === 4) return { data: own, width, height, channels };
  const means = new Uint8Array(height * width);
  for (const pixel of means.keys()) {
    const values = own.subarray(pixel * channels, (pixel + 1) * channels);
    means[pixel] = Math.round(values.reduce((sum, value) => sum + value, 0) / channels);
  }
  return { data: means, width, height, channels: 1 };
}

function png(data: Uint8ClampedArray, width: number, height: number): string {
  return `data:image/png;base64,${Buffer.from(encodePng(data, width, height)).toString('base64')}`;
}

function scaled(image: Pixels, width: number, height: number): Uint8ClampedArray {
  const pixels = new Uint8ClampedArray(4 * width * height);
  scalePixels(pixels, image, width, height);
  return pixels;
}

/** The size at which an image is shown with sharp pixels, or reduced. */
function sizeOf({ width, height }: Pixels, least: number): [width: number, height: number] {
  const side = Math.max(width, height);
  const factor = side > MOST_SIDE ? MOST_SIDE / side : Math.ceil(least / side);
  return [Math.max(1, Math.round(width * factor)), Math.max(1, Math.round(height * factor))];
}

export function imagePng(image: Pixels): string {
  const [width, height] = sizeOf(image, 1);
  return png(scaled(image, width, height), width, height);
}

/** The image with a heat map [rows, columns] of 0 to 1 over it, stretched to its size. */
export function overlayPng(image: Pixels, heat: Float32Array, [rows, columns]: readonly [number, number]): string {
  const [width, height] = sizeOf(image, LEAST_SIDE);
  const pixels = scaled(image, width, height);
  for (let y = 0, at = 0; y < height; y++) {
    const row = between(y, height, rows);
    for (let x = 0; x < width; x++, at += 4) {
      const column = between(x, width, columns);
      const value = (i: number, j: number): number => heat[i * columns + j]!;
      const top = value(row.from, column.from) * (1 - column.part) + value(row.from, column.to) * column.part;
      const bottom = value(row.to, column.from) * (1 - column.part) + value(row.to, column.to) * column.part;
      const cover = COVER * (top * (1 - row.part) + bottom * row.part);
      for (let c = 0; c < 3; c++) pixels[at + c] = pixels[at + c]! * (1 - cover) + HEAT[c]! * cover;
    }
  }
  return png(pixels, width, height);
}

/** Which two of `count` cells the middle of pixel i of `size` lies between, and how far it is to the second. */
function between(i: number, size: number, count: number): { from: number; to: number; part: number } {
  const place = Math.min(count - 1, Math.max(0, ((i + 0.5) * count) / size - 0.5));
  const from = Math.floor(place);
  return { from, to: Math.min(count - 1, from + 1), part: place - from };
}

/**
 * One filter of a kernel [height, width, channels, filters]: of three channels in their colors, else the mean over the channels in gray. 0 is
 * the middle gray, and the largest weight of the kernel is white or black.
 */
export function filterPng({ data, shape }: Tensor<Float32Array>, filter: number): string {
  const [height, width, channels, filters] = shape as [number, number, number, number];
  const most = data.reduce((a, b) => Math.max(a, Math.abs(b)), 0) || 1;
  const shown = channels === 3 ? 3 : 1;
  const pixels = new Uint8Array(height * width * shown);
  for (let pixel = 0; pixel < height * width; pixel++) {
    const weight = (channel: number): number => data[(pixel * channels + channel) * filters + filter]!;
    const all = Array.from({ length: channels }, (_, channel) => weight(channel));
    const values = shown === 3 ? all : [all.reduce((sum, value) => sum + value, 0) / channels];
    for (const [c, value] of values.entries()) pixels[pixel * shown + c] = Math.round(127.5 + (127.5 * value) / most);
  }
  return imagePng({ data: pixels, width, height, channels: shown });
}
