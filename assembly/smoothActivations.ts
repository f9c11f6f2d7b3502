// Activations with an exponential in them, element by element.   y may be x, dx may be dy: each element is read before it is written.
// What is multiplied by x takes x as at least -100: from there the factor is 0, or as small as exp's saturation allows.
import { erfc, exp4, exp64, expm14, log1p4 } from './math';

const LOWEST: f32 = -100;
/** √(1/2), √(2/π) and √(1/(2π)) */
const SQRT1_2: f64 = 0.7071067811865476;
const SQRT2_PI: f64 = 0.7978845608028654;
const SQRT1_2PI: f64 = 0.3989422804014327;
const CUBE: f64 = 0.044715;

// @ts-ignore: decorator
@inline
function elu4(x: v128, negative: f32, scale: f32): v128 {
  const up = f32x4.mul(f32x4.splat(scale), x), down = f32x4.mul(f32x4.splat(negative), expm14(x));
  return v128.bitselect(up, down, f32x4.gt(x, f32x4.splat(0)));
}

// @ts-ignore: decorator
@inline
function eluSlope4(y: v128, negative: f32, scale: f32): v128 {
  return v128.bitselect(f32x4.splat(scale), f32x4.add(y, f32x4.splat(negative)), f32x4.gt(y, f32x4.splat(0)));
}

// @ts-ignore: decorator
@inline
function softplus4(x: v128): v128 {
  return f32x4.add(f32x4.max(x, f32x4.splat(0)), log1p4(exp4(f32x4.neg(f32x4.abs(x)))));
}

// @ts-ignore: decorator
@inline
function softplusSlope4(y: v128): v128 { return f32x4.neg(expm14(f32x4.neg(y))); }

// @ts-ignore: decorator
@inline
function softsign4(x: v128): v128 { return f32x4.div(x, f32x4.add(f32x4.splat(1), f32x4.abs(x))); }

// @ts-ignore: decorator
@inline
function softsignSlope4(y: v128): v128 {
  const rest = f32x4.sub(f32x4.splat(1), f32x4.abs(y));
  return f32x4.mul(rest, rest);
}

// @ts-ignore: decorator
@inline
function silu4(x: v128): v128 {
  return f32x4.div(f32x4.max(x, f32x4.splat(LOWEST)), f32x4.add(f32x4.splat(1), exp4(f32x4.neg(x))));
}

/** s · (1 + x · (1 - s)) with s = 1 / (1 + e), 1 - s = e · s, e = e^-x */
// @ts-ignore: decorator
@inline
function siluSlope4(x: v128): v128 {
  const one = f32x4.splat(1), e = exp4(f32x4.neg(x)), s = f32x4.div(one, f32x4.add(one, e));
  return f32x4.mul(s, f32x4.add(one, f32x4.mul(f32x4.max(x, f32x4.splat(LOWEST)), f32x4.mul(e, s))));
}

/** tanh(softplus x) = n / (n + 2) with n = w · (w + 2), w = e^x; from x = 20 on it is 1. */
// @ts-ignore: decorator
@inline
function mish4(x: v128): v128 {
  const two = f32x4.splat(2), w = exp4(f32x4.min(x, f32x4.splat(20))), n = f32x4.mul(w, f32x4.add(w, two));
  return f32x4.mul(f32x4.max(x, f32x4.splat(LOWEST)), f32x4.div(n, f32x4.add(n, two)));
}

/** n / (n + 2) + x · 4 · w · (w + 1) / (n + 2)² */
// @ts-ignore: decorator
@inline
function mishSlope4(x: v128): v128 {
  const two = f32x4.splat(2), w = exp4(f32x4.min(x, f32x4.splat(20))), n = f32x4.mul(w, f32x4.add(w, two));
  const rest = f32x4.add(n, two), steep = f32x4.div(f32x4.mul(w, f32x4.add(w, f32x4.splat(1))), f32x4.mul(rest, rest));
  const at = f32x4.max(f32x4.min(x, f32x4.splat(20)), f32x4.splat(LOWEST));
  return f32x4.add(f32x4.div(n, rest), f32x4.mul(f32x4.splat(4), f32x4.mul(at, steep)));
}

