// Images drawn anew from other places of themselves: where each output pixel comes from, and the pixels around that place, weighted.
// A place between pixels is the mean of the four around it (bilinear) or the nearest; beyond the edge an image continues by its fill mode,
// pixel by pixel: constant  k k │ a b c │ k k   nearest  a a │ a b c │ c c   reflect  b a │ a b c │ c b   wrap  b c │ a b c │ a b
//
// A row of the output is worked on by its taps, in groups of four pixels (W rounded up):
//   │ index of the pixel above left ×4 │ above right │ below left │ below right │ their weights ×4 each │ what the fill value adds ×4 │ …
import { cosOfTurns, sinOfTurns } from './math';
import { between, randomBits4 } from './random';

const CONSTANT: i32 = 0, REFLECT: i32 = 2, WRAP: i32 = 3;
const GROUP_BYTES: usize = 9 << 4;

/** Pixels of whole numbers `at` of an axis, as indices 0 … size - 1. */
// @ts-ignore: decorator
@inline
function pixelsAt4(at: v128, size: i32, fillMode: i32): v128 {
  if (fillMode == REFLECT) {
    const period = f32x4.splat(<f32>(size + size));
    at = f32x4.sub(at, f32x4.mul(period, f32x4.floor(f32x4.div(at, period))));
    at = f32x4.min(at, f32x4.sub(f32x4.splat(<f32>(size + size - 1)), at));
  } else if (fillMode == WRAP) {
    const period = f32x4.splat(<f32>size);
    at = f32x4.sub(at, f32x4.mul(period, f32x4.floor(f32x4.div(at, period))));
  }
  return i32x4.max_s(i32x4.min_s(i32x4.trunc_sat_f32x4_s(at), i32x4.splat(size - 1)), i32x4.splat(0));
}

/** Mask of the whole numbers `at` that are pixels of an axis. */
// @ts-ignore: decorator
@inline
function inside4(at: v128, size: i32): v128 {
  return v128.and(f32x4.ge(at, f32x4.splat(0)), f32x4.lt(at, f32x4.splat(<f32>size)));
}

/** The taps of four places x, y of images [height, width]. */
// @ts-ignore: decorator
@inline
function storeTaps4(taps: usize, x: v128, y: v128, height: i32, width: i32, bilinear: i32, fillMode: i32, fillValue: f32): void {
  const one = f32x4.splat(1);
  if (!bilinear) {
    x = f32x4.floor(f32x4.add(x, f32x4.splat(0.5)));
    y = f32x4.floor(f32x4.add(y, f32x4.splat(0.5)));
  }
  const left = f32x4.floor(x), right = f32x4.add(left, one), above = f32x4.floor(y), below = f32x4.add(above, one);
  const atLeft = pixelsAt4(left, width, fillMode), atRight = pixelsAt4(right, width, fillMode), width4 = i32x4.splat(width);
  const atAbove = i32x4.mul(pixelsAt4(above, height, fillMode), width4), atBelow = i32x4.mul(pixelsAt4(below, height, fillMode), width4);
  v128.store(taps, i32x4.add(atAbove, atLeft));
  v128.store(taps, i32x4.add(atAbove, atRight), 16);
  v128.store(taps, i32x4.add(atBelow, atLeft), 32);
  v128.store(taps, i32x4.add(atBelow, atRight), 48);
  let ofRight = f32x4.sub(x, left), ofLeft = f32x4.sub(one, ofRight), ofBelow = f32x4.sub(y, above), ofAbove = f32x4.sub(one, ofBelow);
  let fill = f32x4.splat(0);
  if (fillMode == CONSTANT) {
    ofLeft = v128.and(ofLeft, inside4(left, width));
    ofRight = v128.and(ofRight, inside4(right, width));
    ofAbove = v128.and(ofAbove, inside4(above, height));
    ofBelow = v128.and(ofBelow, inside4(below, height));
    const rest = f32x4.sub(one, f32x4.mul(f32x4.add(ofLeft, ofRight), f32x4.add(ofAbove, ofBelow)));
    fill = f32x4.mul(rest, f32x4.splat(fillValue));
  }
  v128.store(taps, f32x4.mul(ofLeft, ofAbove), 64);
  v128.store(taps, f32x4.mul(ofRight, ofAbove), 80);
  v128.store(taps, f32x4.mul(ofLeft, ofBelow), 96);
  v128.store(taps, f32x4.mul(ofRight, ofBelow), 112);
  v128.store(taps, fill, 128);
}

