// Augmentation that moves nothing or whole pixels: windows of images, erased rectangles, brightness and contrast. What is drawn for an
// example follows from the step's key, the layer's salt and the example's number in the batch alone.
import { normals4 } from './noise';
import { below, between, randomBits4 } from './random';

/** A row of `to` [toW] from a row of `from` [fromW] that begins `left` pixels further; zeros where there is none. */
// @ts-ignore: decorator
@inline
function copyRow(to: usize, from: usize, toW: i32, fromW: i32, left: i32, pixel: usize): void {
  const begin = min(max(-left, 0), toW), end = max(min(fromW - left, toW), begin);
  memory.fill(to, 0, <usize>begin * pixel);
  memory.copy(to + <usize>begin * pixel, from + <usize>(begin + left) * pixel, <usize>(end - begin) * pixel);
  memory.fill(to + <usize>end * pixel, 0, <usize>(toW - end) * pixel);
}

/** to [toH, toW, channels] = the window of from [fromH, fromW, channels] at [top, left], which may lie in zeros around it. */
// @ts-ignore: decorator
@inline
function copyWindow(to: usize, from: usize, toH: i32, toW: i32, fromH: i32, fromW: i32, top: i32, left: i32, pixel: usize): void {
  for (let row = 0; row < toH; row++, to += <usize>toW * pixel) {
    const at = row + top;
    if (at < 0 || at >= fromH) memory.fill(to, 0, <usize>toW * pixel);
    else copyRow(to, from + <usize>(at * fromW) * pixel, toW, fromW, left, pixel);
  }
}

/**
 * y [n, outH, outW, channels] = a window of each of the images x [n, inH, inW, channels] with that many zeros around them, anywhere in it;
 * `back`: x = its gradient from that of y, which goes to the pixel that it was taken from.
 */
// @ts-ignore: decorator
@inline
function copyWindows(
  y: usize, x: usize, back: bool, key: usize, salt: u32, first: u32, n: i32,
  inH: i32, inW: i32, channels: i32, outH: i32, outW: i32, zerosY: i32, zerosX: i32,
): void {
  const streamKey = load<u32>(key) ^ salt, pixel = <usize>channels << 2;
  for (let i = 0; i < n; i++) {
    const bits = randomBits4(streamKey, (first + i) << 4);
    const top = below(i32x4.extract_lane(bits, 0), inH + zerosY + zerosY - outH + 1) - zerosY;
    const left = below(i32x4.extract_lane(bits, 1), inW + zerosX + zerosX - outW + 1) - zerosX;
    if (back) copyWindow(x, y, inH, inW, outH, outW, -top, -left, pixel);
    else copyWindow(y, x, outH, outW, inH, inW, top, left, pixel);
    y += <usize>(outH * outW) * pixel; x += <usize>(inH * inW) * pixel;
  }
}

export function randomCropForward(
  y: usize, x: usize, key: usize, salt: u32, first: u32, n: i32, inH: i32, inW: i32, channels: i32, outH: i32, outW: i32, zerosY: i32, zerosX: i32,
): void {
  copyWindows(y, x, false, key, salt, first, n, inH, inW, channels, outH, outW, zerosY, zerosX);
}

/** Overwrites dx. */
export function randomCropBackward(
  dx: usize, dy: usize, key: usize, salt: u32, first: u32, n: i32, inH: i32, inW: i32, channels: i32, outH: i32, outW: i32, zerosY: i32, zerosX: i32,
): void {
  copyWindows(dy, dx, true, key, salt, first, n, inH, inW, channels, outH, outW, zerosY, zerosX);
}

/** First whole number of at least x. */
// @ts-ignore: decorator
@inline
function firstFrom(x: f64): i32 { return <i32>ceil<f64>(x); }

/**
 * y [n, height, width, channels] = the images x, in those whose random number is below `probability` with a rectangle erased: its sides are
 * √ of scaleLow … scaleHigh of the image's, it lies anywhere. It gets `value`, or with `noise` > 0 normal numbers of that deviation within
 * low … high. y may be x. Serves both ways: backward on dy, value 0.
 */
