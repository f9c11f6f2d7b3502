// 3 × 3 convolution with strides of 1 or 2 by Winograd's minimal filtering (winograd1d.ts) of rows and columns.
//
//   x [inH, inW, inC]     ──Bᵀ d──►  V [Q, P, inC]          P, Q: elements of all points along rows and columns
//   w [3, 3, inC, outC]   ──G g───►  U [points, inC, outC] in panels (winogradFilters, once a step)
//                                    M [Q, P, outC]         a matrix multiplication for each pair of points: M's block of
//   y [outH, outW, outC]  ◄──Aᵀ m──  M, + b, ReLU           that pair is V's times its U
//
//   Backward     dy ──A dy──► Z [Q, P, outC]      dV = Z · Uᵀ ──B dv──► dx      dU += Vᵀ · Z ──Gᵀ du──► dw
//
// Rows of tiles are taken one at a time, so that their lines stay in the nearest cache between the two passes.
// Where an image is one tile, each point has one value of it, and backward all weights would pass by for one row. There several images are
// taken `together`, each `apart` values behind the one before, and a product has a row of each: the same bits, as sums are in the same order.
import { countAt, countBefore, inputsOf, transformInputBackward, transformOutput, transformFilterBackward, outputsOfTile, pointsOf, transformInput, transformOutputBackward, transformFilter } from './winograd1d';
import { reluForward } from './activations';
import { ADD, gemm, gemmGrid, packPanels, STORE } from './gemm';
import { cropImage, padTo } from './padding';

/**
 * The weights u [points, ⌈outC / 16⌉, inC, 16] for winogradConv2dForward, and transposed [points, ⌈inC / 16⌉, outC, 16] for
 * winogradConv2dBackward (0: none); inC and outC multiples of 4.  Scratch: filters [pointsH · (pointsW + 3), inC, outC].
 */
export function winogradFilters(u: usize, transposed: usize, w: usize, filters: usize, inC: i32, outC: i32, strideH: i32, strideW: i32): void {
  const size = <usize>(inC * outC) << 2, pointsH = pointsOf(strideH), pointsW = pointsOf(strideW), rows = filters + <usize>(pointsH * pointsW) * size;
  transformFilter(rows, w, strideH, 3 * size);
  for (let i = 0; i < pointsH; i++) transformFilter(filters + <usize>(i * pointsW) * size, rows + <usize>(3 * i) * size, strideW, size);
  for (; filters < rows; filters += size) {
    packPanels(u, filters, inC, outC, outC, 1, inC);
    u += <usize>(((outC + 15) >> 4) * inC) << 6;
    if (!transposed) continue;
    packPanels(transposed, filters, outC, inC, 1, outC, outC);
    transposed += <usize>(((inC + 15) >> 4) * outC) << 6;
  }
}

/** Transforms of an image: which of winograd1d's functions is applied to its rows and columns. */
const INPUT: i32 = 0, OUTPUT_BACKWARD: i32 = 1, OUTPUT: i32 = 2, INPUT_BACKWARD: i32 = 3;

/** `values` of all points of an axis, those of line number `line` of `lines`; `plain` lines or pixels. */
function transformLine(transform: i32, values: usize, line: i32, lines: i32, plain: usize, out: i32, stride: i32, size: usize): void {
  if (transform == INPUT) transformInput(values, line, lines, plain, out, stride, size);
  else if (transform == OUTPUT_BACKWARD) transformOutputBackward(values, line, lines, plain, out, stride, size);
  else if (transform == OUTPUT) transformOutput(plain, values, line, lines, out, stride, size);
  else transformInputBackward(plain, values, line, lines, out, stride, size);
}

/**
 * An image whose lines are `width` pixels long, to or from the values of all points [Q, P, channels]: v from x, z from dy, y from m;
 * dx from dv is added to.  outH × outW: what the convolution gives.
 */