/** Four pixels of an image of one channel, by their indices at `at`. */
// @ts-ignore: decorator
@inline
function gather4(x: usize, at: usize): v128 {
  let values = v128.load32_zero(x + (<usize>load<u32>(at) << 2));
  values = v128.load32_lane(x + (<usize>load<u32>(at, 4) << 2), values, 1);
  values = v128.load32_lane(x + (<usize>load<u32>(at, 8) << 2), values, 2);
  return v128.load32_lane(x + (<usize>load<u32>(at, 12) << 2), values, 3);
}

/** A row y [width, channels] of the image x by its taps. */
// @ts-ignore: decorator
@inline
function gatherRow(y: usize, x: usize, taps: usize, width: i32, channels: i32): void {
  if (channels == 1) {
    for (let left = width; left > 0; left -= 4, taps += GROUP_BYTES, y += 16) {
      const above = f32x4.add(f32x4.mul(gather4(x, taps), v128.load(taps, 64)), f32x4.mul(gather4(x, taps + 16), v128.load(taps, 80)));
      const below = f32x4.add(f32x4.mul(gather4(x, taps + 32), v128.load(taps, 96)), f32x4.mul(gather4(x, taps + 48), v128.load(taps, 112)));
      const values = f32x4.add(f32x4.add(above, below), v128.load(taps, 128));
      if (left >= 4) { v128.store(y, values); continue; }
      v128.store32_lane(y, values, 0);
      if (left > 1) v128.store32_lane(y + 4, values, 1);
      if (left > 2) v128.store32_lane(y + 8, values, 2);
    }
    return;
  }
  const pixel = <usize>channels << 2, wide = <usize>(channels & ~3) << 2;
  for (let i = 0; i < width; i++) {
    const tap = taps + <usize>(i >> 2) * GROUP_BYTES + (<usize>(i & 3) << 2);
    let a = x + <usize>load<u32>(tap) * pixel, b = x + <usize>load<u32>(tap, 16) * pixel;
    let c = x + <usize>load<u32>(tap, 32) * pixel, d = x + <usize>load<u32>(tap, 48) * pixel;
    const ofA = v128.load32_splat(tap + 64), ofB = v128.load32_splat(tap + 80), ofC = v128.load32_splat(tap + 96), ofD = v128.load32_splat(tap + 112);
    const fill = v128.load32_splat(tap + 128), end = y + pixel;
    for (const end4 = y + wide; y < end4; a += 16, b += 16, c += 16, d += 16, y += 16) {
      const above = f32x4.add(f32x4.mul(v128.load(a), ofA), f32x4.mul(v128.load(b), ofB));
      const below = f32x4.add(f32x4.mul(v128.load(c), ofC), f32x4.mul(v128.load(d), ofD));
      v128.store(y, f32x4.add(f32x4.add(above, below), fill));
    }
    for (; y < end; a += 4, b += 4, c += 4, d += 4, y += 4) {
      const above = f32x4.add(f32x4.mul(v128.load32_zero(a), ofA), f32x4.mul(v128.load32_zero(b), ofB));
      const below = f32x4.add(f32x4.mul(v128.load32_zero(c), ofC), f32x4.mul(v128.load32_zero(d), ofD));
      v128.store32_lane(y, f32x4.add(f32x4.add(above, below), fill), 0);
    }
  }
}

/** to += dy · weight, a pixel's channels. */
// @ts-ignore: decorator
@inline
function addWeighted(to: usize, dy: usize, pixel: usize, wide: usize, weight: v128): void {
  const end = to + pixel;
  for (const end4 = to + wide; to < end4; to += 16, dy += 16) v128.store(to, f32x4.add(v128.load(to), f32x4.mul(v128.load(dy), weight)));
  for (; to < end; to += 4, dy += 4) store<f32>(to, load<f32>(to) + load<f32>(dy) * f32x4.extract_lane(weight, 0));
}

/** Adds a row dy to the pixels of dx that it was made of, by the same weights. */
// @ts-ignore: decorator
@inline
function scatterRow(dx: usize, dy: usize, taps: usize, width: i32, channels: i32): void {
  const pixel = <usize>channels << 2, wide = <usize>(channels & ~3) << 2;
  for (let i = 0; i < width; i++, dy += pixel) {
    const tap = taps + <usize>(i >> 2) * GROUP_BYTES + (<usize>(i & 3) << 2);
    for (let corner: usize = 0; corner < 64; corner += 16)
      addWeighted(dx + <usize>load<u32>(tap + corner) * pixel, dy, pixel, wide, v128.load32_splat(tap + corner + 64));
  }
}

