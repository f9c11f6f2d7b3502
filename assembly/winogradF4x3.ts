// Filtering along one axis with stride 1 (winograd1d.ts): Winograd's F(4, 3) at the points 0, 1, -1, ∞, 2, -2. Four outputs are made
// from six inputs with six products, 12 without.
//
//          ┌ 1                        ┐        ┌ 1  .  -5/4   .   1/4  . ┐              ┌ 1  1  1  .  1   1 ┐
//          │ 1  1  1                  │        │ .  4   4    -1   -1   . │ / 6          │ .  1 -1  .  2  -2 │
//     G =  │ 1 -1  1                  │   Bᵀ = │ . -4   4     1   -1   . │ / 6     Aᵀ = │ .  1  1  .  4   4 │
//          │ .  .  1                  │        │ .  4   .    -5    .   1 │              └ .  1 -1  1  8  -8 ┘
//          │ 1  2  4                  │        │ . -2  -1     2    1   . │ / 24
//          └ 1 -2  4                  ┘        └ .  2  -1    -2    1   . ┘ / 24
//
// One or two remaining outputs use a tile of winogradF2x3, at the first four points: G has the same rows there.
//
// An axis:   │ 0: a value a tile, the rest's │ 1 … │ -1 … │ ∞ … │ 2: a value a whole tile │ -2 … │
import { add, times, twice } from './float4';
import * as small from './winogradF2x3';

export const points: i32 = 6, outputsOfTile: i32 = 4;

/** Whole tiles of `out` outputs; three are a tile, too, whose fourth output is dropped. */
// @ts-ignore: decorator
@inline
function tilesOf(out: i32): i32 { return (out + 1) >> 2; }
/** 1 where one or two outputs are left. */
// @ts-ignore: decorator
@inline
function restOf(out: i32): i32 { return ((out + 1) & 3) >> 1; }

export function countAt(point: i32, out: i32): i32 { return point < 4 ? tilesOf(out) + restOf(out) : tilesOf(out); }
export function inputsOf(out: i32): i32 { return 4 * tilesOf(out) + 2 * restOf(out) + 2; }

export function transformInput(v: usize, line: i32, lines: i32, d: usize, out: i32, size: usize): void {
  const tiles = tilesOf(out), whole = <usize>tiles * size, all = <usize>(tiles + restOf(out)) * size, next = <usize>lines * all;
  let v0 = v + <usize>line * all, v1 = v0 + next, v2 = v1 + next, v3 = v2 + next, v4 = v + 4 * next + <usize>line * whole, v5 = v4 + <usize>lines * whole;
  for (let tile = 0; tile < tiles; tile++) {
    //@pairs
    for (const end = d + size; d < end; d += 16) {
      const d0 = v128.load(d), d1 = v128.load(d + size), d2 = v128.load(d + 2 * size), d3 = v128.load(d + 3 * size), d4 = v128.load(d + 4 * size);
      const even = f32x4.sub(times(4, d2), d4), odd = f32x4.sub(times(4, d1), d3);
      v128.store(v0, f32x4.add(f32x4.sub(d0, times(1.25, d2)), times(0.25, d4)));
      v128.store(v1, times(1.0 / 6, f32x4.add(even, odd)));
      v128.store(v2, times(1.0 / 6, f32x4.sub(even, odd)));
      v128.store(v3, f32x4.add(f32x4.sub(times(4, d1), times(5, d3)), v128.load(d + 5 * size)));
      const evenAt2 = f32x4.sub(d4, d2), oddAt2 = twice(f32x4.sub(d3, d1));
      v128.store(v4, times(1.0 / 24, f32x4.add(evenAt2, oddAt2)));
      v128.store(v5, times(1.0 / 24, f32x4.sub(evenAt2, oddAt2)));
      v0 += 16; v1 += 16; v2 += 16; v3 += 16; v4 += 16; v5 += 16;
    }
    d += 3 * size;
  }
  if (restOf(out)) small.transformInputTile(v0, v1, v2, v3, d, size);
}

export function transformInputBackward(d: usize, v: usize, line: i32, lines: i32, out: i32, size: usize): void {
  const tiles = tilesOf(out), whole = <usize>tiles * size, all = <usize>(tiles + restOf(out)) * size, next = <usize>lines * all;
  let v0 = v + <usize>line * all, v1 = v0 + next, v2 = v1 + next, v3 = v2 + next, v4 = v + 4 * next + <usize>line * whole, v5 = v4 + <usize>lines * whole;
  for (let tile = 0; tile < tiles; tile++) {
    //@pairs
    for (const end = d + size; d < end; d += 16) {
      const a = v128.load(v0), b = v128.load(v1), c = v128.load(v2), infinite = v128.load(v3), e = v128.load(v4), f = v128.load(v5);
      const even = times(1.0 / 6, f32x4.add(b, c)), odd = times(1.0 / 6, f32x4.sub(b, c));
      const evenAt2 = times(1.0 / 24, f32x4.add(e, f)), oddAt2 = times(1.0 / 12, f32x4.sub(e, f));
      add(d, a);
      add(d + size, f32x4.sub(times(4, f32x4.add(odd, infinite)), oddAt2));
      add(d + 2 * size, f32x4.sub(f32x4.sub(times(4, even), evenAt2), times(1.25, a)));
      add(d + 3 * size, f32x4.sub(f32x4.sub(oddAt2, odd), times(5, infinite)));
      add(d + 4 * size, f32x4.add(f32x4.sub(evenAt2, even), times(0.25, a)));
      add(d + 5 * size, infinite);
      v0 += 16; v1 += 16; v2 += 16; v3 += 16; v4 += 16; v5 += 16;
    }
    d += 3 * size;
  }
  if (restOf(out)) small.transformInputBackwardTile(v0, v1, v2, v3, d, size);
}

