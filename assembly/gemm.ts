// Matrix multiplication on packed panels: c[i, j] = Σ a[i, k] · b[k, j], the one place where most of the time goes.
//
//   a   any matrix, element (i, k) at a + i · aRow + k · aStep          b   packed in panels of 8 columns:
//       (aStep = 1: row after row; aRow = 1: a transposed matrix)           panel 0: b[0, 0…7] b[1, 0…7] … b[k-1, 0…7]
//                                                                           panel 1: b[0, 8…15] …     (packPanels makes them)
// A tile of 4 × 8 results stays in registers for the whole sum: 8 accumulators, 2 vectors of b, one of a and a product are 12 of the
// 15 registers that V8 has. (5 × 8 fits too, but Node 20 spills it or not at the whim of what surrounds it: 25 or 39 GFLOP/s.)
// Each result is summed over k in order, so tiles never change a bit.
import { madd } from './madd';

/** What a tile does with its sums. BIAS and RELU take them first; ADD adds them to what c holds. */
export const STORE: i32 = 0, ADD: i32 = 1, RELU: i32 = 2;

// @ts-ignore: decorator
@inline
function finish(c: usize, low: v128, high: v128, columns: i32, bias: usize, mode: i32): void {
  if (bias != 0) {
    low = f32x4.add(low, v128.load(bias));
    high = f32x4.add(high, v128.load(bias, 16));
  }
  if (mode == RELU) {
    low = f32x4.max(low, f32x4.splat(0));
    high = f32x4.max(high, f32x4.splat(0));
  }
  if (columns >= 8) {
    if (mode == ADD) {
      low = f32x4.add(low, v128.load(c));
      high = f32x4.add(high, v128.load(c, 16));
    }
    v128.store(c, low);
    v128.store(c, high, 16);
  } else finishPart(c, low, high, columns, mode);
}

/** The last panel of a matrix whose columns are no multiple of 8. */
function finishPart(c: usize, low: v128, high: v128, columns: i32, mode: i32): void {
  for (let j = 0; j < columns; j++) {
    let value = f32x4.extract_lane(low, 0);
    if (mode == ADD) value += load<f32>(c);
    store<f32>(c, value);
    c += 4;
    low = v128.shuffle<f32>(low, high, 1, 2, 3, 4);
    high = v128.shuffle<f32>(high, high, 1, 2, 3, 3);
  }
}

// `rows` is a constant at each place of use, so the compiler drops the rows that a tile does not have.
// @ts-ignore: decorator
@inline
function tile(rows: i32, c: usize, a: usize, b: usize, k: i32, cRowBytes: usize, aRowBytes: usize, aStepBytes: usize, columns: i32, bias: usize, mode: i32): void {
  const zero = f32x4.splat(0);
  let low0 = zero, high0 = zero, low1 = zero, high1 = zero, low2 = zero, high2 = zero, low3 = zero, high3 = zero;
  const a1 = a + aRowBytes, a2 = a1 + aRowBytes, a3 = a2 + aRowBytes, end = b + (<usize>k << 5);
  let at: usize = 0;
  do {
    const bLow = v128.load(b), bHigh = v128.load(b, 16);
    let value = v128.load32_splat(a + at);
    low0 = madd(low0, value, bLow);
    high0 = madd(high0, value, bHigh);
    if (rows == 4) {
      value = v128.load32_splat(a1 + at);
      low1 = madd(low1, value, bLow);
      high1 = madd(high1, value, bHigh);
      value = v128.load32_splat(a2 + at);
      low2 = madd(low2, value, bLow);
      high2 = madd(high2, value, bHigh);
      value = v128.load32_splat(a3 + at);
      low3 = madd(low3, value, bLow);
      high3 = madd(high3, value, bHigh);
    }
    at += aStepBytes;
    b += 32;
  } while (b < end);
  finish(c, low0, high0, columns, bias, mode);
  if (rows == 4) {
    finish(c + cRowBytes, low1, high1, columns, bias, mode);
    finish(c + 2 * cRowBytes, low2, high2, columns, bias, mode);
    finish(c + 3 * cRowBytes, low3, high3, columns, bias, mode);
  }
}

function tile4x8(c: usize, a: usize, b: usize, k: i32, cRowBytes: usize, aRowBytes: usize, aStepBytes: usize, columns: i32, bias: usize, mode: i32): void {
  tile(4, c, a, b, k, cRowBytes, aRowBytes, aStepBytes, columns, bias, mode);
}
function tile1x8(c: usize, a: usize, b: usize, k: i32, cRowBytes: usize, aRowBytes: usize, aStepBytes: usize, columns: i32, bias: usize, mode: i32): void {
  tile(1, c, a, b, k, cRowBytes, aRowBytes, aStepBytes, columns, bias, mode);
}

/**
 * c [m, n] = a [m, k] · b [k, n] with k ≥ 1 and row strides in elements. `mode`: STORE, ADD (c += …) or RELU.
 * bias [n, rounded up to panels of 8] is added to each row, or 0 for none.
 */
export function gemm(c: usize, a: usize, b: usize, bias: usize, m: i32, n: i32, k: i32, cRow: i32, aRow: i32, aStep: i32, mode: i32): void {
  const cRowBytes = <usize>cRow << 2, aRowBytes = <usize>aRow << 2, aStepBytes = <usize>aStep << 2, panelBytes = <usize>k << 5;
  for (let j = 0; j < n; j += 8) {
    let cTile = c + (<usize>j << 2), aTile = a, i = 0;
    for (; i + 4 <= m; i += 4) {
      tile4x8(cTile, aTile, b, k, cRowBytes, aRowBytes, aStepBytes, n - j, bias, mode);
      cTile += 4 * cRowBytes;
      aTile += 4 * aRowBytes;
    }
    for (; i < m; i++) {
      tile1x8(cTile, aTile, b, k, cRowBytes, aRowBytes, aStepBytes, n - j, bias, mode);
      cTile += cRowBytes;
      aTile += aRowBytes;
    }
    b += panelBytes;
    if (bias != 0) bias += 32;
  }
}

/**
 * Packs b [k, n] into panels of 8 columns, zeros past column n; element (i, j) at b + i · row + j · step (in elements), so that a
 * transposed matrix packs as well.   panels [⌈n / 8⌉, panelRows, 8]: the first k rows of each panel are written.
 */
export function packPanels(panels: usize, b: usize, k: i32, n: i32, row: i32, step: i32, panelRows: i32): void {
  const rowBytes = <usize>row << 2, stepBytes = <usize>step << 2;
  for (let j = 0; j < n; j += 8) {
    const columns = min(8, n - j);
    let from = b + <usize>j * stepBytes, to = panels;
    for (let i = 0; i < k; i++) {
      if (columns == 8 && step == 1) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      } else packRow(to, from, columns, stepBytes);
      to += 32;
      from += rowBytes;
    }
    panels += <usize>panelRows << 5;
  }
}

function packRow(to: usize, from: usize, columns: i32, stepBytes: usize): void {
  for (let lane = 0; lane < 8; lane++) {
    store<f32>(to, lane < columns ? load<f32>(from) : 0);
    to += 4;
    from += stepBytes;
  }
}