export function eraseRandomly(
  y: usize, x: usize, key: usize, salt: u32, first: u32, n: i32, height: i32, width: i32, channels: i32,
  probability: f64, scaleLow: f64, scaleHigh: f64, value: f32, noise: f32, low: f32, high: f32,
): void {
  const streamKey = load<u32>(key) ^ salt, noiseKey = streamKey + 0x9e3779b9, size = height * width * channels;
  if (y != x) memory.copy(y, x, <usize>(n * size) << 2);
  const noise4 = f32x4.splat(noise), low4 = f32x4.splat(low), high4 = f32x4.splat(high);
  for (let i = 0; i < n; i++, y += <usize>size << 2) {
    const number = first + i, bits0 = randomBits4(streamKey, number << 4), bits4 = randomBits4(streamKey, (number << 4) + 4);
    if (!(between(i32x4.extract_lane(bits0, 0), 0, 1) < probability)) continue;
    const rows = <f64>height * sqrt<f64>(between(i32x4.extract_lane(bits0, 1), scaleLow, scaleHigh));
    const columns = <f64>width * sqrt<f64>(between(i32x4.extract_lane(bits0, 2), scaleLow, scaleHigh));
    const top = between(i32x4.extract_lane(bits0, 3), 0, 1) * (<f64>height - rows);
    const left = between(i32x4.extract_lane(bits4, 0), 0, 1) * (<f64>width - columns);
    const from = firstFrom(left) * channels, to = min(firstFrom(left + columns), width) * channels;
    for (let row = firstFrom(top), end = min(firstFrom(top + rows), height); row < end; row++) {
      const at = row * width * channels;
      for (let column = from; column < to; column++) {
        let own = value;
        if (noise > 0) {
          const drawn = f32x4.mul(normals4(randomBits4(noiseKey, number * size + at + column)), noise4);
          own = f32x4.extract_lane(f32x4.min(f32x4.max(drawn, low4), high4), 0);
        }
        store<f32>(y + (<usize>(at + column) << 2), own);
      }
    }
  }
}

/** Mean of a channel over `positions` places. */
// @ts-ignore: decorator
@inline
function meanOf(x: usize, positions: i32, channels: i32): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < positions; i++, x += <usize>channels << 2) sum += <f64>load<f32>(x);
  return sum / <f64>positions;
}

/** y [positions, channels] = the image x, each channel's distances from its mean times a factor, and a shift added, within low … high. y may be x. */
export function adjustImage(y: usize, x: usize, positions: i32, channels: i32, factor: f64, shift: f64, low: f32, high: f32): void {
  const step = <usize>channels << 2, times = <f32>factor;
  for (let channel = 0; channel < channels; channel++, x += 4, y += 4) {
    const plus: f32 = factor == 1 ? <f32>shift : <f32>((1 - factor) * meanOf(x, positions, channels) + shift);
    let from = x, to = y;
    for (let position = 0; position < positions; position++, from += step, to += step)
      store<f32>(to, min<f32>(max<f32>(load<f32>(from) * times + plus, low), high));
  }
}

/** Overwrites dx, which may be dy; y is what came out: where it is low or high, no gradient goes back. */
export function adjustImageBackward(dx: usize, dy: usize, y: usize, positions: i32, channels: i32, factor: f64, low: f32, high: f32): void {
  const step = <usize>channels << 2, times = <f32>factor;
  for (let channel = 0; channel < channels; channel++, dx += 4, dy += 4, y += 4) {
    let sum: f64 = 0, at: usize = 0;
    for (let position = 0; position < positions; position++, at += step) {
      const value = load<f32>(y + at), slope: f32 = value > low && value < high ? load<f32>(dy + at) : 0;
      store<f32>(dx + at, slope * times);
      sum += <f64>slope;
    }
    if (factor == 1) continue;
    const ofMean = <f32>((1 - factor) * sum / <f64>positions);
    at = 0;
    for (let position = 0; position < positions; position++, at += step) store<f32>(dx + at, load<f32>(dx + at) + ofMean);
  }
}

/**
 * y [n, positions, channels] = the images x with their contrast times a factor of factorLow … factorHigh, about each channel's mean, and
 * shiftLow … shiftHigh added, within low … high. y may be x.
 */
export function adjustForward(
  y: usize, x: usize, key: usize, salt: u32, first: u32, n: i32, positions: i32, channels: i32,
  factorLow: f64, factorHigh: f64, shiftLow: f64, shiftHigh: f64, low: f32, high: f32,
): void {
  const streamKey = load<u32>(key) ^ salt, size = <usize>(positions * channels) << 2;
  for (let i = 0; i < n; i++, x += size, y += size) {
    const bits = randomBits4(streamKey, (first + i) << 4);
    const factor = between(i32x4.extract_lane(bits, 0), factorLow, factorHigh), shift = between(i32x4.extract_lane(bits, 1), shiftLow, shiftHigh);
    adjustImage(y, x, positions, channels, factor, shift, low, high);
  }
}

/** Overwrites dx, which may be dy; y is what came out. */
export function adjustBackward(
  dx: usize, dy: usize, y: usize, key: usize, salt: u32, first: u32, n: i32, positions: i32, channels: i32,
  factorLow: f64, factorHigh: f64, low: f32, high: f32,
): void {
  const streamKey = load<u32>(key) ^ salt, size = <usize>(positions * channels) << 2;
  for (let i = 0; i < n; i++, dx += size, dy += size, y += size) {
    const factor = between(i32x4.extract_lane(randomBits4(streamKey, (first + i) << 4), 0), factorLow, factorHigh);
    adjustImageBackward(dx, dy, y, positions, channels, factor, low, high);
  }
}
