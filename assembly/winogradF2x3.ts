// Filtering along one axis with stride 1 in a small tile: Winograd's F(2, 3) at the points 0, 1, -1, ∞. Two outputs are
// made from four inputs with four products, six without.
//
//          ┌ 1        ┐         ┌ 1  . -1  . ┐
//     G =  │ 1  1  1  │    Bᵀ = │ .  1  1  . │ / 2     Aᵀ = ┌ 1  1  1  . ┐
//          │ 1 -1  1  │         │ . -1  1  . │ / 2          └ .  1 -1  1 ┘
//          └ .  .  1  ┘         └ . -1  .  1 ┘
//
// Only for what large tiles leave (winogradF4x3.ts): the values of its four points are at v0 … v3, m0 … m3, z0 … z3; two: there is a second output.
import { add, times } from './float4';

/** v = Bᵀ d */
export function transformInputTile(v0: usize, v1: usize, v2: usize, v3: usize, d: usize, size: usize): void {
  //@pairs
  for (const end = d + size; d < end; d += 16) {
    const d1 = v128.load(d + size), d2 = v128.load(d + 2 * size);
    v128.store(v0, f32x4.sub(v128.load(d), d2));
    v128.store(v1, times(0.5, f32x4.add(d2, d1)));
    v128.store(v2, times(0.5, f32x4.sub(d2, d1)));
    v128.store(v3, f32x4.sub(v128.load(d + 3 * size), d1));
    v0 += 16; v1 += 16; v2 += 16; v3 += 16;
  }
}

/** d += B dv */
export function transformInputBackwardTile(v0: usize, v1: usize, v2: usize, v3: usize, d: usize, size: usize): void {
  //@pairs
  for (const end = d + size; d < end; d += 16) {
    const a = v128.load(v0), b = v128.load(v1), c = v128.load(v2), infinite = v128.load(v3);
    add(d, a);
    add(d + size, f32x4.sub(times(0.5, f32x4.sub(b, c)), infinite));
    add(d + 2 * size, f32x4.sub(times(0.5, f32x4.add(b, c)), a));
    add(d + 3 * size, infinite);
    v0 += 16; v1 += 16; v2 += 16; v3 += 16;
  }
}

/** y = Aᵀ m */
export function transformOutputTile(m0: usize, m1: usize, m2: usize, m3: usize, y: usize, two: bool, size: usize): void {
  //@pairs
  for (const end = y + size; y < end; y += 16) {
    const b = v128.load(m1), c = v128.load(m2);
    v128.store(y, f32x4.add(v128.load(m0), f32x4.add(b, c)));
    if (two) v128.store(y + size, f32x4.add(f32x4.sub(b, c), v128.load(m3)));
    m0 += 16; m1 += 16; m2 += 16; m3 += 16;
  }
}

/** z = A dy */
export function transformOutputBackwardTile(z0: usize, z1: usize, z2: usize, z3: usize, dy: usize, two: bool, size: usize): void {
  const zero = f32x4.splat(0);
  //@pairs
  for (const end = dy + size; dy < end; dy += 16) {
    const a = v128.load(dy), b = two ? v128.load(dy + size) : zero;
    v128.store(z0, a);
    v128.store(z1, f32x4.add(a, b));
    v128.store(z2, f32x4.sub(a, b));
    v128.store(z3, b);
    z0 += 16; z1 += 16; z2 += 16; z3 += 16;
  }
}
