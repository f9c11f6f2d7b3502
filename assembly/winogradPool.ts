// Convolution 3 × 3 (stride 1), ReLU and 2 × 2 max pooling as one, through Winograd's F(2 × 2, 3 × 3): four outputs take 16
// multiplications where the plain sum takes 36, and it is more exact, too. (Lavin and Gray, https://arxiv.org/abs/1509.09308.)
// A tile is a pool window, 2 × 2 outputs made from a 4 × 4 patch of x.
//
//   x, the patch of each tile  ──Bᵀ d B──►  V [16, tiles, inC]
//   W, 3 × 3                   ──G g Gᵀ──►  U [16, inC, outC] in panels (winogradPoolFilters, once a step)
//                                           M [16, tiles, outC] = V · U, 16 matrix multiplications
//   y, argmax of the four       ◄──Aᵀ m A──  M, the largest of the four, + b, ReLU
//
// The backward pass is sparse: sparseGradient.ts.
import { pooled, winnersOf } from './conv2dPool';
import { gemm, STORE } from './gemm';

/** u [16, ⌈outC / 16⌉, inC, 16] from w [3, 3, inC, outC]; outC a multiple of 4, zeros past it. */
export function winogradPoolFilters(u: usize, w: usize, inC: i32, outC: i32): void {
  const panels = (outC + 15) >> 4, tapBytes = <usize>(inC * outC) << 2, matrixBytes = <usize>(panels * inC) << 6;
  memory.fill(u, 0, 16 * matrixBytes);
  for (let c = 0; c < inC; c++) {
    for (let k = 0; k < outC; k += 4) {
      const from = w + (<usize>(c * outC + k) << 2);
      let to = u + (<usize>((k >> 4) * inC + c) << 6) + (<usize>(k & 12) << 2);
      // The rows of G g, then of (G g) Gᵀ; row i of G g is taken from column j of g.
      for (let i = 0; i < 4; i++) {
        const t0 = mixThree(from, 3 * tapBytes, i), t1 = mixThree(from + tapBytes, 3 * tapBytes, i), t2 = mixThree(from + 2 * tapBytes, 3 * tapBytes, i);
        const half = f32x4.splat(0.5), outer = f32x4.add(t0, t2);
        v128.store(to, t0);
        v128.store(to + matrixBytes, f32x4.mul(half, f32x4.add(outer, t1)));
        v128.store(to + 2 * matrixBytes, f32x4.mul(half, f32x4.sub(outer, t1)));
        v128.store(to + 3 * matrixBytes, t2);
        to += 4 * matrixBytes;
      }
    }
  }
}

/** Row i of G times three values `stride` bytes apart: g0, (g0 + g1 + g2) / 2, (g0 - g1 + g2) / 2, g2. */
// @ts-ignore: decorator
@inline
function mixThree(g: usize, stride: usize, i: i32): v128 {
  const g0 = v128.load(g), g1 = v128.load(g + stride), g2 = v128.load(g + 2 * stride);
  if (i == 0) return g0;
  if (i == 3) return g2;
  const outer = f32x4.add(g0, g2);
  return f32x4.mul(f32x4.splat(0.5), i == 1 ? f32x4.add(outer, g1) : f32x4.sub(outer, g1));
}

/** v [16, tiles, inC] from the patches of one example; inC a multiple of 4. */
function transformInput(v: usize, x: usize, inW: i32, inC: i32, tilesH: i32, tilesW: i32): void {
  const rowBytes = <usize>(inW * inC) << 2, x1 = <usize>inC << 2, x2 = 2 * x1, x3 = 3 * x1, v1 = <usize>(tilesH * tilesW) * x1, v2 = 2 * v1, v3 = 3 * v1;
  for (let tileY = 0; tileY < tilesH; tileY++) {
    for (let tileX = 0; tileX < tilesW; tileX++) {
      let row0 = x + <usize>(2 * tileY) * rowBytes + <usize>(2 * tileX) * x1, row1 = row0 + rowBytes, row2 = row1 + rowBytes, row3 = row2 + rowBytes;
      const end = row0 + x1;
      // Bᵀ d down the columns, then B across: (a, b, c, d) becomes (a - c, b + c, c - b, b - d).
      //@pairs
      while (row0 < end) {
        const a2 = v128.load(row2), b2 = v128.load(row2 + x1), c2 = v128.load(row2 + x2), d2 = v128.load(row2 + x3);
        let a = f32x4.sub(v128.load(row0), a2), b = f32x4.sub(v128.load(row0 + x1), b2), c = f32x4.sub(v128.load(row0 + x2), c2), d = f32x4.sub(v128.load(row0 + x3), d2), to = v;
        v128.store(to, f32x4.sub(a, c));
        v128.store(to + v1, f32x4.add(b, c));
        v128.store(to + v2, f32x4.sub(c, b));
        v128.store(to + v3, f32x4.sub(b, d));
        const a1 = v128.load(row1), b1 = v128.load(row1 + x1), c1 = v128.load(row1 + x2), d1 = v128.load(row1 + x3);
        a = f32x4.add(a1, a2); b = f32x4.add(b1, b2); c = f32x4.add(c1, c2); d = f32x4.add(d1, d2); to = v + 4 * v1;
        v128.store(to, f32x4.sub(a, c));
        v128.store(to + v1, f32x4.add(b, c));
        v128.store(to + v2, f32x4.sub(c, b));
        v128.store(to + v3, f32x4.sub(b, d));
        a = f32x4.sub(a2, a1); b = f32x4.sub(b2, b1); c = f32x4.sub(c2, c1); d = f32x4.sub(d2, d1); to = v + 8 * v1;
        v128.store(to, f32x4.sub(a, c));
        v128.store(to + v1, f32x4.add(b, c));
        v128.store(to + v2, f32x4.sub(c, b));
        v128.store(to + v3, f32x4.sub(b, d));
        a = f32x4.sub(a1, v128.load(row3)); b = f32x4.sub(b1, v128.load(row3 + x1)); c = f32x4.sub(c1, v128.load(row3 + x2)); d = f32x4.sub(d1, v128.load(row3 + x3)); to = v + 12 * v1;
        v128.store(to, f32x4.sub(a, c));
        v128.store(to + v1, f32x4.add(b, c));
        v128.store(to + v2, f32x4.sub(c, b));
        v128.store(to + v3, f32x4.sub(b, d));
        row0 += 16; row1 += 16; row2 += 16; row3 += 16; v += 16;
      }
    }
  }
}

