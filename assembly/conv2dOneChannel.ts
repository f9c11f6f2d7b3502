// Convolution of one input channel with stride 1, for images that are mostly 0: zeros are left out, exactly.
//
//   forward    a line of y, by what its windows hold:   │ zeros │   nonzero   │ zeros │ nonzero │   zeros: y = ReLU(b), one row for all
//                                                                one gemmGrid             one      without copies, as in conv2d.ts
//
//   weights    dw += x · dy[its rows]    for each nonzero pixel, from a list of (address of the first of its rows, x)
//
//              0 0 0 0 0 0     dy between zeros: with a 3 × 3 kernel a pixel meets the nine rows of dy around it, three and three side
//              0 ┌─────┐ 0     by side as they lie, the last tap's first, so they add up to dw flipped (rotated by 180°).
//              0 │ dy  │ 0
//              0 └─────┘ 0     A row is one output's [outC].
import { gemmGrid, RELU, STORE } from './gemm';
import { padTo } from './padding';
import { addRow } from './sparseGradient';

/** nonzero[x] is not 0 if a pixel of column x is not, in `lines` lines of `width` pixels from `image` on. */
function markNonzero(nonzero: usize, image: usize, lines: i32, width: i32): void {
  for (let x = 0; x < width; x++) {
    let bits: u32 = 0, at = image;
    for (let y = 0; y < lines; y++) { bits |= load<u32>(at); at += <usize>width << 2; }
    store<u32>(nonzero, bits);
    nonzero += 4;
    image += 4;
  }
}

/** Number of outputs from the first one on whose windows are all zeros (or none is), of the `outW` that are left. */
function countAlike(nonzero: usize, kW: i32, outW: i32, zeros: bool): i32 {
  for (let x = 0; x < outW; x++) {
    let bits: u32 = 0;
    for (let kX: usize = 0; kX < <usize>kW; kX++) bits |= load<u32>(nonzero + (kX << 2));
    if ((bits == 0) != zeros) return x;
    nonzero += 4;
  }
  return outW;
}

/** `rows` rows of y = b, or ReLU(b); outC a multiple of 4. */
function fillBias(y: usize, bias: usize, rows: i32, outC: i32, relu: i32): void {
  const rowBytes = <usize>outC << 2, floor = f32x4.splat(relu ? 0 : -Infinity);
  for (let at: usize = 0; at < rowBytes; at += 16) {
    const value = bias ? f32x4.max(v128.load(bias + at), floor) : f32x4.splat(0);
    let to = y + at;
    for (let i = 0; i < rows; i++) { v128.store(to, value); to += rowBytes; }
  }
}

/**
 * y [n, outH, outW, outC] = conv(x [n, inH, inW, 1], W) + b, then ReLU where relu = 1; outC a multiple of 4.  panels: W [kH · kW, outC]
 * packed.  Scratch: padded [outH + kH - 1, outW + kW - 1], nonzero: one line of it.
 */
export function conv2dOneChannelForward(
  y: usize, x: usize, panels: usize, bias: usize, padded: usize, nonzero: usize, n: i32,
  inH: i32, inW: i32, outH: i32, outW: i32, outC: i32, kH: i32, kW: i32, padTop: i32, padLeft: i32, relu: i32,
): void {
  const width = outW + kW - 1, rowBytes = <usize>outC << 2;
  for (let i = 0; i < n; i++) {
    let line = padTo(padded, x, inH, inW, 1, outH + kH - 1, width, padTop, padLeft);
    for (let outY = 0; outY < outH; outY++) {
      markNonzero(nonzero, line, kH, width);
      let zeros = true;
      for (let outX = 0; outX < outW; ) {
        const count = countAlike(nonzero + (<usize>outX << 2), kW, outW - outX, zeros), to = y + <usize>outX * rowBytes;
        if (zeros) fillBias(to, bias, count, outC, relu);
        else gemmGrid(to, line + (<usize>outX << 2), panels, bias, 1, count, outC, kH, kW, 0, outC, 0, 1, width, 1, 16 * kW, 16, 16 * kH * kW, relu ? RELU : STORE);
        outX += count;
        zeros = !zeros;
      }
      y += <usize>outW * rowBytes;
      line += <usize>width << 2;
    }
    x += <usize>(inH * inW) << 2;
  }
}

