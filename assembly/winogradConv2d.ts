// 3 × 3 convolution with strides of 1 or 2 through Winograd's filtering (filter1d.ts) of rows and columns.
//
//   x [inH, inW, inC]     ──split──►  V [Q, P, inC]          P, Q: elements of all points along rows and columns
//   w [3, 3, inC, outC]   ──split──►  U [points, inC, outC] in panels (winogradTaps, once a step)
//                                     M [Q, P, outC]         a matrix multiplication for each pair of points: M's block of
//   y [outH, outW, outC]  ◄──join───  M, + b, ReLU           that pair is V's times its U
//
//   Backward     dy ──split──► Z [Q, P, outC]      dV = Z · Uᵀ ──join──► dx      dU += Vᵀ · Z ──join──► dw
//
// Rows of tiles are taken one at a time, so that their lines stay in the nearest cache between the two passes.
import {
  backwardScheme, countAt, countBefore, forwardScheme, inputsOf, joinInput, joinOutput, joinTaps, outputsOfTile, pointsOf, splitInput, splitOutput, splitTaps, strideOf,
} from './filter1d';
import { ADD, gemm, gemmGrid, packPanels, STORE } from './gemm';
import { cropImage, padTo } from './padding';

/** The weights for winogradConv2dForward: u [points, ⌈outC / 16⌉, inC, 16]; inC and outC multiples of 4.  Scratch: points [pointsH · (pointsW + 3), inC, outC]. */
export function winogradTaps(u: usize, w: usize, points: usize, inC: i32, outC: i32, strideH: i32, strideW: i32): void {
  const count = splitKernel(points, w, inC, outC, forwardScheme(strideH), forwardScheme(strideW));
  for (let q = 0; q < count; q++) {
    packPanels(u, points, inC, outC, outC, 1, inC);
    points += <usize>(inC * outC) << 2;
    u += <usize>(((outC + 15) >> 4) * inC) << 6;
  }
}

/** The weights for winogradConv2dBackward, transposed: turned [points, ⌈inC / 16⌉, outC, 16]; the rest as in winogradTaps. */
export function winogradTurnedTaps(turned: usize, w: usize, points: usize, inC: i32, outC: i32, strideH: i32, strideW: i32): void {
  const count = splitKernel(points, w, inC, outC, backwardScheme(strideH), backwardScheme(strideW));
  for (let q = 0; q < count; q++) {
    packPanels(turned, points, outC, inC, 1, outC, outC);
    points += <usize>(inC * outC) << 2;
    turned += <usize>(((inC + 15) >> 4) * outC) << 6;
  }
}

/** points [pointsH, pointsW, inC, outC] from w; gives their number. */
function splitKernel(points: usize, w: usize, inC: i32, outC: i32, schemeH: i32, schemeW: i32): i32 {
  const size = <usize>(inC * outC) << 2, pointsH = pointsOf(schemeH), pointsW = pointsOf(schemeW), rows = points + <usize>(pointsH * pointsW) * size;
  splitTaps(rows, w, schemeH, 3 * size);
  for (let i = 0; i < pointsH; i++) splitTaps(points + <usize>(i * pointsW) * size, rows + <usize>(3 * i) * size, schemeW, size);
  return pointsH * pointsW;
}

/** Which way an image goes through filter1d's functions. */
const SPLIT_INPUT: i32 = 0, SPLIT_OUTPUT: i32 = 1, JOIN_OUTPUT: i32 = 2, JOIN_INPUT: i32 = 3;

/** `values` of all points of an axis, those of line number `line` of `lines`; `plain` lines or pixels. */
function filter(way: i32, values: usize, line: i32, lines: i32, plain: usize, out: i32, scheme: i32, size: usize): void {
  if (way == SPLIT_INPUT) splitInput(values, line, lines, plain, out, scheme, size);
  else if (way == SPLIT_OUTPUT) splitOutput(values, line, lines, plain, out, scheme, size);
  else if (way == JOIN_OUTPUT) joinOutput(plain, values, line, lines, out, scheme, size);
  else joinInput(plain, values, line, lines, out, scheme, size);
}

