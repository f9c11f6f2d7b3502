// Displacement fields of elastic distortion: normal noise, smoothed by a Gaussian along rows and columns (Simard and others, "Best
// practices for convolutional neural networks applied to visual document analysis", 2003), in the form of Keras.
import { exp64 } from './math';
import { normals4 } from './noise';
import { between, randomBits4 } from './random';

/** weights [2 radius + 1] of a Gaussian, whose sum is `sum`. */
// @ts-ignore: decorator
@inline
function gaussian(weights: usize, radius: i32, sigma: f64, sum: f64): void {
  let total: f64 = 0;
  for (let k = -radius; k <= radius; k++) total += exp64(-0.5 * <f64>(k * k) / (sigma * sigma));
  for (let k = -radius; k <= radius; k++, weights += 4) store<f32>(weights, <f32>(sum * exp64(-0.5 * <f64>(k * k) / (sigma * sigma)) / total));
}

/** to [4 · groups] = the sum of as many floats of 2 radius + 1 rows, `step` bytes apart, weighted; four groups at a time, as each sum waits for itself. */
// @ts-ignore: decorator
@inline
function weightedRows(to: usize, from: usize, step: usize, weights: usize, radius: i32, groups: i32): void {
  for (; groups > 1; ) {
    const more = groups > 3, third: usize = more ? 32 : 0, fourth: usize = more ? 48 : 16;
    let a = f32x4.splat(0), b = a, c = a, d = a, row = from, weight = weights;
    for (let k = -radius; k <= radius; k++, row += step, weight += 4) {
      const w = v128.load32_splat(weight);
      a = f32x4.add(a, f32x4.mul(v128.load(row), w));
      b = f32x4.add(b, f32x4.mul(v128.load(row, 16), w));
      c = f32x4.add(c, f32x4.mul(v128.load(row + third), w));
      d = f32x4.add(d, f32x4.mul(v128.load(row + fourth), w));
    }
    v128.store(to, a);
    v128.store(to, b, 16);
    v128.store(to + third, c);
    v128.store(to + fourth, d);
    const done = more ? 4 : 2;
    groups -= done; to += <usize>done << 4; from += <usize>done << 4;
  }
  if (groups == 0) return;
  let sum = f32x4.splat(0), weight = weights;
  for (let k = -radius; k <= radius; k++, from += step, weight += 4) sum = f32x4.add(sum, f32x4.mul(v128.load(from), v128.load32_splat(weight)));
  v128.store(to, sum);
}

/**
 * fields [n, 2, height, width → a multiple of 4]: how far each pixel's place is moved right and down, of n examples, the first of which is
 * number `first` of the batch. An image is distorted if its random number is below `probability`; its scale, from scaleLow … scaleHigh,
 * times alpha and sigma gives its own. Noise of deviation sigma is smoothed by a Gaussian of deviation sigma (with zeros around it), times alpha.
 * key: address of the step's 32-bit key; salt: this layer's own
 * scratch: 2 · most + 1 rounded up to 4, then (height + 2 · most) rows of width + 2 · most + 4, rounded up to 4: `most` is the largest radius
 */
export function drawElastic(
  fields: usize, scratch: usize, key: usize, salt: u32, first: u32, n: i32, height: i32, width: i32,
  probability: f64, scaleLow: f64, scaleHigh: f64, alpha: f64, sigma: f64, most: i32,
): void {
  const streamKey = load<u32>(key) ^ salt, noiseKey = streamKey + 0x9e3779b9;
  const groups = (width + 3) >> 2, rowBytes = <usize>groups << 4, fieldBytes = <usize>height * rowBytes;
  const weights = scratch, padded = scratch + (<usize>((2 * most + 4) & ~3) << 2);
  const paddedRow = <usize>((width + 2 * most + 7) & ~3) << 2;
  for (let i = 0; i < n; i++, fields += fieldBytes << 1) {
    const number = first + i, bits = randomBits4(streamKey, number << 4);
    const scale = between(i32x4.extract_lane(bits, 1), scaleLow, scaleHigh), own = sigma * scale;
    if (!(between(i32x4.extract_lane(bits, 0), 0, 1) < probability) || own <= 0) { memory.fill(fields, 0, fieldBytes << 1); continue; }
    // As many weights as Keras has: int(6 sigma), made odd.
    const radius = min(<i32>(6 * own) >> 1, most), margin = <usize>radius << 2;
    let counter = number * <u32>(2 * height * groups * 4);
    for (let half = 0; half < 2; half++) {
      const field = fields + <usize>half * fieldBytes;
      // Rows: the noise between `radius` zeros on both sides, then their weighted sums, under as many rows of zeros.
      gaussian(weights, radius, own, own);
      let row = padded + <usize>radius * paddedRow;
      memory.fill(padded, 0, paddedRow * <usize>(height + 2 * radius));
      for (let y = 0; y < height; y++, row += paddedRow) {
        for (let group: usize = 0; group < <usize>groups; group++, counter += 4) v128.store(row + margin + (group << 4), normals4(randomBits4(noiseKey, counter)));
        for (let x = width; x < groups << 2; x++) store<f32>(row + margin + (<usize>x << 2), 0);
        weightedRows(row, row, 4, weights, radius, groups);
      }
      gaussian(weights, radius, own, alpha * scale);
      for (let y = 0; y < height; y++) weightedRows(field + <usize>y * rowBytes, padded + <usize>y * paddedRow, paddedRow, weights, radius, groups);
    }
  }
}
