// The counter-based random numbers of src/base/random.ts, four at a time.

// @ts-ignore: decorator
@inline
function mix4(x: v128): v128 {
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x21f0aaad));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(0x735a2d97));
  return v128.xor(x, i32x4.shr_u(x, 15));
}

/** The bits number counter, counter + 1, … + 3 of the stream `key`. */
// @ts-ignore: decorator
@inline
export function randomBits4(key: u32, counter: u32): v128 {
  const counters = i32x4.add(i32x4.splat(counter), i32x4(0, 1, 2, 3));
  return mix4(i32x4.add(mix4(v128.xor(counters, i32x4.splat(key))), i32x4.splat(key)));
}

/** low … high, uniform, by 24 random bits. */
// @ts-ignore: decorator
@inline
export function between(bits: i32, low: f64, high: f64): f64 { return low + (high - low) * (<f64>(<u32>bits >> 8) * 5.9604644775390625e-8); }

/** A whole number 0 … n - 1 by 32 random bits. */
// @ts-ignore: decorator
@inline
export function below(bits: i32, n: i32): i32 { return <i32>((<u64><u32>bits * <u64>n) >> 32); }