/**
 * An image whose lines are `width` pixels long, to or from the values of all points [Q, P, channels]: v from x, z from dy, y from m;
 * dx from dv is added to.  outH × outW: what the convolution gives.
 */
function filterImage(way: i32, values: usize, image: usize, lines: usize, width: i32, channels: i32, outH: i32, outW: i32, schemeH: i32, schemeW: i32): void {
  const pixelBytes = <usize>channels << 2, lineBytes = <usize>width * pixelBytes, all = countBefore(pointsOf(schemeH), outH, schemeH);
  const splits = way == SPLIT_INPUT || way == SPLIT_OUTPUT, stride = way == SPLIT_INPUT || way == JOIN_INPUT ? strideOf(schemeH) : 1;
  for (let done = 0; done < outH; done += outputsOfTile(schemeH)) {
    const outputs = min(outputsOfTile(schemeH), outH - done), imageLine = image + <usize>(done * stride) * lineBytes;
    if (splits) filter(way, lines, 0, 1, imageLine, outputs, schemeH, lineBytes);
    else if (way == JOIN_INPUT) memory.fill(lines, 0, <usize>countBefore(pointsOf(schemeH), outputs, schemeH) * lineBytes);
    let line = lines;
    for (let point = 0; point < pointsOf(schemeH); point++) {
      let at = countBefore(point, outH, schemeH) + countAt(point, done, schemeH);
      for (let i = countAt(point, outputs, schemeH); i > 0; i--) {
        filter(way, values, at++, all, line, outW, schemeW, pixelBytes);
        line += lineBytes;
      }
    }
    if (!splits) filter(way, lines, 0, 1, imageLine, outputs, schemeH, lineBytes);
  }
}

/** For each pair of points: to's block = from's block [lines · pixels, fromC] · panels [fromC, toC]. */
function multiplyPoints(to: usize, from: usize, panels: usize, outH: i32, outW: i32, schemeH: i32, schemeW: i32, fromC: i32, toC: i32): void {
  const panelBytes = <usize>(((toC + 15) >> 4) * fromC) << 6;
  for (let pointX = 0; pointX < pointsOf(schemeW); pointX++) {
    for (let pointY = 0; pointY < pointsOf(schemeH); pointY++) {
      const count = countAt(pointY, outH, schemeH) * countAt(pointX, outW, schemeW);
      gemm(to, from, panels + <usize>(pointY * pointsOf(schemeW) + pointX) * panelBytes, 0, count, toC, fromC, toC, fromC, 1, STORE);
      to += <usize>(count * toC) << 2;
      from += <usize>(count * fromC) << 2;
    }
  }
}

/** For each pair of points: du [inC, outC] += the transpose of v's block · z's. */
function addPoints(du: usize, v: usize, z: usize, outH: i32, outW: i32, schemeH: i32, schemeW: i32, inC: i32, outC: i32): void {
  const size = <usize>(inC * outC) << 2;
  for (let pointX = 0; pointX < pointsOf(schemeW); pointX++) {
    for (let pointY = 0; pointY < pointsOf(schemeH); pointY++) {
      const count = countAt(pointY, outH, schemeH) * countAt(pointX, outW, schemeW);
      if (count > 0) gemmGrid(du + <usize>(pointY * pointsOf(schemeW) + pointX) * size, v, z, 0, 1, inC, outC, 1, count, 0, outC, 0, 1, 0, inC, 0, outC, 16, ADD);
      v += <usize>(count * inC) << 2;
      z += <usize>(count * outC) << 2;
    }
  }
}

/** y = max(y + b, floor) for each position. */
function finish(y: usize, bias: usize, positions: i32, outC: i32, relu: i32): void {
  const floor = f32x4.splat(relu ? 0 : -Infinity), channelBytes = <usize>outC << 2;
  for (const end = y + <usize>positions * channelBytes; y < end; ) {
    for (let at: usize = 0; at < channelBytes; at += 16) {
      const sum = bias ? f32x4.add(v128.load(y), v128.load(bias + at)) : v128.load(y);
      v128.store(y, f32x4.max(sum, floor));
      y += 16;
    }
  }
}