function transformImage(transform: i32, values: usize, image: usize, lines: usize, width: i32, channels: i32, outH: i32, outW: i32, strideH: i32, strideW: i32): void {
  const pixelBytes = <usize>channels << 2, lineBytes = <usize>width * pixelBytes, all = countBefore(pointsOf(strideH), outH, strideH);
  const fromImage = transform == INPUT || transform == OUTPUT_BACKWARD, step = transform == INPUT || transform == INPUT_BACKWARD ? strideH : 1;
  for (let done = 0; done < outH; done += outputsOfTile(strideH)) {
    const outputs = min(outputsOfTile(strideH), outH - done), imageLine = image + <usize>(done * step) * lineBytes;
    if (fromImage) transformLine(transform, lines, 0, 1, imageLine, outputs, strideH, lineBytes);
    else if (transform == INPUT_BACKWARD) memory.fill(lines, 0, <usize>countBefore(pointsOf(strideH), outputs, strideH) * lineBytes);
    let line = lines;
    for (let point = 0; point < pointsOf(strideH); point++) {
      let at = countBefore(point, outH, strideH) + countAt(point, done, strideH);
      for (let i = countAt(point, outputs, strideH); i > 0; i--) {
        transformLine(transform, values, at++, all, line, outW, strideW, pixelBytes);
        line += lineBytes;
      }
    }
    if (!fromImage) transformLine(transform, lines, 0, 1, imageLine, outputs, strideH, lineBytes);
  }
}

/** For each pair of points: to's block = from's block [images · lines · pixels, fromC] · panels [fromC, toC]; `apart` values from row to row. */
function multiplyPoints(to: usize, from: usize, panels: usize, images: i32, apart: i32, outH: i32, outW: i32, strideH: i32, strideW: i32, fromC: i32, toC: i32): void {
  const panelBytes = <usize>(((toC + 15) >> 4) * fromC) << 6;
  for (let pointX = 0; pointX < pointsOf(strideW); pointX++) {
    for (let pointY = 0; pointY < pointsOf(strideH); pointY++) {
      const count = countAt(pointY, outH, strideH) * countAt(pointX, outW, strideW);
      gemm(to, from, panels + <usize>(pointY * pointsOf(strideW) + pointX) * panelBytes, 0, images * count, toC, fromC, apart * toC, apart * fromC, 1, STORE);
      to += <usize>(count * toC) << 2;
      from += <usize>(count * fromC) << 2;
    }
  }
}

/** For each pair of points: du [inC, outC] += the transpose of v's block · z's. */
function addPoints(du: usize, v: usize, z: usize, images: i32, apart: i32, outH: i32, outW: i32, strideH: i32, strideW: i32, inC: i32, outC: i32): void {
  const size = <usize>(inC * outC) << 2;
  for (let pointX = 0; pointX < pointsOf(strideW); pointX++) {
    for (let pointY = 0; pointY < pointsOf(strideH); pointY++) {
      const count = countAt(pointY, outH, strideH) * countAt(pointX, outW, strideW);
      if (count > 0) gemmGrid(du + <usize>(pointY * pointsOf(strideW) + pointX) * size, v, z, 0, 1, inC, outC, 1, images * count, 0, outC, 0, 1, 0, apart * inC, 0, apart * outC, 16, ADD);
      v += <usize>(count * inC) << 2;
      z += <usize>(count * outC) << 2;
    }
  }
}

/**
 * y is exactly 0 where all of its window is, as in the plain sum: tiles leave a rounding residue of their other inputs there, which ReLU
 * would treat as active.
 */
function clearZeros(y: usize, image: usize, width: i32, inC: i32, outH: i32, outW: i32, outC: i32, strideH: i32, strideW: i32): void {
  const pixelBytes = <usize>inC << 2, lineBytes = <usize>width * pixelBytes, outBytes = <usize>outC << 2;
  for (let i = 0; i < outH; i++) {
    let window = image + <usize>(i * strideH) * lineBytes;
    for (let j = 0; j < outW; j++) {
      // From the middle: edges are zeros more often.
      if (isZero(window + lineBytes, 3 * pixelBytes) && isZero(window + 2 * lineBytes, 3 * pixelBytes) && isZero(window, 3 * pixelBytes)) memory.fill(y, 0, outBytes);
      window += <usize>strideW * pixelBytes;
      y += outBytes;
    }
  }
}

function isZero(x: usize, bytes: usize): bool {
  for (const end = x + bytes; x < end; x += 16) if (v128.any_true(f32x4.ne(v128.load(x), f32x4.splat(0)))) return false;
  return true;
}

/** y += b at each position, then ReLU where relu = 1. */
function finish(y: usize, bias: usize, positions: i32, outC: i32, relu: i32): void {
  if (!bias) {
    if (relu) reluForward(y, y, positions * outC);
    return;
  }
  const floor = f32x4.splat(relu ? 0 : -Infinity), channelBytes = <usize>outC << 2;
  for (const end = y + <usize>positions * channelBytes; y < end; ) {
    //@pairs
    for (let at: usize = 0; at < channelBytes; at += 16) {
      v128.store(y, f32x4.max(f32x4.add(v128.load(y), v128.load(bias + at)), floor));
      y += 16;
    }
  }
}

