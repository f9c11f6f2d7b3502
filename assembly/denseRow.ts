// A dense layer on one example: y [out] = x [in] · W + b. There the product is no matter of arithmetic but of the way of W through the
// caches, once, for two operations a value. So the rows of W under zeros of x (half of what ReLU gives) are not read at all, and two panels
// are summed at a time, as the eight additions of a row do not wait for one another.
//
//   x    0  3  0  0  5  …   ──►  list (k, x[k]) of those that are not 0          panels of W as in gemm.ts
//
// Each result is summed over k in order, as in gemm.ts, and 0 · w adds nothing: bit-identical.
import { madd } from './madd';

/** (byte offset of row k in a panel, x[k]) of each x[k] that is not 0; returns the end of the list. */
function listNonzero(list: usize, x: usize, k: i32): usize {
  for (let row: u32 = 0, end = <u32>k << 6; row < end; row += 64) {
    const value = load<f32>(x);
    store<u32>(list, row);
    store<f32>(list, value, 4);
    list += <usize>(value != 0) << 3;
    x += 4;
  }
  return list;
}

/** sums [32] of two panels side by side. */
function sumPanels(sums: usize, panel: usize, next: usize, list: usize, end: usize): void {
  const zero = f32x4.splat(0);
  let sum0 = zero, sum1 = zero, sum2 = zero, sum3 = zero, sum4 = zero, sum5 = zero, sum6 = zero, sum7 = zero;
  for (; list < end; list += 8) {
    const row = <usize>load<u32>(list), value = v128.load32_splat(list, 4), at = panel + row, nextAt = next + row;
    sum0 = madd(sum0, value, v128.load(at));
    sum1 = madd(sum1, value, v128.load(at, 16));
    sum2 = madd(sum2, value, v128.load(at, 32));
    sum3 = madd(sum3, value, v128.load(at, 48));
    sum4 = madd(sum4, value, v128.load(nextAt));
    sum5 = madd(sum5, value, v128.load(nextAt, 16));
    sum6 = madd(sum6, value, v128.load(nextAt, 32));
    sum7 = madd(sum7, value, v128.load(nextAt, 48));
  }
  v128.store(sums, sum0);
  v128.store(sums, sum1, 16);
  v128.store(sums, sum2, 32);
  v128.store(sums, sum3, 48);
  v128.store(sums, sum4, 64);
  v128.store(sums, sum5, 80);
  v128.store(sums, sum6, 96);
  v128.store(sums, sum7, 112);
}

/**
 * y [out] = x [in] · W + b (0: none), then ReLU where relu = 1.  panels: W packed.  Scratch: list [in + 1, 8 bytes], sums [32]
 */
export function denseRowForward(y: usize, x: usize, panels: usize, bias: usize, list: usize, sums: usize, inSize: i32, outSize: i32, relu: i32): void {
  const end = listNonzero(list, x, inSize), panelBytes = <usize>inSize << 6, floor: f32 = relu ? 0 : -Infinity, floors = f32x4.splat(floor);
  for (let columns = outSize; columns > 0; columns -= 32) {
    // An odd last panel is summed twice.
    sumPanels(sums, panels, columns > 16 ? panels + panelBytes : panels, list, end);
    const whole = min(columns, 32) & ~3;
    for (let i = 0; i < whole; i += 4) {
      const sum = v128.load(sums + (<usize>i << 2));
      v128.store(y, f32x4.max(bias ? f32x4.add(sum, v128.load(bias)) : sum, floors));
      y += 16;
      if (bias) bias += 16;
    }
    for (let i = whole; i < min(columns, 32); i++) {
      const sum = load<f32>(sums + (<usize>i << 2));
      store<f32>(y, max<f32>(bias ? sum + load<f32>(bias) : sum, floor));
      y += 4;
      if (bias) bias += 4;
    }
    panels += 2 * panelBytes;
  }
}