/** A transform a b c d e f, as drawAffine says; a zoom below 0 mirrors. */
export function storeAffine(
  transform: usize, zoomX: f64, zoomY: f64, angle: f64, shearX: f64, shearY: f64, down: f64, right: f64, height: i32, width: i32,
): void {
  const cos = cosOfTurns(angle), sin = sinOfTurns(angle);
  // From output to input: back by the shift, the angle, the shear and the zoom.
  const a = zoomX * (cos + shearX * sin), b = zoomX * (shearX * cos - sin);
  const d = zoomY * (shearY * cos + sin), e = zoomY * (cos - shearY * sin);
  store<f32>(transform, <f32>a);
  store<f32>(transform, <f32>b, 4);
  store<f32>(transform, <f32>(0.5 * <f64>(width - 1) - a * right - b * down), 8);
  store<f32>(transform, <f32>d, 12);
  store<f32>(transform, <f32>e, 16);
  store<f32>(transform, <f32>(0.5 * <f64>(height - 1) - d * right - e * down), 20);
}

/**
 * transforms [n, 6] = a b c d e f of n examples, the first of which is number `first` of the batch: the output pixel X, Y, counted from the
 * image's middle, is at aX + bY + c, dX + eY + f of the input. Drawn for each example: whether it is flipped (with these probabilities), its
 * zoom (input pixels an output pixel; the width's is the height's where `keepAspect`), shear (with one random sign), angle in turns
 * counter-clockwise, and shift in pixels down and right, done in this order.   key: address of the step's 32-bit key; salt: this layer's own
 */
export function drawAffine(
  transforms: usize, key: usize, salt: u32, first: u32, n: i32, height: i32, width: i32, flipY: f64, flipX: f64,
  angleLow: f64, angleHigh: f64, downLow: f64, downHigh: f64, rightLow: f64, rightHigh: f64,
  zoomYLow: f64, zoomYHigh: f64, zoomXLow: f64, zoomXHigh: f64, keepAspect: i32,
  shearXLow: f64, shearXHigh: f64, shearYLow: f64, shearYHigh: f64,
): void {
  const streamKey = load<u32>(key) ^ salt;
  for (let i = 0; i < n; i++, transforms += 24) {
    const number = (first + i) << 4;
    const bits0 = randomBits4(streamKey, number), bits4 = randomBits4(streamKey, number + 4), bits8 = randomBits4(streamKey, number + 8);
    const signX: f64 = between(i32x4.extract_lane(bits0, 0), 0, 1) < flipX ? -1 : 1;
    const signY: f64 = between(i32x4.extract_lane(bits0, 1), 0, 1) < flipY ? -1 : 1;
    const angle = between(i32x4.extract_lane(bits0, 2), angleLow, angleHigh);
    const down = between(i32x4.extract_lane(bits0, 3), downLow, downHigh), right = between(i32x4.extract_lane(bits4, 0), rightLow, rightHigh);
    const ofHeight = between(i32x4.extract_lane(bits4, 1), zoomYLow, zoomYHigh);
    const ofWidth = keepAspect ? ofHeight : between(i32x4.extract_lane(bits4, 2), zoomXLow, zoomXHigh);
    const shearSign: f64 = i32x4.extract_lane(bits8, 1) < 0 ? -1 : 1;
    const shearX = shearSign * between(i32x4.extract_lane(bits4, 3), shearXLow, shearXHigh);
    const shearY = shearSign * between(i32x4.extract_lane(bits8, 0), shearYLow, shearYHigh);
    storeAffine(transforms, signX * ofWidth, signY * ofHeight, angle, shearX, shearY, down, right, height, width);
  }
}

/** The taps of row number `row` of an image that a transform makes. */
// @ts-ignore: decorator
@inline
function affineTaps(taps: usize, transform: usize, row: i32, height: i32, width: i32, bilinear: i32, fillMode: i32, fillValue: f32): void {
  const Y: f32 = <f32>row - 0.5 * <f32>(height - 1);
  const a = v128.load32_splat(transform), d = v128.load32_splat(transform + 12);
  const x0 = f32x4.splat(load<f32>(transform, 4) * Y + load<f32>(transform, 8));
  const y0 = f32x4.splat(load<f32>(transform, 16) * Y + load<f32>(transform, 20));
  let X = f32x4.sub(f32x4(0, 1, 2, 3), f32x4.splat(0.5 * <f32>(width - 1)));
  for (let left = width; left > 0; left -= 4, taps += GROUP_BYTES) {
    storeTaps4(taps, f32x4.add(f32x4.mul(a, X), x0), f32x4.add(f32x4.mul(d, X), y0), height, width, bilinear, fillMode, fillValue);
    X = f32x4.add(X, f32x4.splat(4));
  }
}

