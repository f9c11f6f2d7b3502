// RandAugment (Cubuk and others, 2019): each image through a few operations that are drawn from eleven, which are those of Keras.
//
// An operation of an example is 8 floats, as drawRandAugment writes them:  │ its number below │ what was drawn for it: a transform of 6, or a b │
// Posterization and equalization have levels, whose slope is 0 or nothing: their gradient goes back as it came. All others have theirs.
import { adjustImage, adjustImageBackward } from './augment';
import { below, between, randomBits4 } from './random';
import { storeAffine, warpAffineBackward, warpAffineForward } from './warp';

const NOTHING: i32 = -1, SHEAR: i32 = 0, TRANSLATION: i32 = 1, ROTATION: i32 = 2, BRIGHTNESS: i32 = 3, COLOR_DEGENERATION: i32 = 4;
const CONTRAST: i32 = 5, SHARPNESS: i32 = 6, POSTERIZATION: i32 = 7, SOLARIZATION: i32 = 8, AUTO_CONTRAST: i32 = 9, EQUALIZATION: i32 = 10;
const OPERATIONS: i32 = 11, OPERATION_BYTES: usize = 32;
/** What each of red, green and blue is of gray. */
const RED: f32 = 0.2989, GREEN: f32 = 0.587, BLUE: f32 = 0.114;

/**
 * operations [n, numOps, 8] of n examples, the first of which is number `first` of the step: each is drawn from all, or is `only` (unless
 * that is -1), with that probability. Ranges of what is drawn: `moved` pixels a pixel, shares of height and width, turns, and share of
 * low … high that is added; `contrast` factors; `blend` shares of gray, of sharpness, and of low … high that solarization adds; its
 * threshold, as such a share; bits that posterization leaves.   key: address of the step's 32-bit key; salt: this layer's own
 */
export function drawRandAugment(
  operations: usize, key: usize, salt: u32, first: u32, n: i32, numOps: i32, only: i32, probability: f64, height: i32, width: i32,
  movedLow: f64, movedHigh: f64, contrastLow: f64, contrastHigh: f64, blendLow: f64, blendHigh: f64,
  thresholdLow: f64, thresholdHigh: f64, bitsLow: i32, bitsHigh: i32, low: f64, high: f64,
): void {
  const streamKey = load<u32>(key) ^ salt, range = high - low;
  let counter = first * numOps << 2;
  for (let i = n * numOps; i > 0; i--, counter += 4, operations += OPERATION_BYTES) {
    const bits = randomBits4(streamKey, counter), bits0 = i32x4.extract_lane(bits, 0), bits1 = i32x4.extract_lane(bits, 1);
    const bits2 = i32x4.extract_lane(bits, 2), bits3 = i32x4.extract_lane(bits, 3), at = operations + 4;
    let operation = below(bits0, OPERATIONS), a: f64 = 0, b: f64 = 0;
    if (only >= 0) operation = between(bits0, 0, 1) < probability ? only : NOTHING;
    memory.fill(operations, 0, OPERATION_BYTES);
    store<f32>(operations, <f32>operation);
    if (operation == SHEAR) {
      const sign: f64 = bits1 < 0 ? -1 : 1;
      storeAffine(at, 1, 1, 0, sign * between(bits2, movedLow, movedHigh), sign * between(bits3, movedLow, movedHigh), 0, 0, height, width);
    } else if (operation == TRANSLATION) {
      const down = between(bits1, movedLow, movedHigh) * <f64>height, right = between(bits2, movedLow, movedHigh) * <f64>width;
      storeAffine(at, 1, 1, 0, 0, 0, down, right, height, width);
    } else if (operation == ROTATION) {
      storeAffine(at, 1, 1, between(bits1, movedLow, movedHigh), 0, 0, 0, 0, height, width);
    } else {
      if (operation == BRIGHTNESS) a = between(bits1, movedLow, movedHigh) * range;
      else if (operation == CONTRAST) a = between(bits1, contrastLow, contrastHigh);
      else if (operation == COLOR_DEGENERATION) a = between(bits1, blendLow, blendHigh);
      else if (operation == SHARPNESS) a = 2 * between(bits1, blendLow, blendHigh);
      else if (operation == POSTERIZATION) a = <f64>(bitsLow + below(bits1, bitsHigh - bitsLow + 1));
      else if (operation == SOLARIZATION) {
        a = between(bits1, blendLow, blendHigh) * range;
        b = low + between(bits2, thresholdLow, thresholdHigh) * range;
      }
      store<f32>(at, <f32>a);
      store<f32>(at, <f32>b, 4);
    }
  }
}

