// Fits a digit into 28 × 28 as MNIST does: longer side 20 pixels, center of mass in the middle.
// Measured on MNIST's 60,000 training images: the digit's longer side is 20 pixels in 59,987 of them, its middle lay in the middle of
// a 20 × 20 box when it was resized, and the box was then moved by whole pixels until the center of mass, in pixel indices,
// came to lie in [13.5, 14.5) on both axes (extremes found: 13.4801 and 14.49998). Index 14 is the point 14.5 pixels from the edge.
import { check } from '../../base/errors.js';
import { labelComponents } from './components.js';
import { doubtsAboutComponents } from './selectDigit.js';
import { doubtsAboutShape, SHAPE_SIDE } from './shape.js';
import { boxOf, reduce, type Box, type GrayPicture } from './picture.js';
import { checkWhole } from '../../base/shape.js';

/** The side of an MNIST image, in pixels. */
export const imageSide = 28;
/** The side of the box that the digit fills, in pixels. */
export const boxSide = 20;

/** MNIST's image of the ink. */
export interface NormalizedDigit {
  /** [28, 28], bright on black. */
  readonly image: Uint8Array;
  /** What speaks against its being one digit, a short sentence each; empty where all is well. */
  readonly doubts: readonly string[];
}

/**
 * The 28 × 28 bytes that MNIST's makers would have made of a scanned digit.
 *
 * `gray` [height, width] holds the digit bright on black, 0 … 255, row by row; every pixel above 0 is foreground, so take the background
 * off first. The digit's bounding box is scaled with its proportions kept, by area averages where it shrinks and bilinearly where
 * it grows, and brightened until its brightest pixel is 255. Throws a WasmCnnError where there is no foreground.
 *
 * @example
 * ```js
 * import { normalizeDigit } from 'wasm-cnn/data';
 *
 * const ink = new Uint8Array(56 * 56);
 * for (let row = 8; row < 48; row++) ink.fill(255, row * 56 + 26, row * 56 + 30);
 * normalizeDigit(ink, 56, 56).image.length; // 784
 * ```
 */
export function normalizeDigit(gray: Float32Array | Uint8Array, width: number, height: number): NormalizedDigit {
  checkWhole(width, 'normalizeDigit: the width of the image');
  checkWhole(height, 'normalizeDigit: the height of the image');
  check(
    gray.length === width * height,
    () =>
      `normalizeDigit needs ${width} × ${height} = ${width * height} pixels, got ${gray.length}; give one value a pixel`,
  );
  const digit = boxOf(gray, width, height);
  check(
    digit !== null,
    () =>
      `normalizeDigit found no foreground in the image of ${width} × ${height} pixels: every pixel is 0; draw a bright digit on black`,
  );
  const doubts = doubtsAboutComponents(labelComponents(gray, width, height, 0), width);
  return {
    image: fitBox(gray, width, digit),
    doubts: doubts.length > 0 ? doubts : doubtsAboutShape(shapeOf(gray, width, digit)),
  };
}

/** A part of a picture in the size that prepareDigit looks at shapes: in 28 × 28 pixels a thin frame has gaps. Its brightest pixel is 255. */
function shapeOf(gray: Float32Array | Uint8Array, width: number, part: Box): GrayPicture {
  const partWidth = part.right - part.left,
    partHeight = part.bottom - part.top;
  let brightest = 0;
  for (const value of gray) if (value > brightest) brightest = value;
  const bytes = new Uint8Array(partWidth * partHeight);
  for (let y = 0, i = 0; y < partHeight; y++)
    for (let x = 0; x < partWidth; x++, i++)
      bytes[i] = Math.round((gray[(part.top + y) * width + part.left + x]! / brightest) * 255);
  return reduce({ gray: bytes, width: partWidth, height: partHeight }, SHAPE_SIDE);
}

/** A part of a picture, fitted into 28 × 28. */
export function fitBox(gray: Float32Array | Uint8Array, width: number, part: Box): Uint8Array {
  const box = resizeBox(gray, width, part);
  let brightest = 0;
  for (const value of box) if (value > brightest) brightest = value;
  const bytes = new Uint8Array(boxSide * boxSide);
  for (let i = 0; i < box.length; i++) bytes[i] = Math.round((box[i]! / brightest) * 255);
  const image = new Uint8Array(imageSide * imageSide);
  centerByMass(bytes, image);
  return image;
}

/**
 * Copies `box` [20, 20] into the black `image` [28, 28], moved by whole pixels so that its center of mass lies in [13.5, 14.5)
 * on both axes, as far as the box stays inside the image.
 */
export function centerByMass(box: Uint8Array, image: Uint8Array): void {
  let mass = 0,
    massX = 0,
    massY = 0;
  for (let y = 0, i = 0; y < boxSide; y++) {
    for (let x = 0; x < boxSide; x++, i++) {
      const value = box[i]!;
      mass += value;
      massX += value * x;
      massY += value * y;
    }
  }
  const left = placeCenter(massX / mass),
    top = placeCenter(massY / mass);
  for (let y = 0; y < boxSide; y++) {
    image.set(box.subarray(y * boxSide, (y + 1) * boxSide), (top + y) * imageSide + left);
  }
}

/** Start of the box, so that its index `center` comes to lie in [13.5, 14.5). */
function placeCenter(center: number): number {
  return Math.min(imageSide - boxSide, Math.max(0, Math.ceil(imageSide / 2 - 0.5 - center)));
}

/** A part of a picture resized into a [20, 20] box, in the middle of its shorter axis; columns first, then rows. */
function resizeBox(gray: Float32Array | Uint8Array, width: number, part: Box): Float64Array {
  const partWidth = part.right - part.left,
    partHeight = part.bottom - part.top;
  const side = Math.max(partWidth, partHeight);
  const columns = new Float64Array(partHeight * boxSide);
  for (let y = 0; y < partHeight; y++) {
    resizeLine(gray, (part.top + y) * width + part.left, 1, partWidth, side, columns, y * boxSide, 1);
  }
  const box = new Float64Array(boxSide * boxSide);
  for (let x = 0; x < boxSide; x++) resizeLine(columns, x, boxSide, partHeight, side, box, x, boxSide);
  return box;
}

/**
 * Resizes one line of `count` pixels, lying in the middle of `side` pixels, to 20 pixels.
 * Each output pixel is the mean of a window around its center, as wide as the pixel or, where the line grows, as one source pixel:
 * the mean over a window one pixel wide is exactly bilinear interpolation.
 */
function resizeLine(
  from: ArrayLike<number>,
  fromStart: number,
  fromStep: number,
  count: number,
  side: number,
  to: Float64Array,
  toStart: number,
  toStep: number,
): void {
  const step = side / boxSide,
    window = Math.max(1, step),
    before = (side - count) / 2;
  for (let i = 0; i < boxSide; i++) {
    const start = (i + 0.5) * step - window / 2 - before,
      end = start + window;
    const last = Math.min(count, Math.ceil(end));
    let sum = 0;
    for (let j = Math.max(0, Math.floor(start)); j < last; j++) {
      sum += from[fromStart + j * fromStep]! * (Math.min(end, j + 1) - Math.max(start, j));
    }
    to[toStart + i * toStep] = sum / window;
  }
}
