// exp, log and tanh from + - * / and bit patterns only, without tables: bit-identical on every host, no static data.

/** x within what e^x has floats for; NaN stays NaN. */
// @ts-ignore: decorator
@inline
function clampExponent4(x: v128): v128 {
  return v128.bitselect(x, f32x4.max(f32x4.min(x, f32x4.splat(88.02)), f32x4.splat(-87.33)), f32x4.ne(x, x));
}

/** e^x - 1 of four lanes with |x| ≤ ½ ln 2, after n · ln 2 was taken off. */
// @ts-ignore: decorator
@inline
function expm1Rest4(x: v128, n: v128): v128 {
  // ln 2 in two parts: the first is exact in few bits, so n times it is exact as well.
  const r = f32x4.sub(f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375))), f32x4.mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  return f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r);
}

/** 2^n of whole numbers. */
// @ts-ignore: decorator
@inline
function powerOf2(n: v128): v128 {
  return i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
}

/**
 * e^x of four lanes, relative error below 2e-7 (Cephes' expf: x = n · ln 2 + r, a polynomial in r, then the exponent).
 * Saturates at about 1.2e-38 and 2.4e38; NaN stays NaN.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  x = clampExponent4(x);
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504)));
  return f32x4.mul(f32x4.add(expm1Rest4(x, n), f32x4.splat(1)), powerOf2(n));
}

// @ts-ignore: decorator
@inline
export function exp(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

/** ln x for a normal x > 0, to about 1e-15: x = m · 2^e with m near 1, then 2 · atanh((m - 1) / (m + 1)) as a series. */
export function log(x: f64): f64 {
  const bits = reinterpret<u64>(x);
  let e = <i32>(bits >> 52) - 1023;
  let m = reinterpret<f64>((bits & 0xfffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) { m *= 0.5; e += 1; }
  const s = (m - 1) / (m + 1), s2 = s * s;
  let sum: f64 = 0;
  for (let k = 23; k > 0; k -= 2) sum = sum * s2 + 1 / <f64>k;
  return 2 * s * sum + <f64>e * 0.6931471805599453;
}

/** tanh x, relative error below 3e-7: (1 - e^-2|x|) / (1 + e^-2|x|), and near 0 a polynomial, where that would cancel (Cephes). */
export function tanh(x: f32): f32 {
  const size = abs(x);
  if (size < 0.625) {
    const z = x * x;
    return x + x * z * ((((-5.70498872745e-3 * z + 2.06390887954e-2) * z - 5.37397155531e-2) * z + 1.33314422036e-1) * z - 3.33332819422e-1);
  }
  const e = exp(-2 * size);
  const t: f32 = (1 - e) / (1 + e);
  return x < 0 ? -t : t;
}

/**
 * e^x, relative error below 1e-15: x = n · ln 2 + r, the series of e^r, then the exponent. Saturates at about 1e-307 and 1e308; NaN stays NaN.
 */
export function exp64(x: f64): f64 {
  if (x != x) return x;
  x = min<f64>(max<f64>(x, -708), 709);
  const n = nearest<f64>(x * 1.4426950408889634);
  const r = x - n * 0.6931471803691238 - n * 1.9082149292705877e-10;
  let sum: f64 = 1 / 6227020800.0;
  sum = sum * r + 1 / 479001600.0;
  sum = sum * r + 1 / 39916800.0;
  sum = sum * r + 1 / 3628800.0;
  sum = sum * r + 1 / 362880.0;
  sum = sum * r + 1 / 40320.0;
  sum = sum * r + 1 / 5040.0;
  sum = sum * r + 1 / 720.0;
  sum = sum * r + 1 / 120.0;
  sum = sum * r + 1 / 24.0;
  sum = sum * r + 1 / 6.0;
  sum = sum * r + 1 / 2.0;
  sum = (sum * r + 1) * r + 1;
  return sum * reinterpret<f64>((<i64>n + 1023) << 52);
}

/** ln (1 + z) for z in [0, 1], relative error below 1e-12: 2 · atanh(z / (2 + z)) as a series. */
export function log1p(z: f64): f64 {
  const s = z / (2 + z), s2 = s * s;
  let sum: f64 = 0;
  for (let k = 23; k > 0; k -= 2) sum = sum * s2 + 1 / <f64>k;
  return 2 * s * sum;
}

/** x^y for x ≥ 0; 0^y is 0, but for 0^0 = 1: the slope of x^y at 0 is left out where it is infinite. */
export function power(x: f64, y: f64): f64 {
  if (y == 0) return 1;
  return x < 1e-300 ? 0 : exp64(y * log(x));
}

/** e^x - 1 of four lanes, relative error below 3e-7, also near 0: as exp4, but 1 is taken off before it swallows what is small. */
// @ts-ignore: decorator
@inline
export function expm14(x: v128): v128 {
  x = clampExponent4(x);
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504)));
  const power = powerOf2(n);
  return f32x4.add(f32x4.mul(power, expm1Rest4(x, n)), f32x4.sub(power, f32x4.splat(1)));
}

