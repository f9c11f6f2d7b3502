// Filtering along one axis with stride 2 (winograd1d.ts): on the even inputs, e0 … e4, Winograd's F(4, 2) at the points 0, 1, ∞,
// -1, 2; on the odd ones, d1 … d7, the middle tap alone. Four outputs are made from nine inputs with nine products, 12 without.
//
//          ┌ 1     ┐         ┌ 1 -1/2  -1   1/2  . ┐
//          │ 1   1 │         │ .   2    1   -1   . │ / 2      Aᵀ = ┌ 1  1  .  1  1 ┐
//     G =  │ .   1 │    Bᵀ = │ .   2   -1   -2   1 │               │ .  1  . -1  2 │
//          │ 1  -1 │         │ .  -2    3   -1   . │ / 6           │ .  1  .  1  4 │
//          └ 1   2 ┘         └ .  -1    .    1   . ┘ / 6           └ .  1  1 -1  8 ┘
//
// One or two remaining outputs use a tile of winogradF2x2, at the first points: G has the same rows there.
//
// An axis:   │ 0: a value a tile, the rest's │ 1 … │ ∞ … │ middle tap: a value an output │ -1: a value a whole tile │ 2 … │
import { add, times, twice } from './float4';
import * as small from './winogradF2x2';

export const points: i32 = 6, outputsOfTile: i32 = 4;

/** Whole tiles of `out` outputs; three are a tile, too, whose fourth output is dropped. */
// @ts-ignore: decorator
@inline
function tilesOf(out: i32): i32 { return (out + 1) >> 2; }
/** One or two outputs that are left, or none. */
// @ts-ignore: decorator
@inline
function restOf(out: i32): i32 { return max(out - 4 * tilesOf(out), 0); }

export function countAt(point: i32, out: i32): i32 {
  return point == 3 ? out : point > 3 ? tilesOf(out) : tilesOf(out) + small.countAt(point, restOf(out));
}
export function inputsOf(out: i32): i32 { return 8 * tilesOf(out) + 2 * restOf(out) + 1; }

/** Address of the values of a point, for this line. */
// @ts-ignore: decorator
@inline
function begin(values: usize, point: i32, line: i32, lines: i32, out: i32, size: usize): usize {
  let before = line * countAt(point, out);
  for (let p = 0; p < point; p++) before += lines * countAt(p, out);
  return values + <usize>before * size;
}

export function transformInput(v: usize, line: i32, lines: i32, d: usize, out: i32, size: usize): void {
  let v0 = begin(v, 0, line, lines, out, size), v1 = begin(v, 1, line, lines, out, size), v2 = begin(v, 2, line, lines, out, size);
  let odd = begin(v, 3, line, lines, out, size), v4 = begin(v, 4, line, lines, out, size), v5 = begin(v, 5, line, lines, out, size);
  for (let tile = 0; tile < tilesOf(out); tile++) {
    const four = 4 * tile + 3 < out;
    //@pairs
    for (const end = d + size; d < end; d += 16) {
      const e1 = v128.load(d + 2 * size), e2 = v128.load(d + 4 * size), e3 = v128.load(d + 6 * size), step = f32x4.sub(e3, e1), half = times(0.5, step);
      v128.store(v0, f32x4.add(f32x4.sub(v128.load(d), e2), half));
      v128.store(v1, f32x4.add(e1, times(0.5, f32x4.sub(e2, e3))));
      v128.store(v2, f32x4.sub(f32x4.sub(v128.load(d + 8 * size), e2), twice(step)));
      v128.store(v4, f32x4.sub(times(0.5, e2), times(1.0 / 6, f32x4.add(twice(e1), e3))));
      v128.store(v5, times(1.0 / 6, step));
      v128.store(odd, v128.load(d + size));
      v128.store(odd + size, v128.load(d + 3 * size));
      v128.store(odd + 2 * size, v128.load(d + 5 * size));
      if (four) v128.store(odd + 3 * size, v128.load(d + 7 * size));
      v0 += 16; v1 += 16; v2 += 16; odd += 16; v4 += 16; v5 += 16;
    }
    d += 7 * size;
    odd += 3 * size;
  }
  small.transformInputTile(v0, v1, v2, odd, d, restOf(out), size);
}

export function transformInputBackward(d: usize, v: usize, line: i32, lines: i32, out: i32, size: usize): void {
  let v0 = begin(v, 0, line, lines, out, size), v1 = begin(v, 1, line, lines, out, size), v2 = begin(v, 2, line, lines, out, size);
  let odd = begin(v, 3, line, lines, out, size), v4 = begin(v, 4, line, lines, out, size), v5 = begin(v, 5, line, lines, out, size);
  for (let tile = 0; tile < tilesOf(out); tile++) {
    const four = 4 * tile + 3 < out;
    //@pairs
    for (const end = d + size; d < end; d += 16) {
      const a = v128.load(v0), b = v128.load(v1), infinite = v128.load(v2), c = v128.load(v4), e = times(1.0 / 6, f32x4.sub(v128.load(v5), c));
      const step = f32x4.add(f32x4.sub(times(0.5, a), twice(infinite)), e), half = times(0.5, f32x4.add(b, c));
      add(d, a);
      add(d + 2 * size, f32x4.sub(f32x4.sub(b, times(0.5, c)), step));
      add(d + 4 * size, f32x4.sub(f32x4.sub(half, a), infinite));
      add(d + 6 * size, f32x4.sub(step, times(0.5, b)));
      add(d + 8 * size, infinite);
      add(d + size, v128.load(odd));
      add(d + 3 * size, v128.load(odd + size));
      add(d + 5 * size, v128.load(odd + 2 * size));
      if (four) add(d + 7 * size, v128.load(odd + 3 * size));
      v0 += 16; v1 += 16; v2 += 16; odd += 16; v4 += 16; v5 += 16;
    }
    d += 7 * size;
    odd += 3 * size;
  }
  small.transformInputBackwardTile(d, v0, v1, v2, odd, restOf(out), size);
}