/**
 * y [n, outH, outW, outC] = conv(x [n, inH, inW, inC]) + b, then ReLU where relu = 1; inC and outC multiples of 4.  u: winogradTaps.
 * Scratch:  v [Q, P, inC], m [Q, P, outC], padded [max(padTop + inH, inputs), max(padLeft + inW, inputs), inC],
 * lines: six lines of padded or of y, whichever are longer.
 */
export function winogradConv2dForward(
  y: usize, x: usize, u: usize, bias: usize, v: usize, m: usize, padded: usize, lines: usize, n: i32,
  inH: i32, inW: i32, inC: i32, outH: i32, outW: i32, outC: i32, strideH: i32, strideW: i32, padTop: i32, padLeft: i32, relu: i32,
): void {
  const schemeH = forwardScheme(strideH), schemeW = forwardScheme(strideW);
  const height = max(inputsOf(outH, schemeH), padTop + inH), width = max(inputsOf(outW, schemeW), padLeft + inW);
  for (let i = 0; i < n; i++) {
    filterImage(SPLIT_INPUT, v, padTo(padded, x, inH, inW, inC, height, width, padTop, padLeft), lines, width, inC, outH, outW, schemeH, schemeW);
    multiplyPoints(m, v, u, outH, outW, schemeH, schemeW, inC, outC);
    filterImage(JOIN_OUTPUT, m, y, lines, outW, outC, outH, outW, schemeH, schemeW);
    finish(y, bias, outH * outW, outC, relu);
    x += <usize>(inH * inW * inC) << 2;
    y += <usize>(outH * outW * outC) << 2;
  }
}

/**
 * Overwrites dw, and dx (0: none).  turned: winogradTurnedTaps.  Scratch as in winogradConv2dForward, and du like
 * the points of winogradTurnedTaps.
 */
export function winogradConv2dBackward(
  dx: usize, dw: usize, dy: usize, x: usize, turned: usize, v: usize, z: usize, padded: usize, lines: usize, du: usize, n: i32,
  inH: i32, inW: i32, inC: i32, outH: i32, outW: i32, outC: i32, strideH: i32, strideW: i32, padTop: i32, padLeft: i32,
): void {
  const schemeH = backwardScheme(strideH), schemeW = backwardScheme(strideW);
  const height = max(inputsOf(outH, schemeH), padTop + inH), width = max(inputsOf(outW, schemeW), padLeft + inW);
  const inBytes = <usize>(inH * inW * inC) << 2, size = <usize>(inC * outC) << 2;
  const pointsH = pointsOf(schemeH), pointsW = pointsOf(schemeW), rows = du + <usize>(pointsH * pointsW) * size;
  memory.fill(du, 0, <usize>(pointsH * pointsW) * size);
  for (let i = 0; i < n; i++) {
    filterImage(SPLIT_INPUT, v, padTo(padded, x, inH, inW, inC, height, width, padTop, padLeft), lines, width, inC, outH, outW, schemeH, schemeW);
    filterImage(SPLIT_OUTPUT, z, dy, lines, outW, outC, outH, outW, schemeH, schemeW);
    addPoints(du, v, z, outH, outW, schemeH, schemeW, inC, outC);
    if (dx) {
      multiplyPoints(v, z, turned, outH, outW, schemeH, schemeW, outC, inC);
      memory.fill(padded, 0, <usize>(height * width * inC) << 2);
      filterImage(JOIN_INPUT, v, padded, lines, width, inC, outH, outW, schemeH, schemeW);
      cropImage(dx, padded, inH, inW, inC, padTop, padLeft, width - inW - padLeft);
      dx += inBytes;
    }
    x += inBytes;
    dy += <usize>(outH * outW * outC) << 2;
  }
  for (let i = 0; i < pointsH; i++) joinTaps(rows + <usize>(3 * i) * size, du + <usize>(i * pointsW) * size, schemeW, size);
  joinTaps(dw, rows, schemeH, 3 * size);
}