/** y, argmax (0: none) of one example from m [16, tiles, outC], of which it overwrites the first block; outC a multiple of 4. */
function transformOutputPool(y: usize, argmax: usize, m: usize, bias: usize, tiles: i32, outC: i32): void {
  const m1 = <usize>(tiles * outC) << 2, channelBytes = <usize>outC << 2, winners = m;
  // Without a bias anything that can be loaded, and nothing of it kept.
  const biasFrom = bias ? bias : m, kept = i32x4.splat(bias ? -1 : 0);
  for (let tile = 0; tile < tiles; tile++) {
    //@pairs
    for (let at: usize = 0; at < channelBytes; at += 16) {
      // Aᵀ m down the columns: the upper sums u and the lower sums l; then the same across.
      const a1 = v128.load(m + 4 * m1), a2 = v128.load(m + 8 * m1), u0 = f32x4.add(f32x4.add(v128.load(m), a1), a2), l0 = f32x4.sub(f32x4.sub(a1, a2), v128.load(m + 12 * m1));
      const b1 = v128.load(m + 5 * m1), b2 = v128.load(m + 9 * m1), u1 = f32x4.add(f32x4.add(v128.load(m + m1), b1), b2), l1 = f32x4.sub(f32x4.sub(b1, b2), v128.load(m + 13 * m1));
      const c1 = v128.load(m + 6 * m1), c2 = v128.load(m + 10 * m1), u2 = f32x4.add(f32x4.add(v128.load(m + 2 * m1), c1), c2), l2 = f32x4.sub(f32x4.sub(c1, c2), v128.load(m + 14 * m1));
      const d1 = v128.load(m + 7 * m1), d2 = v128.load(m + 11 * m1), u3 = f32x4.add(f32x4.add(v128.load(m + 3 * m1), d1), d2), l3 = f32x4.sub(f32x4.sub(d1, d2), v128.load(m + 15 * m1));
      const y0 = f32x4.add(f32x4.add(u0, u1), u2), y1 = f32x4.sub(f32x4.sub(u1, u2), u3);
      const y2 = f32x4.add(f32x4.add(l0, l1), l2), y3 = f32x4.sub(f32x4.sub(l1, l2), l3);
      v128.store(y, pooled(v128.and(v128.load(biasFrom + at), kept), y0, y1, y2, y3));
      if (argmax) v128.store(m, winnersOf(y0, y1, y2, y3));
      m += 16; y += 16;
    }
  }
  if (argmax) narrowToBytes(argmax, winners, tiles * outC);
}

/** bytes [count] = values, i32 in 0 … 127; count a multiple of 4. */
function narrowToBytes(bytes: usize, values: usize, count: i32): void {
  for (; count >= 16; count -= 16) {
    const low = i16x8.narrow_i32x4_s(v128.load(values), v128.load(values, 16)), high = i16x8.narrow_i32x4_s(v128.load(values, 32), v128.load(values, 48));
    v128.store(bytes, i8x16.narrow_i16x8_s(low, high));
    bytes += 16; values += 64;
  }
  for (; count > 0; count -= 4) {
    const words = i16x8.narrow_i32x4_s(v128.load(values), v128.load(values));
    v128.store32_lane(bytes, i8x16.narrow_i16x8_s(words, words), 0);
    bytes += 4; values += 16;
  }
}

/** y, argmax (0: none, where nothing is trained) of n padded examples x [n, inH, inW, inC].  u: winogradPoolFilters; v, m: scratch [16, tiles, inC] and [16, tiles, outC]. */
export function winogradPoolForward(
  y: usize, argmax: usize, x: usize, u: usize, bias: usize, v: usize, m: usize, n: i32,
  inH: i32, inW: i32, inC: i32, poolH: i32, poolW: i32, outC: i32,
): void {
  const tiles = poolH * poolW, vBytes = <usize>(tiles * inC) << 2, mBytes = <usize>(tiles * outC) << 2, uBytes = <usize>(((outC + 15) >> 4) * inC) << 6;
  for (let i = 0; i < n; i++) {
    transformInput(v, x, inW, inC, poolH, poolW);
    for (let q: usize = 0; q < 16; q++) gemm(m + q * mBytes, v + q * vBytes, u + q * uBytes, 0, tiles, outC, inC, outC, inC, 1, STORE);
    transformOutputPool(y, argmax, m, bias, tiles, outC);
    x += <usize>(inH * inW * inC) << 2;
    y += mBytes;
    if (argmax) argmax += <usize>(tiles * outC);
  }
}
