// The gradient of a 3 × 3 convolution's weights through Winograd's F(2 × 2, 3 × 3) (winograd.ts).
//
//   x, the patch of each tile  ──Bᵀ d B──►   V [16, tiles, inC]
//   dy, the tile's 2 × 2       ──A dy Aᵀ──►  Z [16, tiles, outC] in panels
//                                            dU [16, inC, outC] += Vᵀ · Z, over all examples of the shard
//   dw [3, 3, inC, outC]       ◄──Gᵀ dU G──  dU, once
import { ADD, gemm } from './gemm';
import { padForTiles, transformInput } from './winograd';

/** z [16, ⌈outC / 16⌉, tiles, 16] = A dy Aᵀ of each tile of one example, in panels; dy is 0 beyond an odd edge. */
function transformGradient(z: usize, dy: usize, outH: i32, outW: i32, outC: i32): void {
  const tilesH = (outH + 1) >> 1, tilesW = (outW + 1) >> 1, panelBytes = <usize>(tilesH * tilesW) << 6, matrixBytes = <usize>((outC + 15) >> 4) * panelBytes;
  const pixelBytes = <usize>outC << 2, rowBytes = <usize>outW * pixelBytes, zero = f32x4.splat(0);
  for (let tileY = 0; tileY < tilesH; tileY++) {
    const below = 2 * tileY + 1 < outH;
    for (let tileX = 0; tileX < tilesW; tileX++) {
      const beside = 2 * tileX + 1 < outW;
      const corner = dy + <usize>(2 * tileY) * rowBytes + <usize>(2 * tileX) * pixelBytes;
      for (let k = 0; k < outC; k += 4) {
        const at = corner + (<usize>k << 2);
        const a = v128.load(at), b = beside ? v128.load(at + pixelBytes) : zero;
        const c = below ? v128.load(at + rowBytes) : zero, d = below && beside ? v128.load(at + rowBytes + pixelBytes) : zero;
        const to = z + <usize>(k >> 4) * panelBytes + (<usize>(k & 12) << 2);
        storeGradientRow(to, matrixBytes, a, b);
        storeGradientRow(to + 4 * matrixBytes, matrixBytes, f32x4.add(a, c), f32x4.add(b, d));
        storeGradientRow(to + 8 * matrixBytes, matrixBytes, f32x4.sub(a, c), f32x4.sub(b, d));
        storeGradientRow(to + 12 * matrixBytes, matrixBytes, f32x4.neg(c), f32x4.neg(d));
      }
      z += 64;
    }
  }
}

// @ts-ignore: decorator
@inline
function storeGradientRow(z: usize, matrixBytes: usize, left: v128, right: v128): void {
  v128.store(z, left);
  v128.store(z + matrixBytes, f32x4.add(left, right));
  v128.store(z + 2 * matrixBytes, f32x4.sub(left, right));
  v128.store(z + 3 * matrixBytes, f32x4.neg(right));
}

/** Row i of Gᵀ times four values `stride` bytes apart: u0 + (u1 + u2) / 2, (u1 - u2) / 2, (u1 + u2) / 2 + u3. */
// @ts-ignore: decorator
@inline
function mixFour(u0: v128, u1: v128, u2: v128, u3: v128, i: i32): v128 {
  const half = f32x4.splat(0.5);
  if (i == 1) return f32x4.mul(half, f32x4.sub(u1, u2));
  return f32x4.add(f32x4.mul(half, f32x4.add(u1, u2)), i == 0 ? u0 : u3);
}

/** dw [3, 3, inC, outC] = Gᵀ dU G, from du [16, inC, outC]; size = inC · outC, a multiple of 4. */
function transformWeightGradient(dw: usize, du: usize, size: i32): void {
  const bytes = <usize>size << 2;
  for (let at: usize = 0; at < bytes; at += 16) {
    for (let kY = 0; kY < 3; kY++) {
      const from = du + at, row = 4 * bytes;
      const t0 = mixFour(v128.load(from), v128.load(from + row), v128.load(from + 2 * row), v128.load(from + 3 * row), kY);
      const t1 = mixFour(v128.load(from + bytes), v128.load(from + bytes + row), v128.load(from + bytes + 2 * row), v128.load(from + bytes + 3 * row), kY);
      const t2 = mixFour(v128.load(from + 2 * bytes), v128.load(from + 2 * bytes + row), v128.load(from + 2 * bytes + 2 * row), v128.load(from + 2 * bytes + 3 * row), kY);
      const t3 = mixFour(v128.load(from + 3 * bytes), v128.load(from + 3 * bytes + row), v128.load(from + 3 * bytes + 2 * row), v128.load(from + 3 * bytes + 3 * row), kY);
      const to = dw + <usize>(3 * kY) * bytes + at;
      v128.store(to, mixFour(t0, t1, t2, t3, 0));
      v128.store(to + bytes, mixFour(t0, t1, t2, t3, 1));
      v128.store(to + 2 * bytes, mixFour(t0, t1, t2, t3, 2));
    }
  }
}

/** Overwrites dw [3, 3, inC, outC]; inC and outC multiples of 4.  Scratch: padded and v as in winogradForward, z [16, ⌈outC / 16⌉, tiles, 16], du [16, inC, outC]. */
export function winogradBackwardWeights(
  dw: usize, dy: usize, x: usize, padded: usize, v: usize, z: usize, du: usize, n: i32,
  inH: i32, inW: i32, inC: i32, outH: i32, outW: i32, outC: i32, padTop: i32, padLeft: i32,
): void {
  const tilesH = (outH + 1) >> 1, tilesW = (outW + 1) >> 1, tiles = tilesH * tilesW;
  const vBytes = <usize>(tiles * inC) << 2, zBytes = <usize>(((outC + 15) >> 4) * tiles) << 6, duBytes = <usize>(inC * outC) << 2;
  memory.fill(du, 0, 16 * duBytes);
  for (let i = 0; i < n; i++) {
    padForTiles(padded, x, inH, inW, inC, outH, outW, padTop, padLeft);
    transformInput(v, padded, 2 * tilesW + 2, inC, tilesH, tilesW);
    transformGradient(z, dy, outH, outW, outC);
    for (let q: usize = 0; q < 16; q++) gemm(du + q * duBytes, v + q * vBytes, z + q * zBytes, 0, inC, outC, tiles, outC, 1, inC, ADD);
    x += <usize>(inH * inW * inC) << 2;
    dy += <usize>(outH * outW * outC) << 2;
  }
  transformWeightGradient(dw, du, inC * outC);
}