/** y = e^x; its slope is y. */
export function exponentialForward(y: usize, x: usize, count: i32): void {
  const end = x + (<usize>count << 2), end4 = x + (<usize>(count & ~3) << 2);
  while (x < end4) { v128.store(y, exp4(v128.load(x))); x += 16; y += 16; }
  while (x < end) { v128.store_lane<f32>(y, exp4(v128.load32_splat(x)), 0); x += 4; y += 4; }
}

/** dx = dy · y */
export function exponentialBackward(dx: usize, dy: usize, y: usize, count: i32): void {
  const end = y + (<usize>count << 2), end4 = y + (<usize>(count & ~3) << 2);
  while (y < end4) { v128.store(dx, f32x4.mul(v128.load(dy), v128.load(y))); y += 16; dy += 16; dx += 16; }
  while (y < end) { store<f32>(dx, load<f32>(dy) * f32x4.extract_lane(v128.load32_splat(y), 0)); y += 4; dy += 4; dx += 4; }
}

/** y = scale · x where x > 0, else negative · (e^x - 1).   negative, scale ≥ 0 */
export function eluForward(y: usize, x: usize, count: i32, negative: f32, scale: f32): void {
  const end = x + (<usize>count << 2), end4 = x + (<usize>(count & ~3) << 2);
  while (x < end4) { v128.store(y, elu4(v128.load(x), negative, scale)); x += 16; y += 16; }
  while (x < end) { v128.store_lane<f32>(y, elu4(v128.load32_splat(x), negative, scale), 0); x += 4; y += 4; }
}

/** dx = dy · (scale where y > 0, else y + negative) */
export function eluBackward(dx: usize, dy: usize, y: usize, count: i32, negative: f32, scale: f32): void {
  const end = y + (<usize>count << 2), end4 = y + (<usize>(count & ~3) << 2);
  while (y < end4) { v128.store(dx, f32x4.mul(v128.load(dy), eluSlope4(v128.load(y), negative, scale))); y += 16; dy += 16; dx += 16; }
  while (y < end) { store<f32>(dx, load<f32>(dy) * f32x4.extract_lane(eluSlope4(v128.load32_splat(y), negative, scale), 0)); y += 4; dy += 4; dx += 4; }
}

/** y = ln(1 + e^x) */
export function softplusForward(y: usize, x: usize, count: i32): void {
  const end = x + (<usize>count << 2), end4 = x + (<usize>(count & ~3) << 2);
  while (x < end4) { v128.store(y, softplus4(v128.load(x))); x += 16; y += 16; }
  while (x < end) { v128.store_lane<f32>(y, softplus4(v128.load32_splat(x)), 0); x += 4; y += 4; }
}

/** dx = dy · (1 - e^-y) */
export function softplusBackward(dx: usize, dy: usize, y: usize, count: i32): void {
  const end = y + (<usize>count << 2), end4 = y + (<usize>(count & ~3) << 2);
  while (y < end4) { v128.store(dx, f32x4.mul(v128.load(dy), softplusSlope4(v128.load(y)))); y += 16; dy += 16; dx += 16; }
  while (y < end) { store<f32>(dx, load<f32>(dy) * f32x4.extract_lane(softplusSlope4(v128.load32_splat(y)), 0)); y += 4; dy += 4; dx += 4; }
}

/** y = x / (1 + |x|) */
export function softsignForward(y: usize, x: usize, count: i32): void {
  const end = x + (<usize>count << 2), end4 = x + (<usize>(count & ~3) << 2);
  while (x < end4) { v128.store(y, softsign4(v128.load(x))); x += 16; y += 16; }
  while (x < end) { v128.store_lane<f32>(y, softsign4(v128.load32_splat(x)), 0); x += 4; y += 4; }
}

/** dx = dy · (1 - |y|)² */
export function softsignBackward(dx: usize, dy: usize, y: usize, count: i32): void {
  const end = y + (<usize>count << 2), end4 = y + (<usize>(count & ~3) << 2);
  while (y < end4) { v128.store(dx, f32x4.mul(v128.load(dy), softsignSlope4(v128.load(y)))); y += 16; dy += 16; dx += 16; }
  while (y < end) { store<f32>(dx, load<f32>(dy) * f32x4.extract_lane(softsignSlope4(v128.load32_splat(y)), 0)); y += 4; dy += 4; dx += 4; }
}

