// Two values into one, element by element, and what broadcasting needs: rows repeated, and repeated rows summed.
import { add } from './sums';

// How two values become one; src/compiler/ops/merge.ts numbers them alike.
const ADD = 0, ADD_RELU = 1, SUBTRACT = 2, MULTIPLY = 3, MAXIMUM = 4, MINIMUM = 5;

// @ts-ignore: decorator
@inline
function merge4(how: i32, a: v128, b: v128): v128 {
  if (how == SUBTRACT) return f32x4.sub(a, b);
  if (how == MULTIPLY) return f32x4.mul(a, b);
  return how == MAXIMUM ? f32x4.max(a, b) : f32x4.min(a, b);
}

/** y = max(a + b, 0) */
function addRelu(y: usize, a: usize, b: usize, count: i32): void {
  const zero = f32x4.splat(0), end = y + (<usize>count << 2), end4 = y + (<usize>(count & ~3) << 2);
  //@pairs
  while (y < end4) { v128.store(y, f32x4.max(f32x4.add(v128.load(a), v128.load(b)), zero)); y += 16; a += 16; b += 16; }
  while (y < end) { store<f32>(y, max<f32>(load<f32>(a) + load<f32>(b), 0)); y += 4; a += 4; b += 4; }
}

/** y [count] = a ∘ b, with a NaN wherever one comes in; y may be a or b. */
export function mergeForward(y: usize, a: usize, b: usize, count: i32, how: i32): void {
  if (how == ADD) { add(y, a, b, count); return; }
  if (how == ADD_RELU) { addRelu(y, a, b, count); return; }
  const end = y + (<usize>count << 2), end4 = y + (<usize>(count & ~3) << 2);
  while (y < end4) { v128.store(y, merge4(how, v128.load(a), v128.load(b))); y += 16; a += 16; b += 16; }
  while (y < end) {
    store<f32>(y, f32x4.extract_lane(merge4(how, v128.load32_zero(a), v128.load32_zero(b)), 0));
    y += 4; a += 4; b += 4;
  }
}

/** da = db = dy where y > 0, else 0; da or db may be dy.   all [count] */
export function addReluBackward(da: usize, db: usize, dy: usize, y: usize, count: i32): void {
  const zero = f32x4.splat(0), end = y + (<usize>count << 2), end4 = y + (<usize>(count & ~3) << 2);
  //@pairs
  while (y < end4) {
    const gradient = v128.and(v128.load(dy), f32x4.gt(v128.load(y), zero));
    v128.store(da, gradient);
    v128.store(db, gradient);
    da += 16; db += 16; dy += 16; y += 16;
  }
  while (y < end) {
    const gradient: f32 = load<f32>(y) > 0 ? load<f32>(dy) : 0;
    store<f32>(da, gradient);
    store<f32>(db, gradient);
    da += 4; db += 4; dy += 4; y += 4;
  }
}

/**
 * Backward pass of maximum and minimum: dx = dy where x equals y, else 0; dy becomes 0 there, so the first of equal inputs takes it all.
 * dx is 0 where it is not needed.   all [count]
 */
export function maximumBackward(dx: usize, dy: usize, x: usize, y: usize, count: i32): void {
  const end = y + (<usize>count << 2), end4 = y + (<usize>(count & ~3) << 2);
  while (y < end4) {
    const won = f32x4.eq(v128.load(x), v128.load(y)), gradient = v128.load(dy);
    if (dx) { v128.store(dx, v128.and(gradient, won)); dx += 16; }
    v128.store(dy, v128.andnot(gradient, won));
    dy += 16; x += 16; y += 16;
  }
  while (y < end) {
    const won = load<f32>(x) == load<f32>(y), gradient = load<f32>(dy);
    if (dx) { store<f32>(dx, won ? gradient : 0); dx += 4; }
    store<f32>(dy, won ? 0 : gradient);
    dy += 4; x += 4; y += 4;
  }
}

/** y [outer, repeat, inner] = x [outer, inner], each row so many times. */
export function repeatRows(y: usize, x: usize, outer: i32, repeat: i32, inner: i32): void {
  const rowBytes = <usize>inner << 2;
  for (let o = 0; o < outer; o++) {
    if (inner == 1) {
      const value = load<f32>(x), value4 = f32x4.splat(value);
      const end = y + (<usize>repeat << 2), end4 = y + (<usize>(repeat & ~3) << 2);
      while (y < end4) { v128.store(y, value4); y += 16; }
      while (y < end) { store<f32>(y, value); y += 4; }
    } else {
      for (let r = 0; r < repeat; r++) { memory.copy(y, x, rowBytes); y += rowBytes; }
    }
    x += rowBytes;
  }
}

/** Overwrites sum [outer, inner] by the sums of x [outer, repeat, inner] over its rows, first row first; of single columns in four lanes. */
export function sumRows(sum: usize, x: usize, outer: i32, repeat: i32, inner: i32): void {
  const rowBytes = <usize>inner << 2, blockBytes = <usize>repeat * rowBytes;
  for (let o = 0; o < outer; o++) {
    if (inner == 1) {
      let at = x, total4 = f32x4.splat(0);
      const end = x + blockBytes, end4 = x + (<usize>(repeat & ~3) << 2);
      while (at < end4) { total4 = f32x4.add(total4, v128.load(at)); at += 16; }
      let total = f32x4.extract_lane(total4, 0) + f32x4.extract_lane(total4, 1) + f32x4.extract_lane(total4, 2) + f32x4.extract_lane(total4, 3);
      while (at < end) { total += load<f32>(at); at += 4; }
      store<f32>(sum, total);
      sum += 4;
    } else {
      const end = sum + rowBytes, end4 = sum + (<usize>(inner & ~3) << 2);
      for (let column = x; sum < end; ) {
        if (sum < end4) {
          let total = v128.load(column);
          for (let at = column + rowBytes; at < x + blockBytes; at += rowBytes) total = f32x4.add(total, v128.load(at));
          v128.store(sum, total);
          sum += 16; column += 16;
        } else {
          let total = load<f32>(column);
          for (let at = column + rowBytes; at < x + blockBytes; at += rowBytes) total += load<f32>(at);
          store<f32>(sum, total);
          sum += 4; column += 4;
        }
      }
    }
    x += blockBytes;
  }
}

/** y = x [rows, width], both with rows so many elements apart. */
export function copyRows(y: usize, x: usize, rows: i32, width: i32, yStride: i32, xStride: i32): void {
  const wide = width & ~3;
  for (let row = 0; row < rows; row++) {
    let to = y, from = x;
    for (const end4 = x + (<usize>wide << 2); from < end4; ) { v128.store(to, v128.load(from)); to += 16; from += 16; }
    for (const end = x + (<usize>width << 2); from < end; ) { store<f32>(to, load<f32>(from)); to += 4; from += 4; }
    y += <usize>yStride << 2;
    x += <usize>xStride << 2;
  }
}