/** ln (1 + z) of four lanes with z in [0, 1], relative error below 3e-7: 2 · atanh(z / (2 + z)) as a series. */
// @ts-ignore: decorator
@inline
export function log1p4(z: v128): v128 {
  const s = f32x4.div(z, f32x4.add(f32x4.splat(2), z)), s2 = f32x4.mul(s, s);
  let p = f32x4.splat(1 / 15.0);
  p = f32x4.add(f32x4.mul(p, s2), f32x4.splat(1 / 13.0));
  p = f32x4.add(f32x4.mul(p, s2), f32x4.splat(1 / 11.0));
  p = f32x4.add(f32x4.mul(p, s2), f32x4.splat(1 / 9.0));
  p = f32x4.add(f32x4.mul(p, s2), f32x4.splat(1 / 7.0));
  p = f32x4.add(f32x4.mul(p, s2), f32x4.splat(1 / 5.0));
  p = f32x4.add(f32x4.mul(p, s2), f32x4.splat(1 / 3.0));
  p = f32x4.add(f32x4.mul(p, s2), f32x4.splat(1));
  return f32x4.mul(f32x4.add(s, s), p);
}

/** erfc x = 1 - erf x, relative error below 1.2e-7, also where it is tiny (Numerical Recipes' fit by Chebyshev polynomials). */
export function erfc(x: f64): f64 {
  const z = abs(x), t = 1 / (1 + 0.5 * z);
  let p: f64 = 0.17087277;
  p = p * t - 0.82215223;
  p = p * t + 1.48851587;
  p = p * t - 1.13520398;
  p = p * t + 0.27886807;
  p = p * t - 0.18628806;
  p = p * t + 0.09678418;
  p = p * t + 0.37409196;
  p = p * t + 1.00002368;
  const tail = t * exp64(-z * z - 1.26551223 + t * p);
  return x >= 0 ? tail : 2 - tail;
}

/** sin of so many full turns, error below 1e-15, exact at each quarter: what is left of the nearest one goes into a series. */
export function sinOfTurns(turns: f64): f64 {
  const quarters = nearest<f64>(4 * turns), x = (turns - 0.25 * quarters) * 6.283185307179586, z = x * x, quarter = <i32>(<i64>quarters & 3);
  let sum: f64;
  if (quarter & 1) {
    sum = 1 / 20922789888000.0;
    sum = sum * z - 1 / 87178291200.0;
    sum = sum * z + 1 / 479001600.0;
    sum = sum * z - 1 / 3628800.0;
    sum = sum * z + 1 / 40320.0;
    sum = sum * z - 1 / 720.0;
    sum = sum * z + 1 / 24.0;
    sum = sum * z - 1 / 2.0;
    sum = sum * z + 1;
  } else {
    sum = -1 / 1307674368000.0;
    sum = sum * z + 1 / 6227020800.0;
    sum = sum * z - 1 / 39916800.0;
    sum = sum * z + 1 / 362880.0;
    sum = sum * z - 1 / 5040.0;
    sum = sum * z + 1 / 120.0;
    sum = sum * z - 1 / 6.0;
    sum = (sum * z + 1) * x;
  }
  return quarter & 2 ? -sum : sum;
}

/** cos of so many full turns, likewise. */
export function cosOfTurns(turns: f64): f64 { return sinOfTurns(turns + 0.25); }
