// Winograd's minimal filtering of 3 taps along one axis (Lavin and Gray, https://arxiv.org/abs/1509.09308), a scheme for each stride;
// winogradConv2d.ts applies it to rows and then to columns.   y = Aᵀ [(G g) ∘ (Bᵀ d)]
//
// A value here is a block of `size` bytes, a line or a pixel: what is said of d, g, m, y holds for each float in it. All values of
// one point (a row of G) are stored together. Of several lines this is line number `line` of `lines`: a point has the values of all lines
//
//     │ point 0: line 0, line 1, … │ point 1: line 0, line 1, … │ …
//
// so that the values of two points, rows' and columns', are one whole block, and their product is one matrix multiplication.
// Backward is the transpose of each: z = A dy, then dd = B dv and dg = Gᵀ du.
import * as two from './winogradF4x2';
import * as one from './winogradF4x3';

export function pointsOf(stride: i32): i32 { return stride == 1 ? one.points : two.points; }
export function outputsOfTile(stride: i32): i32 { return stride == 1 ? one.outputsOfTile : two.outputsOfTile; }

/** How many values a point has. */
export function countAt(point: i32, out: i32, stride: i32): i32 { return stride == 1 ? one.countAt(point, out) : two.countAt(point, out); }

/** Values of the points before this one; with pointsOf(stride), of all. */
export function countBefore(point: i32, out: i32, stride: i32): i32 {
  let count = 0;
  for (let p = 0; p < point; p++) count += countAt(p, out, stride);
  return count;
}

/** Inputs of `out` outputs, with those that only fill up the last tile. */
export function inputsOf(out: i32, stride: i32): i32 { return stride == 1 ? one.inputsOf(out) : two.inputsOf(out); }

/** v = Bᵀ d */
export function transformInput(v: usize, line: i32, lines: i32, d: usize, out: i32, stride: i32, size: usize): void {
  if (stride == 1) one.transformInput(v, line, lines, d, out, size);
  else two.transformInput(v, line, lines, d, out, size);
}

/** u = G g: the three taps at each point, point after point. */
export function transformFilter(u: usize, g: usize, stride: i32, size: usize): void {
  if (stride == 1) one.transformFilter(u, g, size);
  else two.transformFilter(u, g, size);
}

/** y = Aᵀ m */
export function transformOutput(y: usize, m: usize, line: i32, lines: i32, out: i32, stride: i32, size: usize): void {
  if (stride == 1) one.transformOutput(y, m, line, lines, out, size);
  else two.transformOutput(y, m, line, lines, out, size);
}

/** z = A dy: the backward pass of transformOutput. */
export function transformOutputBackward(z: usize, line: i32, lines: i32, dy: usize, out: i32, stride: i32, size: usize): void {
  if (stride == 1) one.transformOutputBackward(z, line, lines, dy, out, size);
  else two.transformOutputBackward(z, line, lines, dy, out, size);
}

/** d += B dv: the backward pass of transformInput. */
export function transformInputBackward(d: usize, v: usize, line: i32, lines: i32, out: i32, stride: i32, size: usize): void {
  if (stride == 1) one.transformInputBackward(d, v, line, lines, out, size);
  else two.transformInputBackward(d, v, line, lines, out, size);
}

/** dg = Gᵀ du: the backward pass of transformFilter. */
export function transformFilterBackward(dg: usize, du: usize, stride: i32, size: usize): void {
  if (stride == 1) one.transformFilterBackward(dg, du, size);
  else two.transformFilterBackward(dg, du, size);
}
