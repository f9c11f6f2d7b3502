// Winograd's minimal filtering of 3 taps along one axis (Lavin and Gray, https://arxiv.org/abs/1509.09308), by three schemes;
// winogradConv2d.ts applies it to rows and then to columns.   y = Aᵀ [(G g) ∘ (Bᵀ d)]
//
// A value here is a block of `size` bytes, a line or a pixel: what is said of d, g, m, y holds for each float in it. All values of
// one point (a row of G) lie together. Of several lines this is line number `line` of `lines`: a point has the values of all lines
//
//     │ point 0: line 0, line 1, … │ point 1: line 0, line 1, … │ …
//
// so that the values of two points, rows' and columns', are one whole block, and their product is one matrix multiplication.
// Backward is the transpose of each: z = A dy, then dd = B dv and dg = Gᵀ du.
import * as large from './filter4x3';
import * as small from './filter2x3';
import * as two from './filterStride2';

const SMALL: i32 = 0, LARGE: i32 = 1, TWO: i32 = 2;

/** With stride 1 small tiles forward, where a rounding may not turn a 0 into something else, and large ones backward. */
export function forwardScheme(stride: i32): i32 { return stride == 1 ? SMALL : TWO; }
export function backwardScheme(stride: i32): i32 { return stride == 1 ? LARGE : TWO; }

export function strideOf(scheme: i32): i32 { return scheme == TWO ? 2 : 1; }
export function pointsOf(scheme: i32): i32 { return scheme == SMALL ? small.points : scheme == LARGE ? large.points : two.points; }
export function outputsOfTile(scheme: i32): i32 { return scheme == SMALL ? small.outputsOfTile : scheme == LARGE ? large.outputsOfTile : two.outputsOfTile; }

/** How many values a point has. */
export function countAt(point: i32, out: i32, scheme: i32): i32 { return scheme == SMALL ? small.countAt(out) : scheme == LARGE ? large.countAt(point, out) : two.countAt(point, out); }

/** Values of the points before this one; with pointsOf(scheme), of all. */
export function countBefore(point: i32, out: i32, scheme: i32): i32 {
  let count = 0;
  for (let p = 0; p < point; p++) count += countAt(p, out, scheme);
  return count;
}

/** Inputs of `out` outputs, with those that only fill up the last tile. */
export function inputsOf(out: i32, scheme: i32): i32 { return scheme == SMALL ? small.inputsOf(out) : scheme == LARGE ? large.inputsOf(out) : two.inputsOf(out); }

/** v = Bᵀ d */
export function splitInput(v: usize, line: i32, lines: i32, d: usize, out: i32, scheme: i32, size: usize): void {
  if (scheme == SMALL) small.splitInput(v, line, lines, d, out, size);
  else if (scheme == LARGE) large.splitInput(v, line, lines, d, out, size);
  else two.splitInput(v, line, lines, d, out, size);
}

/** u = G g: the three taps at each point, point after point. */
export function splitTaps(u: usize, g: usize, scheme: i32, size: usize): void {
  if (scheme == SMALL) small.splitTaps(u, g, size);
  else if (scheme == LARGE) large.splitTaps(u, g, size);
  else two.splitTaps(u, g, size);
}

/** y = Aᵀ m; forward schemes. */
export function joinOutput(y: usize, m: usize, line: i32, lines: i32, out: i32, scheme: i32, size: usize): void {
  if (scheme == SMALL) small.joinOutput(y, m, line, lines, out, size);
  else two.joinOutput(y, m, line, lines, out, size);
}

/** z = A dy: the way back of joinOutput. This and what follows: backward schemes. */
export function splitOutput(z: usize, line: i32, lines: i32, dy: usize, out: i32, scheme: i32, size: usize): void {
  if (scheme == LARGE) large.splitOutput(z, line, lines, dy, out, size);
  else two.splitOutput(z, line, lines, dy, out, size);
}

/** d += B dv: the way back of splitInput. */
export function joinInput(d: usize, v: usize, line: i32, lines: i32, out: i32, scheme: i32, size: usize): void {
  if (scheme == LARGE) large.joinInput(d, v, line, lines, out, size);
  else two.joinInput(d, v, line, lines, out, size);
}

/** dg = Gᵀ du: the way back of splitTaps. */
export function joinTaps(dg: usize, du: usize, scheme: i32, size: usize): void {
  if (scheme == LARGE) large.joinTaps(dg, du, size);
  else two.joinTaps(dg, du, size);
}