/** y [n, height, width, channels] = the images x through their transforms [n, 6].   taps: 36 floats for each four pixels of a row */
export function warpAffineForward(
  y: usize, x: usize, transforms: usize, taps: usize, n: i32, height: i32, width: i32, channels: i32,
  bilinear: i32, fillMode: i32, fillValue: f32,
): void {
  const rowBytes = <usize>(width * channels) << 2;
  for (let i = 0; i < n; i++) {
    for (let row = 0; row < height; row++, y += rowBytes) {
      affineTaps(taps, transforms, row, height, width, bilinear, fillMode, fillValue);
      gatherRow(y, x, taps, width, channels);
    }
    x += rowBytes * <usize>height;
    transforms += 24;
  }
}

/** Overwrites dx. */
export function warpAffineBackward(
  dx: usize, dy: usize, transforms: usize, taps: usize, n: i32, height: i32, width: i32, channels: i32,
  bilinear: i32, fillMode: i32,
): void {
  const rowBytes = <usize>(width * channels) << 2, imageBytes = rowBytes * <usize>height;
  memory.fill(dx, 0, <usize>n * imageBytes);
  for (let i = 0; i < n; i++) {
    for (let row = 0; row < height; row++, dy += rowBytes) {
      affineTaps(taps, transforms, row, height, width, bilinear, fillMode, 0);
      scatterRow(dx, dy, taps, width, channels);
    }
    dx += imageBytes;
    transforms += 24;
  }
}

/** The taps of a row of an image whose pixels come from where they are, moved by `right` and `down` [width]. */
// @ts-ignore: decorator
@inline
function movedTaps(taps: usize, right: usize, down: usize, row: i32, height: i32, width: i32, bilinear: i32, fillMode: i32, fillValue: f32): void {
  const y0 = f32x4.splat(<f32>row);
  let X = f32x4(0, 1, 2, 3);
  for (let left = width; left > 0; left -= 4, taps += GROUP_BYTES, right += 16, down += 16) {
    storeTaps4(taps, f32x4.add(X, v128.load(right)), f32x4.add(y0, v128.load(down)), height, width, bilinear, fillMode, fillValue);
    X = f32x4.add(X, f32x4.splat(4));
  }
}

/** Floats of a displacement field: right and down, each [height, width] with rows of whole groups of four. */
// @ts-ignore: decorator
@inline
function fieldBytes(height: i32, width: i32): usize { return <usize>(2 * height * ((width + 3) & ~3)) << 2; }

/** y [n, height, width, channels] = the images x, each pixel from where it is plus what its field [n, 2, height, width → a multiple of 4] says. */
export function warpByFieldForward(
  y: usize, x: usize, fields: usize, taps: usize, n: i32, height: i32, width: i32, channels: i32,
  bilinear: i32, fillMode: i32, fillValue: f32,
): void {
  const rowBytes = <usize>(width * channels) << 2, fieldRow = <usize>((width + 3) & ~3) << 2, half = fieldBytes(height, width) >> 1;
  for (let i = 0; i < n; i++) {
    for (let row = 0; row < height; row++, y += rowBytes) {
      const right = fields + <usize>row * fieldRow;
      movedTaps(taps, right, right + half, row, height, width, bilinear, fillMode, fillValue);
      gatherRow(y, x, taps, width, channels);
    }
    x += rowBytes * <usize>height;
    fields += half << 1;
  }
}

/** Overwrites dx. */
export function warpByFieldBackward(
  dx: usize, dy: usize, fields: usize, taps: usize, n: i32, height: i32, width: i32, channels: i32, bilinear: i32, fillMode: i32,
): void {
  const rowBytes = <usize>(width * channels) << 2, fieldRow = <usize>((width + 3) & ~3) << 2, half = fieldBytes(height, width) >> 1;
  memory.fill(dx, 0, <usize>(n * height) * rowBytes);
  for (let i = 0; i < n; i++) {
    for (let row = 0; row < height; row++, dy += rowBytes) {
      const right = fields + <usize>row * fieldRow;
      movedTaps(taps, right, right + half, row, height, width, bilinear, fillMode, 0);
      scatterRow(dx, dy, taps, width, channels);
    }
    dx += rowBytes * <usize>height;
    fields += half << 1;
  }
}
