// Matrix multiplication on packed panels: c[i, j] = Σ a[i, k] · b[k, j], the one place where most of the time goes.
//
//   b   packed in panels of 16 columns, zeros past the last:     panel 0: b[0, 0…15] b[1, 0…15] … b[k-1, 0…15]
//       (packPanels makes them)                                  panel 1: b[0, 16…31] …
//       or rows with any stride, if they are few: those of a gradient are not worth a copy
//
//   a   with any strides: a row i is a place (y, x) of a grid, a column k is a place (outer, inner) of another, and a[i, k] is at
//       a + y · aRowH + x · aRowW + outer · aOuter + inner · aInner. A matrix has grids of one row; a convolution reads its windows
//       straight from the image (conv2d.ts).
//
// A tile of 2 × 16 results stays in registers for the whole sum: 8 accumulators, 4 vectors of b, one of a and a product are 14 of the
// 15 registers that V8 has.  (4 × 8 needs fewer vectors of b, but four addresses of a: 41 GFLOP/s where 2 × 16 makes 50; 5 × 8 is
// spilled or not, depending on the code around it.)  With vectors of 256 bits it is 4 × 16, in as many registers.  In a panel of 8 columns
// or fewer 2 × 8 would wait for its own additions: there it is 4 × 8, 30 GFLOP/s for 26 at K = 48.   Each result is summed over k in
// order, so tiles never change a bit.
import { madd } from './madd';
import { WIDE } from './vectors';

/** Rows of a tile of 16 columns. */
const TILE_ROWS: i32 = WIDE ? 4 : 2;

/** What a tile does with its sums and their bias: RELU lets what is above 0 through; ADD adds them to what c holds. */
export const STORE: i32 = 0, ADD: i32 = 1, RELU: i32 = 2;

/** Bytes of a row of a panel. */
const PANEL_ROW: usize = 64;

// @ts-ignore: decorator
@inline
function finish(columns16: bool, c: usize, sum0: v128, sum1: v128, sum2: v128, sum3: v128, columns: i32, bias: usize, mode: i32): void {
  if (bias != 0) {
    sum0 = f32x4.add(sum0, v128.load(bias));
    sum1 = f32x4.add(sum1, v128.load(bias, 16));
    if (columns16) {
      sum2 = f32x4.add(sum2, v128.load(bias, 32));
      sum3 = f32x4.add(sum3, v128.load(bias, 48));
    }
  }
  if (mode == RELU) {
    const zero = f32x4.splat(0);
    sum0 = f32x4.max(sum0, zero);
    sum1 = f32x4.max(sum1, zero);
    if (columns16) {
      sum2 = f32x4.max(sum2, zero);
      sum3 = f32x4.max(sum3, zero);
    }
  }
  if (columns >= (columns16 ? 16 : 8)) {
    if (mode == ADD) {
      sum0 = f32x4.add(sum0, v128.load(c));
      sum1 = f32x4.add(sum1, v128.load(c, 16));
      if (columns16) {
        sum2 = f32x4.add(sum2, v128.load(c, 32));
        sum3 = f32x4.add(sum3, v128.load(c, 48));
      }
    }
    v128.store(c, sum0);
    v128.store(c, sum1, 16);
    if (columns16) {
      v128.store(c, sum2, 32);
      v128.store(c, sum3, 48);
    }
  } else finishPart(c, sum0, sum1, sum2, sum3, columns, mode);
}

/** The last panel of a matrix whose columns are no multiple of 16: whole vectors, then value by value. */
function finishPart(c: usize, sum0: v128, sum1: v128, sum2: v128, sum3: v128, columns: i32, mode: i32): void {
  for (; columns >= 4; columns -= 4) {
    v128.store(c, mode == ADD ? f32x4.add(sum0, v128.load(c)) : sum0);
    sum0 = sum1;
    sum1 = sum2;
    sum2 = sum3;
    c += 16;
  }
  for (; columns > 0; columns--) {
    const value = f32x4.extract_lane(sum0, 0);
    store<f32>(c, mode == ADD ? value + load<f32>(c) : value);
    sum0 = v128.shuffle<f32>(sum0, sum0, 1, 2, 3, 3);
    c += 4;
  }
}