// @ts-ignore: decorator
@inline
function within(value: f32, low: f32, high: f32): f32 { return min<f32>(max<f32>(value, low), high); }

/** A share of the way to gray, for images of three channels; others have no colors. */
// @ts-ignore: decorator
@inline
function degenerate(y: usize, x: usize, positions: i32, share: f32, low: f32, high: f32): void {
  for (; positions > 0; positions--, x += 12, y += 12) {
    const red = load<f32>(x), green = load<f32>(x, 4), blue = load<f32>(x, 8), gray = RED * red + GREEN * green + BLUE * blue;
    store<f32>(y, within(red + share * (gray - red), low, high));
    store<f32>(y, within(green + share * (gray - green), low, high), 4);
    store<f32>(y, within(blue + share * (gray - blue), low, high), 8);
  }
}

// @ts-ignore: decorator
@inline
function degenerateBackward(dx: usize, dy: usize, positions: i32, share: f32): void {
  const rest: f32 = 1 - share;
  for (; positions > 0; positions--, dx += 12, dy += 12) {
    const red = load<f32>(dy), green = load<f32>(dy, 4), blue = load<f32>(dy, 8), ofGray = share * (red + green + blue);
    store<f32>(dx, rest * red + RED * ofGray);
    store<f32>(dx, rest * green + GREEN * ofGray, 4);
    store<f32>(dx, rest * blue + BLUE * ofGray, 8);
  }
}

/** The sum of a value and those above and below, which may be none. */
// @ts-ignore: decorator
@inline
function columnSum(x: usize, rowBytes: usize, above: bool, under: bool): f32 {
  let sum = load<f32>(x);
  if (above) sum += load<f32>(x - rowBytes);
  if (under) sum += load<f32>(x + rowBytes);
  return sum;
}

/**
 * `sharpness` times the image and the rest of 1 times it blurred: each value's mean with its neighbors, which count 1 and itself 5 of 13,
 * zeros beyond the edge. The backward pass is the same function.
 */
function sharpen(y: usize, x: usize, height: i32, width: i32, channels: i32, sharpness: f32, low: f32, high: f32): void {
  const pixel = <usize>channels << 2, rowBytes = <usize>width * pixel;
  for (let row = 0; row < height; row++) {
    const above = row > 0, under = row < height - 1;
    for (let at: usize = 0; at < rowBytes; at += 4, x += 4, y += 4) {
      const own = load<f32>(x);
      let sum = columnSum(x, rowBytes, above, under) + 4 * own;
      if (at >= pixel) sum += columnSum(x - pixel, rowBytes, above, under);
      if (at + pixel < rowBytes) sum += columnSum(x + pixel, rowBytes, above, under);
      store<f32>(y, within(own + (1 - sharpness) * (sum / 13 - own), low, high));
    }
  }
}

/** Values plus `addition`, those from `threshold` on turned about the middle of low … high. */
// @ts-ignore: decorator
@inline
function solarize(y: usize, x: usize, count: i32, addition: f32, threshold: f32, low: f32, high: f32): void {
  for (; count > 0; count--, x += 4, y += 4) {
    const value = within(load<f32>(x) + addition, low, high);
    store<f32>(y, value < threshold ? value : low + (high - value));
  }
}

// @ts-ignore: decorator
@inline
function solarizeBackward(dx: usize, dy: usize, x: usize, count: i32, addition: f32, threshold: f32, low: f32, high: f32): void {
  for (; count > 0; count--, x += 4, dx += 4, dy += 4) {
    const value = load<f32>(x) + addition, slope = load<f32>(dy);
    store<f32>(dx, value > low && value < high ? (value < threshold ? slope : -slope) : 0);
  }
}

/** Which of 256 levels from low on a value has. Rounding down, but for a byte's value that was rounded itself. */
// @ts-ignore: decorator
@inline
function levelOf(value: f32, low: f32, levels: f32): i32 {
  const level = f32x4.splat((value - low) * levels + 0.0009765625);
  return min(max(i32x4.extract_lane(i32x4.trunc_sat_f32x4_s(level), 0), 0), 255);
}

// @ts-ignore: decorator
@inline
function posterize(y: usize, x: usize, count: i32, bits: i32, low: f32, high: f32): void {
  const range = high - low, levels: f32 = 255 / range, mask = 0xff & (0xff << (8 - bits));
  for (; count > 0; count--, x += 4, y += 4) store<f32>(y, low + <f32>(levelOf(load<f32>(x), low, levels) & mask) * range / 255);
}