/**
 * y [n, outH, outW, outC] = conv(x [n, inH, inW, inC]) + b, then ReLU where relu = 1; inC and outC multiples of 4.  u: winogradFilters.
 * Scratch:  v [Q, P, inC], m [Q, P, outC], padded [max(padTop + inH, inputs), max(padLeft + inW, inputs), inC],
 * lines: nine lines of padded or of y, whichever are longer.
 */
export function winogradConv2dForward(
  y: usize, x: usize, u: usize, bias: usize, v: usize, m: usize, padded: usize, lines: usize, n: i32,
  inH: i32, inW: i32, inC: i32, outH: i32, outW: i32, outC: i32, strideH: i32, strideW: i32, padTop: i32, padLeft: i32, relu: i32,
): void {
  const height = max(inputsOf(outH, strideH), padTop + inH), width = max(inputsOf(outW, strideW), padLeft + inW);
  for (let i = 0; i < n; i++) {
    const image = padTo(padded, x, inH, inW, inC, height, width, padTop, padLeft);
    transformImage(INPUT, v, image, lines, width, inC, outH, outW, strideH, strideW);
    multiplyPoints(m, v, u, 1, 1, outH, outW, strideH, strideW, inC, outC);
    transformImage(OUTPUT, m, y, lines, outW, outC, outH, outW, strideH, strideW);
    clearZeros(y, image, width, inC, outH, outW, outC, strideH, strideW);
    finish(y, bias, outH * outW, outC, relu);
    x += <usize>(inH * inW * inC) << 2;
    y += <usize>(outH * outW * outC) << 2;
  }
}

/**
 * Overwrites dw, and dx (0: none).  transposed: winogradFilters.  apart: Q · P where y is one tile, with v and z for n images; else 1.
 * The other scratch as in winogradConv2dForward, and du like the filters of winogradFilters.
 */
export function winogradConv2dBackward(
  dx: usize, dw: usize, dy: usize, x: usize, transposed: usize, v: usize, z: usize, padded: usize, lines: usize, du: usize, apart: i32, n: i32,
  inH: i32, inW: i32, inC: i32, outH: i32, outW: i32, outC: i32, strideH: i32, strideW: i32, padTop: i32, padLeft: i32,
): void {
  const height = max(inputsOf(outH, strideH), padTop + inH), width = max(inputsOf(outW, strideW), padLeft + inW);
  const inBytes = <usize>(inH * inW * inC) << 2, size = <usize>(inC * outC) << 2;
  const pointsH = pointsOf(strideH), pointsW = pointsOf(strideW), rows = du + <usize>(pointsH * pointsW) * size;
  memory.fill(du, 0, <usize>(pointsH * pointsW) * size);
  const together = apart > 1 ? n : 1;
  for (; n > 0; n -= together) {
    for (let i = 0; i < together; i++) {
      transformImage(INPUT, v + (<usize>(i * apart * inC) << 2), padTo(padded, x, inH, inW, inC, height, width, padTop, padLeft), lines, width, inC, outH, outW, strideH, strideW);
      transformImage(OUTPUT_BACKWARD, z + (<usize>(i * apart * outC) << 2), dy, lines, outW, outC, outH, outW, strideH, strideW);
      x += inBytes;
      dy += <usize>(outH * outW * outC) << 2;
    }
    addPoints(du, v, z, together, apart, outH, outW, strideH, strideW, inC, outC);
    if (!dx) continue;
    multiplyPoints(v, z, transposed, together, apart, outH, outW, strideH, strideW, outC, inC);
    for (let i = 0; i < together; i++) {
      memory.fill(padded, 0, <usize>(height * width * inC) << 2);
      transformImage(INPUT_BACKWARD, v + (<usize>(i * apart * inC) << 2), padded, lines, width, inC, outH, outW, strideH, strideW);
      cropImage(dx, padded, inH, inW, inC, padTop, padLeft, width - inW - padLeft);
      dx += inBytes;
    }
  }
  for (let i = 0; i < pointsH; i++) transformFilterBackward(rows + <usize>(3 * i) * size, du + <usize>(i * pointsW) * size, strideW, size);
  transformFilterBackward(dw, rows, strideH, 3 * size);
}