// `rows` (4, 2 or 1) and `columns16` are constants at each place of use, so the compiler drops what a tile does not have.
// @ts-ignore: decorator
@inline
function tile(
  rows: i32, columns16: bool, c0: usize, c1: usize, c2: usize, c3: usize, a0: usize, a1: usize, a2: usize, a3: usize, b: usize,
  kOuter: i32, kInner: i32, aOuter: usize, aInner: usize, bOuter: usize, bInner: usize, columns: i32, bias: usize, mode: i32,
): void {
  const zero = f32x4.splat(0), innerBytes = <usize>kInner * bInner, bBytes = <usize>kOuter * bOuter;
  let sum00 = zero, sum01 = zero, sum02 = zero, sum03 = zero, sum10 = zero, sum11 = zero, sum12 = zero, sum13 = zero;
  let sum20 = zero, sum21 = zero, sum22 = zero, sum23 = zero, sum30 = zero, sum31 = zero, sum32 = zero, sum33 = zero;
  let aOuterAt: usize = 0, bOuterAt: usize = 0;
  do {
    let at0 = a0 + aOuterAt, at1 = a1 + aOuterAt, at2 = a2 + aOuterAt, at3 = a3 + aOuterAt, bAt = b + bOuterAt;
    const innerEnd = bAt + innerBytes;
    do {
      const b0 = v128.load(bAt), b1 = v128.load(bAt, 16);
      let b2 = zero, b3 = zero;
      if (columns16) {
        b2 = v128.load(bAt, 32);
        b3 = v128.load(bAt, 48);
      }
      let value = v128.load32_splat(at0);
      sum00 = madd(sum00, value, b0);
      sum01 = madd(sum01, value, b1);
      if (columns16) {
        sum02 = madd(sum02, value, b2);
        sum03 = madd(sum03, value, b3);
      }
      at0 += aInner;
      if (rows >= 2) {
        value = v128.load32_splat(at1);
        sum10 = madd(sum10, value, b0);
        sum11 = madd(sum11, value, b1);
        if (columns16) {
          sum12 = madd(sum12, value, b2);
          sum13 = madd(sum13, value, b3);
        }
        at1 += aInner;
      }
      if (rows >= 4) {
        value = v128.load32_splat(at2);
        sum20 = madd(sum20, value, b0);
        sum21 = madd(sum21, value, b1);
        if (columns16) {
          sum22 = madd(sum22, value, b2);
          sum23 = madd(sum23, value, b3);
        }
        at2 += aInner;
        value = v128.load32_splat(at3);
        sum30 = madd(sum30, value, b0);
        sum31 = madd(sum31, value, b1);
        if (columns16) {
          sum32 = madd(sum32, value, b2);
          sum33 = madd(sum33, value, b3);
        }
        at3 += aInner;
      }
      bAt += bInner;
    } while (bAt < innerEnd);
    aOuterAt += aOuter;
    bOuterAt += bOuter;
  } while (bOuterAt < bBytes);
  finish(columns16, c0, sum00, sum01, sum02, sum03, columns, bias, mode);
  if (rows >= 2) finish(columns16, c1, sum10, sum11, sum12, sum13, columns, bias, mode);
  if (rows >= 4) {
    finish(columns16, c2, sum20, sum21, sum22, sum23, columns, bias, mode);
    finish(columns16, c3, sum30, sum31, sum32, sum33, columns, bias, mode);
  }
}

/** The rows of c in one panel's columns, `together` (4 or 2) at a time, the rest two by two and one by one; a and c as in {@link gemmGrid}. */
// @ts-ignore: decorator
@inline
function rowsOfPanel(
  together: i32, columns16: bool, c: usize, a: usize, b: usize, rowsH: i32, rowsW: i32, kOuter: i32, kInner: i32,
  cRowH: usize, cRowW: usize, aRowH: usize, aRowW: usize, aOuter: usize, aInner: usize, bOuter: usize, bInner: usize, columns: i32, bias: usize, mode: i32,
): void {
  const rows = rowsH * rowsW, whole = rows & ~(together - 1), pairs = rows & ~1;
  // The row at c3 and a3, and those before it.
  let c0 = c, c1 = c, c2 = c, c3 = c, a0 = a, a1 = a, a2 = a, a3 = a, left = rowsW;
  for (let i = 1; i <= rows; i++) {
    if (together == 4 && i <= whole) {
      if ((i & 3) == 0) tile(4, columns16, c0, c1, c2, c3, a0, a1, a2, a3, b, kOuter, kInner, aOuter, aInner, bOuter, bInner, columns, bias, mode);
    } else if (i <= pairs) {
      if ((i & 1) == 0) tile(2, columns16, c2, c3, c3, c3, a2, a3, a3, a3, b, kOuter, kInner, aOuter, aInner, bOuter, bInner, columns, bias, mode);
    } else tile(1, columns16, c3, c3, c3, c3, a3, a3, a3, a3, b, kOuter, kInner, aOuter, aInner, bOuter, bInner, columns, bias, mode);
    if (together == 4) {
      c0 = c1;
      c1 = c2;
      a0 = a1;
      a1 = a2;
    }
    c2 = c3;
    a2 = a3;
    if (--left > 0) {
      c3 += cRowW;
      a3 += aRowW;
    } else {
      c += cRowH;
      a += aRowH;
      c3 = c;
      a3 = a;
      left = rowsW;
    }
  }
}
function panel16(c: usize, a: usize, b: usize, rowsH: i32, rowsW: i32, kOuter: i32, kInner: i32, cRowH: usize, cRowW: usize, aRowH: usize, aRowW: usize, aOuter: usize, aInner: usize, bOuter: usize, bInner: usize, columns: i32, bias: usize, mode: i32): void {
  rowsOfPanel(TILE_ROWS, true, c, a, b, rowsH, rowsW, kOuter, kInner, cRowH, cRowW, aRowH, aRowW, aOuter, aInner, bOuter, bInner, columns, bias, mode);
}
function panel8(c: usize, a: usize, b: usize, rowsH: i32, rowsW: i32, kOuter: i32, kInner: i32, cRowH: usize, cRowW: usize, aRowH: usize, aRowW: usize, aOuter: usize, aInner: usize, bOuter: usize, bInner: usize, columns: i32, bias: usize, mode: i32): void {
  rowsOfPanel(4, false, c, a, b, rowsH, rowsW, kOuter, kInner, cRowH, cRowW, aRowH, aRowW, aOuter, aInner, bOuter, bInner, columns, bias, mode);
}

