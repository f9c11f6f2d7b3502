// Dropout: each value is zero with probability `rate`, else divided by 1 - rate. Which ones follows from (key, counter) alone,
// so nothing is kept: the backward pass asks for the same numbers again, and no thread depends on another.
import { randomBits4 } from './random';

/**
 * y = x · scale where the random number number `start` + i is ≥ threshold, else 0. Serves both ways: forward on x, backward on dy.
 * key: address of the step's 32-bit key; salt: this layer's own; threshold: rate · 2^32; scale: 1 / (1 - rate).  y may be x.
 */
export function dropout(y: usize, x: usize, key: usize, salt: u32, start: u32, count: i32, threshold: u32, scale: f32): void {
  const streamKey = load<u32>(key) ^ salt, limit = i32x4.splat(threshold), scale4 = f32x4.splat(scale);
  const end = x + (<usize>count << 2), end4 = x + (<usize>(count & ~3) << 2);
  let counter = start;
  while (x < end4) {
    const keep = i32x4.ge_u(randomBits4(streamKey, counter), limit);
    v128.store(y, v128.and(f32x4.mul(v128.load(x), scale4), keep));
    x += 16; y += 16; counter += 4;
  }
  let bits = randomBits4(streamKey, counter);
  while (x < end) {
    store<f32>(y, <u32>i32x4.extract_lane(bits, 0) >= threshold ? load<f32>(x) * scale : 0);
    bits = v128.shuffle<i32>(bits, bits, 1, 2, 3, 3);
    x += 4; y += 4;
  }
}

/**
 * The same of whole channels: of n examples x [positions, channels], a channel is dropped at all of an example's positions or at none,
 * by the random number of its example (the first is number `first`) and channel.
 */
export function spatialDropout(
  y: usize, x: usize, key: usize, salt: u32, first: u32, n: i32, positions: i32, channels: i32, threshold: u32, scale: f32,
): void {
  const rowBytes = <usize>channels << 2;
  for (let i = 0; i < n; i++) {
    for (let position = 0; position < positions; position++) {
      dropout(y, x, key, salt, (first + i) * channels, channels, threshold, scale);
      x += rowBytes; y += rowBytes;
    }
  }
}
