// Filtering along one axis with stride 2 (filter1d.ts). Two outputs are made from five inputs with five products, six without:
//
//     y0 = (d0 - d2) g0 + d2 (g0 + g2) + d1 g1        y1 = d2 (g0 + g2) + (d4 - d2) g2 + d3 g1
//
// A last single output is d0 g0 + d2 g2 + d1 g1, so that it shares the products of the points g0, g2 and g1.
//
// An axis:   │ g0: a value a tile, the rest's │ g0 + g2: a value a tile │ g2: as g0 │ g1: a value an output │

export const points: i32 = 4, outputsOfTile: i32 = 2;

export function countAt(point: i32, out: i32): i32 { return point == 3 ? out : point == 1 ? out >> 1 : (out + 1) >> 1; }
export function inputsOf(out: i32): i32 { return 2 * out + 1; }

/** The float4 at `to` += value */
// @ts-ignore: decorator
@inline
function add(to: usize, value: v128): void { v128.store(to, f32x4.add(v128.load(to), value)); }

export function splitInput(v: usize, line: i32, lines: i32, d: usize, out: i32, size: usize): void {
  const tiles = out >> 1, whole = <usize>tiles * size, all = <usize>((out + 1) >> 1) * size, next = <usize>lines * all;
  let v0 = v + <usize>line * all, v1 = v + next + <usize>line * whole, v2 = v0 + next + <usize>lines * whole, v3 = v + 2 * next + <usize>lines * whole + <usize>(line * out) * size;
  for (let tile = 0; tile < tiles; tile++) {
    for (const end = d + size; d < end; d += 16) {
      const d2 = v128.load(d + 2 * size);
      v128.store(v0, f32x4.sub(v128.load(d), d2));
      v128.store(v1, d2);
      v128.store(v2, f32x4.sub(v128.load(d + 4 * size), d2));
      v128.store(v3, v128.load(d + size));
      v128.store(v3 + size, v128.load(d + 3 * size));
      v0 += 16; v1 += 16; v2 += 16; v3 += 16;
    }
    d += 3 * size;
    v3 += size;
  }
  if (out & 1) {
    for (const end = d + size; d < end; d += 16) {
      v128.store(v0, v128.load(d));
      v128.store(v2, v128.load(d + 2 * size));
      v128.store(v3, v128.load(d + size));
      v0 += 16; v2 += 16; v3 += 16;
    }
  }
}

export function joinInput(d: usize, v: usize, line: i32, lines: i32, out: i32, size: usize): void {
  const tiles = out >> 1, whole = <usize>tiles * size, all = <usize>((out + 1) >> 1) * size, next = <usize>lines * all;
  let v0 = v + <usize>line * all, v1 = v + next + <usize>line * whole, v2 = v0 + next + <usize>lines * whole, v3 = v + 2 * next + <usize>lines * whole + <usize>(line * out) * size;
  for (let tile = 0; tile < tiles; tile++) {
    for (const end = d + size; d < end; d += 16) {
      const a = v128.load(v0), c = v128.load(v2);
      add(d, a);
      add(d + size, v128.load(v3));
      add(d + 2 * size, f32x4.sub(f32x4.sub(v128.load(v1), a), c));
      add(d + 3 * size, v128.load(v3 + size));
      add(d + 4 * size, c);
      v0 += 16; v1 += 16; v2 += 16; v3 += 16;
    }
    d += 3 * size;
    v3 += size;
  }
  if (out & 1) {
    for (const end = d + size; d < end; d += 16) {
      add(d, v128.load(v0));
      add(d + size, v128.load(v3));
      add(d + 2 * size, v128.load(v2));
      v0 += 16; v2 += 16; v3 += 16;
    }
  }
}

export function joinOutput(y: usize, m: usize, line: i32, lines: i32, out: i32, size: usize): void {
  const tiles = out >> 1, whole = <usize>tiles * size, all = <usize>((out + 1) >> 1) * size, next = <usize>lines * all;
  let m0 = m + <usize>line * all, m1 = m + next + <usize>line * whole, m2 = m0 + next + <usize>lines * whole, m3 = m + 2 * next + <usize>lines * whole + <usize>(line * out) * size;
  for (let tile = 0; tile < tiles; tile++) {
    for (const end = y + size; y < end; y += 16) {
      const both = v128.load(m1);
      v128.store(y, f32x4.add(f32x4.add(v128.load(m0), both), v128.load(m3)));
      v128.store(y + size, f32x4.add(f32x4.add(both, v128.load(m2)), v128.load(m3 + size)));
      m0 += 16; m1 += 16; m2 += 16; m3 += 16;
    }
    y += size;
    m3 += size;
  }
  if (out & 1) {
    for (const end = y + size; y < end; y += 16) {
      v128.store(y, f32x4.add(f32x4.add(v128.load(m0), v128.load(m2)), v128.load(m3)));
      m0 += 16; m2 += 16; m3 += 16;
    }
  }
}

export function splitOutput(z: usize, line: i32, lines: i32, dy: usize, out: i32, size: usize): void {
  const tiles = out >> 1, whole = <usize>tiles * size, all = <usize>((out + 1) >> 1) * size, next = <usize>lines * all;
  let z0 = z + <usize>line * all, z1 = z + next + <usize>line * whole, z2 = z0 + next + <usize>lines * whole, z3 = z + 2 * next + <usize>lines * whole + <usize>(line * out) * size;
  for (let tile = 0; tile < tiles; tile++) {
    for (const end = dy + size; dy < end; dy += 16) {
      const a = v128.load(dy), b = v128.load(dy + size);
      v128.store(z0, a);
      v128.store(z1, f32x4.add(a, b));
      v128.store(z2, b);
      v128.store(z3, a);
      v128.store(z3 + size, b);
      z0 += 16; z1 += 16; z2 += 16; z3 += 16;
    }
    dy += size;
    z3 += size;
  }
  if (out & 1) {
    for (const end = dy + size; dy < end; dy += 16) {
      const a = v128.load(dy);
      v128.store(z0, a);
      v128.store(z2, a);
      v128.store(z3, a);
      z0 += 16; z2 += 16; z3 += 16;
    }
  }
}

export function splitTaps(u: usize, g: usize, size: usize): void {
  for (const end = g + size; g < end; g += 16) {
    const g0 = v128.load(g), g2 = v128.load(g + 2 * size);
    v128.store(u, g0);
    v128.store(u + size, f32x4.add(g0, g2));
    v128.store(u + 2 * size, g2);
    v128.store(u + 3 * size, v128.load(g + size));
    u += 16;
  }
}

export function joinTaps(dg: usize, du: usize, size: usize): void {
  for (const end = dg + size; dg < end; dg += 16) {
    const both = v128.load(du + size);
    v128.store(dg, f32x4.add(v128.load(du), both));
    v128.store(dg + size, v128.load(du + 3 * size));
    v128.store(dg + 2 * size, f32x4.add(both, v128.load(du + 2 * size)));
    du += 16;
  }
}