/**
 * c [rowsH · rowsW, n] = a · b with a's row (y, x) on a grid of rowsH × rowsW and its column (outer, inner) on one of kOuter × kInner; c's
 * row (y, x) is at c + y · cRowH + x · cRowW, b's row (outer, inner) at b + outer · bOuter + inner · bInner, and its next 16 columns bPanel
 * further. (Up to 15 floats past a row of b are read, and thrown away.)  All strides in elements. `mode`: STORE, ADD (c += …) or RELU.
 * bias [n] is added to each row, or 0 for none.
 */
export function gemmGrid(
  c: usize, a: usize, b: usize, bias: usize, rowsH: i32, rowsW: i32, n: i32, kOuter: i32, kInner: i32,
  cRowH: i32, cRowW: i32, aRowH: i32, aRowW: i32, aOuter: i32, aInner: i32, bOuter: i32, bInner: i32, bPanel: i32, mode: i32,
): void {
  for (let columns = n; columns > 0; columns -= 16) {
    if (columns > 8) panel16(c, a, b, rowsH, rowsW, kOuter, kInner, <usize>cRowH << 2, <usize>cRowW << 2, <usize>aRowH << 2, <usize>aRowW << 2, <usize>aOuter << 2, <usize>aInner << 2, <usize>bOuter << 2, <usize>bInner << 2, columns, bias, mode);
    else panel8(c, a, b, rowsH, rowsW, kOuter, kInner, <usize>cRowH << 2, <usize>cRowW << 2, <usize>aRowH << 2, <usize>aRowW << 2, <usize>aOuter << 2, <usize>aInner << 2, <usize>bOuter << 2, <usize>bInner << 2, columns, bias, mode);
    b += <usize>bPanel << 2;
    c += PANEL_ROW;
    if (bias != 0) bias += PANEL_ROW;
  }
}

/** c [m, n] = a [m, k] · b [k, n] in panels with k ≥ 1: {@link gemmGrid} for plain matrices (aInner = 1: row after row; aRow = 1: a transposed one). */
export function gemm(c: usize, a: usize, b: usize, bias: usize, m: i32, n: i32, k: i32, cRow: i32, aRow: i32, aInner: i32, mode: i32): void {
  gemmGrid(c, a, b, bias, 1, m, n, 1, k, 0, cRow, 0, aRow, 0, aInner, 16 * k, 16, 16 * k, mode);
}

/**
 * Packs b [k, n] into panels of 16 columns, zeros past column n; element (i, j) at b + i · row + j · step (in elements), so that a
 * transposed matrix packs as well.   panels [⌈n / 16⌉, panelRows, 16]: the first k rows of each panel are written.
 */
export function packPanels(panels: usize, b: usize, k: i32, n: i32, row: i32, step: i32, panelRows: i32): void {
  const rowBytes = <usize>row << 2, stepBytes = <usize>step << 2;
  for (let j = 0; j < n; j += 16) {
    const columns = min(16, n - j);
    let from = b + <usize>j * stepBytes, to = panels;
    for (let i = 0; i < k; i++) {
      if (columns == 16 && step == 1) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
        v128.store(to, v128.load(from, 32), 32);
        v128.store(to, v128.load(from, 48), 48);
      } else packRow(to, from, columns, stepBytes);
      to += PANEL_ROW;
      from += rowBytes;
    }
    panels += <usize>panelRows * PANEL_ROW;
  }
}

function packRow(to: usize, from: usize, columns: i32, stepBytes: usize): void {
  for (let lane = 0; lane < 16; lane++) {
    store<f32>(to, lane < columns ? load<f32>(from) : 0);
    to += 4;
    from += stepBytes;
  }
}
