// Normal noise from the counter-based random numbers: no state, no order, no host mathematics.
import { randomBits4 } from './random';

/** ln x of four normal x > 0, to about 1 ulp (Cephes' logf). */
// @ts-ignore: decorator
@inline
function log4(x: v128): v128 {
  // x = m · 2^e with m in [√½, √2).
  let e = i32x4.sub(i32x4.shr_u(x, 23), i32x4.splat(126));
  let m = v128.or(v128.and(x, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000));
  const small = f32x4.lt(m, f32x4.splat(0.707106781186547524));
  e = i32x4.add(e, small);
  m = f32x4.sub(f32x4.add(m, v128.and(m, small)), f32x4.splat(1));
  const z = f32x4.mul(m, m), n = f32x4.convert_i32x4_s(e);
  let p = f32x4.splat(7.0376836292e-2);
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.1514610310e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.1676998740e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(3.3333331174e-1));
  p = f32x4.mul(f32x4.mul(p, m), z);
  p = f32x4.add(p, f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  p = f32x4.sub(p, f32x4.mul(z, f32x4.splat(0.5)));
  return f32x4.add(f32x4.add(m, p), f32x4.mul(n, f32x4.splat(0.693359375)));
}

/**
 * Four numbers of mean 0 and deviation 1 from four times 24 of the random bits: √2 · erf⁻¹(u), u uniform at the odd multiples of 2^-24
 * in (-1, 1), by Giles' approximation ("Approximating the erfinv function", 2010), relative error below 1e-6. None is beyond 5.4.
 */
// @ts-ignore: decorator
@inline
export function normals4(bits: v128): v128 {
  const odd = i32x4.sub(i32x4.add(i32x4.shl(i32x4.shr_u(bits, 8), 1), i32x4.splat(1)), i32x4.splat(16777216));
  const u = f32x4.mul(f32x4.convert_i32x4_s(odd), f32x4.splat(5.9604644775390625e-8)), size = f32x4.abs(u), one = f32x4.splat(1);
  const w = f32x4.neg(log4(f32x4.mul(f32x4.sub(one, size), f32x4.add(one, size))));
  const near = f32x4.sub(w, f32x4.splat(2.5)), far = f32x4.sub(f32x4.sqrt(w), f32x4.splat(3));
  let p = f32x4.splat(2.81022636e-8);
  p = f32x4.add(f32x4.mul(p, near), f32x4.splat(3.43273939e-7));
  p = f32x4.add(f32x4.mul(p, near), f32x4.splat(-3.5233877e-6));
  p = f32x4.add(f32x4.mul(p, near), f32x4.splat(-4.39150654e-6));
  p = f32x4.add(f32x4.mul(p, near), f32x4.splat(0.00021858087));
  p = f32x4.add(f32x4.mul(p, near), f32x4.splat(-0.00125372503));
  p = f32x4.add(f32x4.mul(p, near), f32x4.splat(-0.00417768164));
  p = f32x4.add(f32x4.mul(p, near), f32x4.splat(0.246640727));
  p = f32x4.add(f32x4.mul(p, near), f32x4.splat(1.50140941));
  let q = f32x4.splat(-0.000200214257);
  q = f32x4.add(f32x4.mul(q, far), f32x4.splat(0.000100950558));
  q = f32x4.add(f32x4.mul(q, far), f32x4.splat(0.00134934322));
  q = f32x4.add(f32x4.mul(q, far), f32x4.splat(-0.00367342844));
  q = f32x4.add(f32x4.mul(q, far), f32x4.splat(0.00573950773));
  q = f32x4.add(f32x4.mul(q, far), f32x4.splat(-0.0076224613));
  q = f32x4.add(f32x4.mul(q, far), f32x4.splat(0.00943887047));
  q = f32x4.add(f32x4.mul(q, far), f32x4.splat(1.00167406));
  q = f32x4.add(f32x4.mul(q, far), f32x4.splat(2.83297682));
  return f32x4.mul(f32x4.mul(v128.bitselect(p, q, f32x4.lt(w, f32x4.splat(5))), u), f32x4.splat(1.4142135623730951));
}

/** y = x + deviation · the normal number `start` + i.   key: address of the step's 32-bit key; salt: this layer's own.  y may be x. */
export function addNoise(y: usize, x: usize, key: usize, salt: u32, start: u32, count: i32, deviation: f32): void {
  const streamKey = load<u32>(key) ^ salt, deviation4 = f32x4.splat(deviation);
  const end = x + (<usize>count << 2), end4 = x + (<usize>(count & ~3) << 2);
  let counter = start;
  while (x < end4) {
    v128.store(y, f32x4.add(v128.load(x), f32x4.mul(normals4(randomBits4(streamKey, counter)), deviation4)));
    x += 16; y += 16; counter += 4;
  }
  let noise = f32x4.mul(normals4(randomBits4(streamKey, counter)), deviation4);
  while (x < end) {
    store<f32>(y, load<f32>(x) + f32x4.extract_lane(noise, 0));
    noise = v128.shuffle<i32>(noise, noise, 1, 2, 3, 3);
    x += 4; y += 4;
  }
}