export function transformOutput(y: usize, m: usize, line: i32, lines: i32, out: i32, size: usize): void {
  const tiles = tilesOf(out), whole = <usize>tiles * size, all = <usize>(tiles + restOf(out)) * size, next = <usize>lines * all;
  let m0 = m + <usize>line * all, m1 = m0 + next, m2 = m1 + next, m3 = m2 + next, m4 = m + 4 * next + <usize>line * whole, m5 = m4 + <usize>lines * whole;
  for (let tile = 0; tile < tiles; tile++) {
    const four = 4 * tile + 3 < out;
    //@pairs
    for (const end = y + size; y < end; y += 16) {
      const b = v128.load(m1), c = v128.load(m2), e = v128.load(m4), f = v128.load(m5);
      const even = f32x4.add(b, c), odd = f32x4.sub(b, c), evenAt2 = f32x4.add(e, f), oddAt2 = f32x4.sub(e, f);
      v128.store(y, f32x4.add(f32x4.add(v128.load(m0), even), evenAt2));
      v128.store(y + size, f32x4.add(odd, twice(oddAt2)));
      v128.store(y + 2 * size, f32x4.add(even, times(4, evenAt2)));
      if (four) v128.store(y + 3 * size, f32x4.add(f32x4.add(odd, v128.load(m3)), times(8, oddAt2)));
      m0 += 16; m1 += 16; m2 += 16; m3 += 16; m4 += 16; m5 += 16;
    }
    y += 3 * size;
  }
  if (restOf(out)) small.transformOutputTile(m0, m1, m2, m3, y, (out & 3) == 2, size);
}

export function transformOutputBackward(z: usize, line: i32, lines: i32, dy: usize, out: i32, size: usize): void {
  const tiles = tilesOf(out), whole = <usize>tiles * size, all = <usize>(tiles + restOf(out)) * size, next = <usize>lines * all;
  let z0 = z + <usize>line * all, z1 = z0 + next, z2 = z1 + next, z3 = z2 + next, z4 = z + 4 * next + <usize>line * whole, z5 = z4 + <usize>lines * whole;
  for (let tile = 0; tile < tiles; tile++) {
    // The fourth output of the last tile may be past the line: a 0 then.
    const four = 4 * tile + 3 < out, fourth = four ? 3 * size : 0, kept = i32x4.splat(four ? -1 : 0);
    //@pairs
    for (const end = dy + size; dy < end; dy += 16) {
      const a = v128.load(dy), b = v128.load(dy + size), c = v128.load(dy + 2 * size), d = v128.and(v128.load(dy + fourth), kept);
      const even = f32x4.add(a, c), odd = f32x4.add(b, d), evenAt2 = f32x4.add(a, times(4, c)), oddAt2 = f32x4.add(twice(b), times(8, d));
      v128.store(z0, a);
      v128.store(z1, f32x4.add(even, odd));
      v128.store(z2, f32x4.sub(even, odd));
      v128.store(z3, d);
      v128.store(z4, f32x4.add(evenAt2, oddAt2));
      v128.store(z5, f32x4.sub(evenAt2, oddAt2));
      z0 += 16; z1 += 16; z2 += 16; z3 += 16; z4 += 16; z5 += 16;
    }
    dy += 3 * size;
  }
  if (restOf(out)) small.transformOutputBackwardTile(z0, z1, z2, z3, dy, (out & 3) == 2, size);
}

export function transformFilter(u: usize, g: usize, size: usize): void {
  //@pairs
  for (const end = g + size; g < end; g += 16) {
    const g0 = v128.load(g), g1 = v128.load(g + size), g2 = v128.load(g + 2 * size), even = f32x4.add(g0, g2), evenAt2 = f32x4.add(g0, times(4, g2));
    v128.store(u, g0);
    v128.store(u + size, f32x4.add(even, g1));
    v128.store(u + 2 * size, f32x4.sub(even, g1));
    v128.store(u + 3 * size, g2);
    v128.store(u + 4 * size, f32x4.add(evenAt2, twice(g1)));
    v128.store(u + 5 * size, f32x4.sub(evenAt2, twice(g1)));
    u += 16;
  }
}

export function transformFilterBackward(dg: usize, du: usize, size: usize): void {
  //@pairs
  for (const end = dg + size; dg < end; dg += 16) {
    const u1 = v128.load(du + size), u2 = v128.load(du + 2 * size), u4 = v128.load(du + 4 * size), u5 = v128.load(du + 5 * size);
    const even = f32x4.add(u1, u2), evenAt2 = f32x4.add(u4, u5);
    v128.store(dg, f32x4.add(f32x4.add(v128.load(du), even), evenAt2));
    v128.store(dg + size, f32x4.add(f32x4.sub(u1, u2), twice(f32x4.sub(u4, u5))));
    v128.store(dg + 2 * size, f32x4.add(f32x4.add(even, v128.load(du + 3 * size)), times(4, evenAt2)));
    du += 16;
  }
}