/** Offset of the first of a channel's smallest values, or with `sign` -1 of its largest. */
// @ts-ignore: decorator
@inline
function extremeAt(x: usize, positions: i32, step: usize, sign: f32): usize {
  let at: usize = 0, best: usize = 0;
  for (; positions > 0; positions--, at += step) if (load<f32>(x + at) * sign < load<f32>(x + best) * sign) best = at;
  return best;
}

/** Each channel stretched to low … high; one of a single value stays. */
function stretch(y: usize, x: usize, positions: i32, channels: i32, low: f32, high: f32): void {
  const step = <usize>channels << 2, bytes = <usize>positions * step;
  for (let channel = 0; channel < channels; channel++, x += 4, y += 4) {
    const least = load<f32>(x + extremeAt(x, positions, step, 1)), range = load<f32>(x + extremeAt(x, positions, step, -1)) - least;
    for (let at: usize = 0; at < bytes; at += step) {
      const value = load<f32>(x + at);
      store<f32>(y + at, range > 0 ? within(low + (high - low) * ((value - least) / range), low, high) : value);
    }
  }
}

/** The weight of each value in between, and of the smallest and the largest one, by which the others move. */
function stretchBackward(dx: usize, dy: usize, x: usize, positions: i32, channels: i32, low: f32, high: f32): void {
  const step = <usize>channels << 2, bytes = <usize>positions * step;
  for (let channel = 0; channel < channels; channel++, x += 4, dx += 4, dy += 4) {
    const leastAt = extremeAt(x, positions, step, 1), mostAt = extremeAt(x, positions, step, -1);
    const least = load<f32>(x + leastAt), range = load<f32>(x + mostAt) - least, times = (high - low) / range;
    let ofLeast: f64 = 0, ofMost: f64 = 0;
    for (let at: usize = 0; at < bytes; at += step) {
      const slope = load<f32>(dy + at), share = (load<f32>(x + at) - least) / range, inside = share > 0 && share < 1;
      store<f32>(dx + at, range > 0 ? (inside ? slope * times : 0) : slope);
      if (!inside) continue;
      ofLeast -= <f64>(slope * (1 - share));
      ofMost -= <f64>(slope * share);
    }
    if (!(range > 0)) continue;
    store<f32>(dx + leastAt, <f32>ofLeast * times);
    store<f32>(dx + mostAt, <f32>ofMost * times);
  }
}

/** Each channel's 256 levels by what share of its values has them or lower ones; one of a single level stays.   table: 256 floats */
function equalize(y: usize, x: usize, positions: i32, channels: i32, table: usize, low: f32, high: f32): void {
  const step = <usize>channels << 2, bytes = <usize>positions * step, range = high - low, levels: f32 = 255 / range;
  for (let channel = 0; channel < channels; channel++, x += 4, y += 4) {
    memory.fill(table, 0, 1024);
    for (let at: usize = 0; at < bytes; at += step) {
      const count = table + (<usize>levelOf(load<f32>(x + at), low, levels) << 2);
      store<i32>(count, load<i32>(count) + 1);
    }
    let sum = 0, lowest = 0;
    for (let entry = table; entry < table + 1024; entry += 4) {
      sum += load<i32>(entry);
      if (lowest == 0) lowest = sum;
      const level = <f32>nearest<f64>(<f64>(sum - lowest) * 255 / <f64>max(positions - lowest, 1));
      store<f32>(entry, low + level * range / 255);
    }
    for (let at: usize = 0; at < bytes; at += step) {
      const value = load<f32>(x + at);
      store<f32>(y + at, lowest == positions ? value : load<f32>(table + (<usize>levelOf(value, low, levels) << 2)));
    }
  }
}

/** y = the image x through one operation.   work: 36 floats for each four pixels of a row, and at least 256 */
function applyOperation(
  y: usize, x: usize, operation: usize, work: usize, height: i32, width: i32, channels: i32,
  bilinear: i32, fillMode: i32, fillValue: f32, low: f32, high: f32,
): void {
  const which = <i32>load<f32>(operation), a = load<f32>(operation, 4), b = load<f32>(operation, 8), positions = height * width;
  if (which >= SHEAR && which <= ROTATION) warpAffineForward(y, x, operation + 4, work, 1, height, width, channels, bilinear, fillMode, fillValue);
  else if (which == BRIGHTNESS) adjustImage(y, x, positions, channels, 1, a, low, high);
  else if (which == CONTRAST) adjustImage(y, x, positions, channels, a, 0, low, high);
  else if (which == COLOR_DEGENERATION && channels == 3) degenerate(y, x, positions, a, low, high);
  else if (which == SHARPNESS) sharpen(y, x, height, width, channels, a, low, high);
  else if (which == POSTERIZATION) posterize(y, x, positions * channels, <i32>a, low, high);
  else if (which == SOLARIZATION) solarize(y, x, positions * channels, a, b, low, high);
  else if (which == AUTO_CONTRAST) stretch(y, x, positions, channels, low, high);
  else if (which == EQUALIZATION) equalize(y, x, positions, channels, work, low, high);
  else memory.copy(y, x, <usize>(positions * channels) << 2);
}

