// Filtering along one axis with stride 2 in a small tile of one or two outputs, or none. Two are made from five inputs with five products,
// six without:
//
//     y0 = (d0 - d2) g0 + d2 (g0 + g2) + d1 g1        y1 = d2 (g0 + g2) + (d4 - d2) g2 + d3 g1
//
// A single one is d0 g0 + d2 g2 + d1 g1, so that it shares the products of the points g0, g2 and g1.
//
// Only for what large tiles leave (winogradF4x2.ts): the values of g0, g0 + g2, g2, g1 are at v0 … v3, m0 … m3, z0 … z3; g1 has one an output.
import { add } from './float4';

export function countAt(point: i32, out: i32): i32 { return point == 3 ? out : point == 1 ? out >> 1 : (out + 1) >> 1; }

/** v = Bᵀ d */
export function transformInputTile(v0: usize, v1: usize, v2: usize, v3: usize, d: usize, out: i32, size: usize): void {
  if (out == 2) {
    //@pairs
    for (const end = d + size; d < end; d += 16) {
      const d2 = v128.load(d + 2 * size);
      v128.store(v0, f32x4.sub(v128.load(d), d2));
      v128.store(v1, d2);
      v128.store(v2, f32x4.sub(v128.load(d + 4 * size), d2));
      v128.store(v3, v128.load(d + size));
      v128.store(v3 + size, v128.load(d + 3 * size));
      v0 += 16; v1 += 16; v2 += 16; v3 += 16;
    }
  } else if (out == 1) {
    //@pairs
    for (const end = d + size; d < end; d += 16) {
      v128.store(v0, v128.load(d));
      v128.store(v2, v128.load(d + 2 * size));
      v128.store(v3, v128.load(d + size));
      v0 += 16; v2 += 16; v3 += 16;
    }
  }
}

/** d += B dv */
export function transformInputBackwardTile(d: usize, v0: usize, v1: usize, v2: usize, v3: usize, out: i32, size: usize): void {
  if (out == 2) {
    //@pairs
    for (const end = d + size; d < end; d += 16) {
      const a = v128.load(v0), c = v128.load(v2);
      add(d, a);
      add(d + size, v128.load(v3));
      add(d + 2 * size, f32x4.sub(f32x4.sub(v128.load(v1), a), c));
      add(d + 3 * size, v128.load(v3 + size));
      add(d + 4 * size, c);
      v0 += 16; v1 += 16; v2 += 16; v3 += 16;
    }
  } else if (out == 1) {
    //@pairs
    for (const end = d + size; d < end; d += 16) {
      add(d, v128.load(v0));
      add(d + size, v128.load(v3));
      add(d + 2 * size, v128.load(v2));
      v0 += 16; v2 += 16; v3 += 16;
    }
  }
}

/** y = Aᵀ m */
export function transformOutputTile(m0: usize, m1: usize, m2: usize, m3: usize, y: usize, out: i32, size: usize): void {
  if (out == 2) {
    //@pairs
    for (const end = y + size; y < end; y += 16) {
      const both = v128.load(m1);
      v128.store(y, f32x4.add(f32x4.add(v128.load(m0), both), v128.load(m3)));
      v128.store(y + size, f32x4.add(f32x4.add(both, v128.load(m2)), v128.load(m3 + size)));
      m0 += 16; m1 += 16; m2 += 16; m3 += 16;
    }
  } else if (out == 1) {
    //@pairs
    for (const end = y + size; y < end; y += 16) {
      v128.store(y, f32x4.add(f32x4.add(v128.load(m0), v128.load(m2)), v128.load(m3)));
      m0 += 16; m2 += 16; m3 += 16;
    }
  }
}

/** z = A dy */
export function transformOutputBackwardTile(z0: usize, z1: usize, z2: usize, z3: usize, dy: usize, out: i32, size: usize): void {
  if (out == 2) {
    //@pairs
    for (const end = dy + size; dy < end; dy += 16) {
      const a = v128.load(dy), b = v128.load(dy + size);
      v128.store(z0, a);
      v128.store(z1, f32x4.add(a, b));
      v128.store(z2, b);
      v128.store(z3, a);
      v128.store(z3 + size, b);
      z0 += 16; z1 += 16; z2 += 16; z3 += 16;
    }
  } else if (out == 1) {
    //@pairs
    for (const end = dy + size; dy < end; dy += 16) {
      const a = v128.load(dy);
      v128.store(z0, a);
      v128.store(z2, a);
      v128.store(z3, a);
      z0 += 16; z2 += 16; z3 += 16;
    }
  }
}