/** y = x · sigmoid x */
export function siluForward(y: usize, x: usize, count: i32): void {
  const end = x + (<usize>count << 2), end4 = x + (<usize>(count & ~3) << 2);
  while (x < end4) { v128.store(y, silu4(v128.load(x))); x += 16; y += 16; }
  while (x < end) { v128.store_lane<f32>(y, silu4(v128.load32_splat(x)), 0); x += 4; y += 4; }
}

/** dx = dy · the slope of silu at x */
export function siluBackward(dx: usize, dy: usize, x: usize, count: i32): void {
  const end = x + (<usize>count << 2), end4 = x + (<usize>(count & ~3) << 2);
  while (x < end4) { v128.store(dx, f32x4.mul(v128.load(dy), siluSlope4(v128.load(x)))); x += 16; dy += 16; dx += 16; }
  while (x < end) { store<f32>(dx, load<f32>(dy) * f32x4.extract_lane(siluSlope4(v128.load32_splat(x)), 0)); x += 4; dy += 4; dx += 4; }
}

/** y = x · tanh(softplus x) */
export function mishForward(y: usize, x: usize, count: i32): void {
  const end = x + (<usize>count << 2), end4 = x + (<usize>(count & ~3) << 2);
  while (x < end4) { v128.store(y, mish4(v128.load(x))); x += 16; y += 16; }
  while (x < end) { v128.store_lane<f32>(y, mish4(v128.load32_splat(x)), 0); x += 4; y += 4; }
}

/** dx = dy · the slope of mish at x */
export function mishBackward(dx: usize, dy: usize, x: usize, count: i32): void {
  const end = x + (<usize>count << 2), end4 = x + (<usize>(count & ~3) << 2);
  while (x < end4) { v128.store(dx, f32x4.mul(v128.load(dy), mishSlope4(v128.load(x)))); x += 16; dy += 16; dx += 16; }
  while (x < end) { store<f32>(dx, load<f32>(dy) * f32x4.extract_lane(mishSlope4(v128.load32_splat(x)), 0)); x += 4; dy += 4; dx += 4; }
}

/** y = x · Φ(x), where Φ is the normal distribution's: erfc(-x / √2) / 2 */
export function geluForward(y: usize, x: usize, count: i32): void {
  for (let i = 0; i < count; i++, x += 4, y += 4) {
    const v = <f64>load<f32>(x);
    store<f32>(y, <f32>(0.5 * v * erfc(-v * SQRT1_2)));
  }
}

/** dx = dy · (Φ(x) + x · φ(x)) */
export function geluBackward(dx: usize, dy: usize, x: usize, count: i32): void {
  for (let i = 0; i < count; i++, x += 4, dx += 4, dy += 4) {
    const v = <f64>load<f32>(x);
    store<f32>(dx, <f32>(<f64>load<f32>(dy) * (0.5 * erfc(-v * SQRT1_2) + v * SQRT1_2PI * exp64(-0.5 * v * v))));
  }
}

/** y = x · sigmoid(2u), u = √(2/π) · (x + 0.044715 · x³): x · (1 + tanh u) / 2 */
export function geluApproximateForward(y: usize, x: usize, count: i32): void {
  for (let i = 0; i < count; i++, x += 4, y += 4) {
    const v = <f64>load<f32>(x);
    store<f32>(y, <f32>(v / (1 + exp64(-2 * SQRT2_PI * v * (1 + CUBE * v * v)))));
  }
}

/** dx = dy · (s + x · s · (1 - s) · 2u'), s = sigmoid(2u) */
export function geluApproximateBackward(dx: usize, dy: usize, x: usize, count: i32): void {
  for (let i = 0; i < count; i++, x += 4, dx += 4, dy += 4) {
    const v = <f64>load<f32>(x), e = exp64(-2 * SQRT2_PI * v * (1 + CUBE * v * v)), s = 1 / (1 + e);
    store<f32>(dx, <f32>(<f64>load<f32>(dy) * s * (1 + v * e * s * 2 * SQRT2_PI * (1 + 3 * CUBE * v * v))));
  }
}