/** Overwrites dx, and dy. x is what the operation was given, y what came out. */
function reverseOperation(
  dx: usize, dy: usize, x: usize, y: usize, operation: usize, work: usize, height: i32, width: i32, channels: i32,
  bilinear: i32, fillMode: i32, low: f32, high: f32,
): void {
  const which = <i32>load<f32>(operation), a = load<f32>(operation, 4), b = load<f32>(operation, 8);
  const positions = height * width, bytes = <usize>(positions * channels) << 2;
  const isBlend = which == SHARPNESS || (which == COLOR_DEGENERATION && channels == 3);
  if (isBlend)
    for (let at: usize = 0; at < bytes; at += 4) {
      const value = load<f32>(y + at);
      if (!(value > low && value < high)) store<f32>(dy + at, 0);
    }
  if (which >= SHEAR && which <= ROTATION) warpAffineBackward(dx, dy, operation + 4, work, 1, height, width, channels, bilinear, fillMode);
  else if (which == BRIGHTNESS) adjustImageBackward(dx, dy, y, positions, channels, 1, low, high);
  else if (which == CONTRAST) adjustImageBackward(dx, dy, y, positions, channels, a, low, high);
  else if (which == SHARPNESS) sharpen(dx, dy, height, width, channels, a, -Infinity, Infinity);
  else if (isBlend) degenerateBackward(dx, dy, positions, a);
  else if (which == SOLARIZATION) solarizeBackward(dx, dy, x, positions * channels, a, b, low, high);
  else if (which == AUTO_CONTRAST) stretchBackward(dx, dy, x, positions, channels, low, high);
  else memory.copy(dx, dy, bytes);
}

// @ts-ignore: decorator
@inline
function workBytes(width: i32): usize { return <usize>max(((width + 3) >> 2) * 36, 256) << 2; }

/**
 * y [n, height, width, channels] = the images x through their operations [n, numOps, 8].
 * scratch: 36 floats for each four pixels of a row and at least 256, then numOps images
 */
export function randAugmentForward(
  y: usize, x: usize, operations: usize, scratch: usize, n: i32, numOps: i32, height: i32, width: i32, channels: i32,
  bilinear: i32, fillMode: i32, fillValue: f32, low: f32, high: f32,
): void {
  const bytes = <usize>(height * width * channels) << 2, images = scratch + workBytes(width);
  for (; n > 0; n--, x += bytes, y += bytes) {
    let from = x;
    for (let k = 0; k < numOps; k++, operations += OPERATION_BYTES) {
      const to = k == numOps - 1 ? y : images + <usize>k * bytes;
      applyOperation(to, from, operations, scratch, height, width, channels, bilinear, fillMode, fillValue, low, high);
      from = to;
    }
  }
}

/** Overwrites dx, and dy. What is between the operations is made again. */
export function randAugmentBackward(
  dx: usize, dy: usize, x: usize, operations: usize, scratch: usize, n: i32, numOps: i32, height: i32, width: i32, channels: i32,
  bilinear: i32, fillMode: i32, fillValue: f32, low: f32, high: f32,
): void {
  const bytes = <usize>(height * width * channels) << 2, images = scratch + workBytes(width);
  for (; n > 0; n--, x += bytes, dx += bytes, dy += bytes, operations += <usize>numOps * OPERATION_BYTES) {
    randAugmentForward(images + <usize>(numOps - 1) * bytes, x, operations, scratch, 1, numOps, height, width, channels, bilinear, fillMode, fillValue, low, high);
    let from = dy, to = dx;
    for (let k = numOps - 1; k >= 0; k--) {
      const output = images + <usize>k * bytes, input = k == 0 ? x : output - bytes;
      reverseOperation(to, from, input, output, operations + <usize>k * OPERATION_BYTES, scratch, height, width, channels, bilinear, fillMode, low, high);
      const last = from;
      from = to; to = last;
    }
    if (from != dx) memory.copy(dx, from, bytes);
  }
}