export function transformOutput(y: usize, m: usize, line: i32, lines: i32, out: i32, size: usize): void {
  let m0 = begin(m, 0, line, lines, out, size), m1 = begin(m, 1, line, lines, out, size), m2 = begin(m, 2, line, lines, out, size);
  let odd = begin(m, 3, line, lines, out, size), m4 = begin(m, 4, line, lines, out, size), m5 = begin(m, 5, line, lines, out, size);
  for (let tile = 0; tile < tilesOf(out); tile++) {
    const four = 4 * tile + 3 < out;
    //@pairs
    for (const end = y + size; y < end; y += 16) {
      const b = v128.load(m1), c = v128.load(m4), e = v128.load(m5), even = f32x4.add(b, c), uneven = f32x4.sub(b, c);
      v128.store(y, f32x4.add(f32x4.add(f32x4.add(v128.load(m0), even), e), v128.load(odd)));
      v128.store(y + size, f32x4.add(f32x4.add(uneven, twice(e)), v128.load(odd + size)));
      v128.store(y + 2 * size, f32x4.add(f32x4.add(even, times(4, e)), v128.load(odd + 2 * size)));
      if (four) v128.store(y + 3 * size, f32x4.add(f32x4.add(f32x4.add(uneven, v128.load(m2)), times(8, e)), v128.load(odd + 3 * size)));
      m0 += 16; m1 += 16; m2 += 16; odd += 16; m4 += 16; m5 += 16;
    }
    y += 3 * size;
    odd += 3 * size;
  }
  small.transformOutputTile(m0, m1, m2, odd, y, restOf(out), size);
}

export function transformOutputBackward(z: usize, line: i32, lines: i32, dy: usize, out: i32, size: usize): void {
  let z0 = begin(z, 0, line, lines, out, size), z1 = begin(z, 1, line, lines, out, size), z2 = begin(z, 2, line, lines, out, size);
  let odd = begin(z, 3, line, lines, out, size), z4 = begin(z, 4, line, lines, out, size), z5 = begin(z, 5, line, lines, out, size);
  const zero = f32x4.splat(0);
  for (let tile = 0; tile < tilesOf(out); tile++) {
    const four = 4 * tile + 3 < out;
    //@pairs
    for (const end = dy + size; dy < end; dy += 16) {
      const a = v128.load(dy), b = v128.load(dy + size), c = v128.load(dy + 2 * size), d = four ? v128.load(dy + 3 * size) : zero;
      const even = f32x4.add(a, c), uneven = f32x4.add(b, d);
      v128.store(z0, a);
      v128.store(z1, f32x4.add(even, uneven));
      v128.store(z2, d);
      v128.store(z4, f32x4.sub(even, uneven));
      v128.store(z5, f32x4.add(f32x4.add(a, times(4, c)), f32x4.add(twice(b), times(8, d))));
      v128.store(odd, a);
      v128.store(odd + size, b);
      v128.store(odd + 2 * size, c);
      if (four) v128.store(odd + 3 * size, d);
      z0 += 16; z1 += 16; z2 += 16; odd += 16; z4 += 16; z5 += 16;
    }
    dy += 3 * size;
    odd += 3 * size;
  }
  small.transformOutputBackwardTile(z0, z1, z2, odd, dy, restOf(out), size);
}

export function transformFilter(u: usize, g: usize, size: usize): void {
  //@pairs
  for (const end = g + size; g < end; g += 16) {
    const g0 = v128.load(g), g2 = v128.load(g + 2 * size);
    v128.store(u, g0);
    v128.store(u + size, f32x4.add(g0, g2));
    v128.store(u + 2 * size, g2);
    v128.store(u + 3 * size, v128.load(g + size));
    v128.store(u + 4 * size, f32x4.sub(g0, g2));
    v128.store(u + 5 * size, f32x4.add(g0, twice(g2)));
    u += 16;
  }
}

export function transformFilterBackward(dg: usize, du: usize, size: usize): void {
  //@pairs
  for (const end = dg + size; dg < end; dg += 16) {
    const u1 = v128.load(du + size), u4 = v128.load(du + 4 * size), u5 = v128.load(du + 5 * size);
    v128.store(dg, f32x4.add(f32x4.add(v128.load(du), u5), f32x4.add(u1, u4)));
    v128.store(dg + size, v128.load(du + 3 * size));
    v128.store(dg + 2 * size, f32x4.add(f32x4.add(v128.load(du + 2 * size), twice(u5)), f32x4.sub(u1, u4)));
    du += 16;
  }
}