/** to = dy where y > 0, else 0 (y = 0: all of dy), its lines `lineBytes` apart; its sum is added to db (0: none). */
function copyGradient(to: usize, lineBytes: usize, db: usize, dy: usize, y: usize, outH: i32, outW: i32, outC: i32): void {
  const zero = f32x4.splat(0), rowBytes = <usize>outC << 2;
  for (let i = 0; i < outH; i++) {
    let target = to;
    for (let j = 0; j < outW; j++) {
      for (let at: usize = 0; at < rowBytes; at += 16) {
        let g = v128.load(dy);
        if (y) {
          g = v128.and(g, f32x4.gt(v128.load(y), zero));
          y += 16;
        }
        v128.store(target, g);
        if (db) v128.store(db + at, f32x4.add(v128.load(db + at), g));
        target += 16;
        dy += 16;
      }
    }
    to += lineBytes;
  }
}

/** Lists the pixels of x that are not 0: (address of its row in `rows`, x); returns the end of the list. */
function listNonzero(list: usize, x: usize, rows: usize, inH: i32, inW: i32, lineBytes: usize, rowBytes: usize): usize {
  for (let y = 0; y < inH; y++) {
    let row = rows;
    for (let i = 0; i < inW; i++) {
      store<u32>(list, <u32>row);
      store<f32>(list, load<f32>(x), 4);
      list += <usize>(load<f32>(x) != 0) << 3;
      x += 4;
      row += rowBytes;
    }
    rows += lineBytes;
  }
  return list;
}

/**
 * Adds to dw [kH, kW, 1, outC] and db (0: none); the caller zeroes them. outC a multiple of 4; y: the output where ReLU followed, else 0.
 * Scratch: padded [inH + kH - 1, inW + kW - 1, outC], flipped [kH, kW, outC], list [inH · inW + 1, 8 bytes].
 */
export function conv2dOneChannelBackward(
  dw: usize, db: usize, dy: usize, y: usize, x: usize, padded: usize, flipped: usize, list: usize, n: i32,
  inH: i32, inW: i32, outH: i32, outW: i32, outC: i32, kH: i32, kW: i32, padTop: i32, padLeft: i32,
): void {
  const rowBytes = <usize>outC << 2, lineBytes = <usize>(inW + kW - 1) * rowBytes, outBytes = <usize>(outH * outW) * rowBytes;
  const inner = padded + <usize>(kH - 1 - padTop) * lineBytes + <usize>(kW - 1 - padLeft) * rowBytes;
  memory.fill(padded, 0, <usize>(inH + kH - 1) * lineBytes);
  memory.fill(flipped, 0, <usize>(kH * kW) * rowBytes);
  for (let i = 0; i < n; i++) {
    copyGradient(inner, lineBytes, db, dy, y, outH, outW, outC);
    const end = listNonzero(list, x, padded, inH, inW, lineBytes, rowBytes);
    for (let kY = 0; kY < kH; kY++) addRow(flipped + <usize>(kY * kW) * rowBytes, list, end, <usize>kY * lineBytes, <usize>kW * rowBytes);
    dy += outBytes;
    if (y) y += outBytes;
    x += <usize>(inH * inW) << 2;
  }
  let tap = flipped + <usize>(kH * kW) * rowBytes;
  for (const end = dw + <usize>(kH * kW) * rowBytes; dw < end; ) {
    tap -= rowBytes;
    for (let at: usize = 0; at < rowBytes; at += 16) { v128.store(dw, f32x4.add(v128.load(dw), v128.load(tap + at))); dw += 16; }
  }
}
