// Activations, element by element; softmax row by row.   y may be x, dx may be dy: each element is read before it is written.
import { exp, exp4, log, tanh } from './math';

/** y = max(x, 0).   x, y: count values */
export function reluForward(y: usize, x: usize, count: i32): void {
  const zero = f32x4.splat(0), end = x + (<usize>count << 2), end4 = x + (<usize>(count & ~3) << 2);
  //@pairs
  while (x < end4) { v128.store(y, f32x4.max(v128.load(x), zero)); x += 16; y += 16; }
  while (x < end) { store<f32>(y, max<f32>(load<f32>(x), 0)); x += 4; y += 4; }
}

/** dx = dy where y > 0, else 0. */
export function reluBackward(dx: usize, dy: usize, y: usize, count: i32): void {
  const zero = f32x4.splat(0), end = y + (<usize>count << 2), end4 = y + (<usize>(count & ~3) << 2);
  //@pairs
  while (y < end4) { v128.store(dx, v128.and(v128.load(dy), f32x4.gt(v128.load(y), zero))); y += 16; dy += 16; dx += 16; }
  while (y < end) { store<f32>(dx, load<f32>(y) > 0 ? load<f32>(dy) : 0); y += 4; dy += 4; dx += 4; }
}

/** y = 1 / (1 + e^-x) */
export function sigmoidForward(y: usize, x: usize, count: i32): void {
  const one = f32x4.splat(1), end = x + (<usize>count << 2), end4 = x + (<usize>(count & ~3) << 2);
  while (x < end4) { v128.store(y, f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(v128.load(x)))))); x += 16; y += 16; }
  while (x < end) { store<f32>(y, 1 / (1 + exp(-load<f32>(x)))); x += 4; y += 4; }
}

/** dx = dy · y · (1 - y) */
export function sigmoidBackward(dx: usize, dy: usize, y: usize, count: i32): void {
  const end = y + (<usize>count << 2);
  while (y < end) { const v = load<f32>(y); store<f32>(dx, load<f32>(dy) * v * (1 - v)); y += 4; dy += 4; dx += 4; }
}

/** y = tanh x */
export function tanhForward(y: usize, x: usize, count: i32): void {
  const end = x + (<usize>count << 2);
  while (x < end) { store<f32>(y, tanh(load<f32>(x))); x += 4; y += 4; }
}

/** dx = dy · (1 - y²) */
export function tanhBackward(dx: usize, dy: usize, y: usize, count: i32): void {
  const end = y + (<usize>count << 2);
  while (y < end) { const v = load<f32>(y); store<f32>(dx, load<f32>(dy) * (1 - v * v)); y += 4; dy += 4; dx += 4; }
}

/** y = e^x / Σ e^x of each row.   x, y [rows, columns] */
export function softmaxForward(y: usize, x: usize, rows: i32, columns: i32): void {
  const rowBytes = <usize>columns << 2;
  for (let i = 0; i < rows; i++) {
    // The row maximum goes first: exp of a large value is infinite, and infinity / infinity is NaN.
    let top: f32 = -Infinity;
    for (let at: usize = 0; at < rowBytes; at += 4) top = max<f32>(top, load<f32>(x + at));
    let sum: f32 = 0;
    for (let at: usize = 0; at < rowBytes; at += 4) {
      const e = exp(load<f32>(x + at) - top);
      store<f32>(y + at, e);
      sum += e;
    }
    for (let at: usize = 0; at < rowBytes; at += 4) store<f32>(y + at, load<f32>(y + at) / sum);
    x += rowBytes;
    y += rowBytes;
  }
}

/** dx = y · (dy - Σ dy · y) of each row.   dx, dy, y [rows, columns] */
export function softmaxBackward(dx: usize, dy: usize, y: usize, rows: i32, columns: i32): void {
  const rowBytes = <usize>columns << 2;
  for (let i = 0; i < rows; i++) {
    let dot: f32 = 0;
    for (let at: usize = 0; at < rowBytes; at += 4) dot += load<f32>(dy + at) * load<f32>(y + at);
    for (let at: usize = 0; at < rowBytes; at += 4) store<f32>(dx + at, load<f32>(y + at) * (load<f32>(dy + at) - dot));
    dx += rowBytes;
    dy += rowBytes;
    y += rowBytes;
  }
}

/** y = x - ln Σ e^x of each row.   x, y [rows, columns] */
export function logSoftmaxForward(y: usize, x: usize, rows: i32, columns: i32): void {
  const rowBytes = <usize>columns << 2;
  for (let i = 0; i < rows; i++) {
    let top: f32 = -Infinity;
    for (let at: usize = 0; at < rowBytes; at += 4) top = max<f32>(top, load<f32>(x + at));
    let sum: f64 = 0;
    for (let at: usize = 0; at < rowBytes; at += 4) sum += <f64>exp(load<f32>(x + at) - top);
    const logSum = log(sum) + <f64>top;
    for (let at: usize = 0; at < rowBytes; at += 4) store<f32>(y + at, <f32>(<f64>load<f32>(x + at) - logSum));
    x += rowBytes;
    y += rowBytes;
  }
}

/** dx = dy - e^y · Σ dy of each row.   dx, dy, y [rows, columns] */
export function logSoftmaxBackward(dx: usize, dy: usize, y: usize, rows: i32, columns: i32): void {
  const rowBytes = <usize>columns << 2;
  for (let i = 0; i < rows; i++) {
    let sum: f32 = 0;
    for (let at: usize = 0; at < rowBytes; at += 4) sum += load<f32>(dy + at);
    for (let at: usize = 0; at < rowBytes; at += 4) store<f32>(dx + at, load<f32>(dy + at) - exp(load<f32>(y + at)) * sum);
    dx += rowBytes;
    dy += rowBytes;
    y += rowBytes;
  }
}
