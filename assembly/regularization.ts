// Penalties on values, and constraints on weights after a step.  https://keras.io/api/layers/regularizers/, …/constraints/

/** gradients += the slopes of l1 · Σ |x| + l2 · Σ x²; that of |x| at 0 is 0.   gradients, x: count values; twiceL2 = 2 · l2 */
export function addPenaltySlopes(gradients: usize, x: usize, count: i32, l1: f32, twiceL2: f32): void {
  const end = x + (<usize>count << 2), end4 = x + (<usize>(count & ~3) << 2);
  const l1s = f32x4.splat(l1), l2s = f32x4.splat(twiceL2), zero = f32x4.splat(0), signBit = i32x4.splat(0x80000000);
  while (x < end4) {
    const value = v128.load(x);
    const signed = v128.and(v128.or(v128.and(value, signBit), l1s), f32x4.ne(value, zero));
    v128.store(gradients, f32x4.add(v128.load(gradients), f32x4.add(signed, f32x4.mul(l2s, value))));
    x += 16; gradients += 16;
  }
  while (x < end) {
    const value = load<f32>(x), signed: f32 = value == 0 ? 0 : copysign<f32>(l1, value);
    store<f32>(gradients, load<f32>(gradients) + (signed + twiceL2 * value));
    x += 4; gradients += 4;
  }
}

/** penalties [n] = l1 · Σ |x| + l2 · Σ x² of each example, in f64.   x [n, size] */
export function penaltyOfEach(penalties: usize, x: usize, n: i32, size: i32, l1: f64, l2: f64): void {
  for (let i = 0; i < n; i++, penalties += 4) {
    let sizes: f64 = 0, squares: f64 = 0;
    for (let j = 0; j < size; j++, x += 4) {
      const value = <f64>load<f32>(x);
      sizes += abs(value);
      squares += value * value;
    }
    store<f32>(penalties, <f32>(l1 * sizes + l2 * squares));
  }
}

/** Added to a norm that divides, as in Keras. */
const EPSILON: f32 = 1e-7;

/**
 * Brings the norms of w [a, r, b, s, c] along the axes r and s between least and most: w · d / (norm + EPSILON), where
 * d = rate · min(max(norm, least), most) + (1 - rate) · norm. Squares are added in f64, in the order of r, then s.
 */
export function constrainNorms(
  w: usize, a: i32, r: i32, b: i32, s: i32, c: i32, least: f32, most: f32, rate: f32,
): void {
  const step = <usize>c << 2, between = <usize>(b * s * c) << 2, whole = <usize>r * between;
  const leasts = f32x4.splat(least), mosts = f32x4.splat(most), epsilons = f32x4.splat(EPSILON);
  const rates = f32x4.splat(rate), rest = f32x4.splat(1 - rate);
  for (let i = 0; i < a; i++, w += whole) {
    for (let j = 0; j < b; j++) {
      const first = w + (<usize>(j * s * c) << 2);
      let column = 0;
      for (; column + 4 <= c; column += 4) {
        const top = first + (<usize>column << 2);
        let low = f64x2.splat(0), high = f64x2.splat(0);
        for (let k = 0; k < r; k++) {
          let at = top + <usize>k * between;
          for (let l = 0; l < s; l++, at += step) {
            const value = v128.load(at);
            const x = f64x2.promote_low_f32x4(value);
            const y = f64x2.promote_low_f32x4(v128.shuffle<i32>(value, value, 2, 3, 2, 3));
            low = f64x2.add(low, f64x2.mul(x, x));
            high = f64x2.add(high, f64x2.mul(y, y));
          }
        }
        const norms = v128.shuffle<i64>(
          f32x4.demote_f64x2_zero(f64x2.sqrt(low)), f32x4.demote_f64x2_zero(f64x2.sqrt(high)), 0, 2,
        );
        const clipped = f32x4.min(f32x4.max(norms, leasts), mosts);
        const desired = f32x4.add(f32x4.mul(rates, clipped), f32x4.mul(rest, norms));
        const factors = f32x4.div(desired, f32x4.add(epsilons, norms));
        for (let k = 0; k < r; k++) {
          let at = top + <usize>k * between;
          for (let l = 0; l < s; l++, at += step) v128.store(at, f32x4.mul(v128.load(at), factors));
        }
      }
      for (; column < c; column++) {
        const top = first + (<usize>column << 2);
        let sum: f64 = 0;
        for (let k = 0; k < r; k++) {
          let at = top + <usize>k * between;
          for (let l = 0; l < s; l++, at += step) {
            const value = <f64>load<f32>(at);
            sum += value * value;
          }
        }
        const norm = <f32>sqrt(sum), desired = rate * min<f32>(max<f32>(norm, least), most) + (1 - rate) * norm;
        const factor = desired / (EPSILON + norm);
        for (let k = 0; k < r; k++) {
          let at = top + <usize>k * between;
          for (let l = 0; l < s; l++, at += step) store<f32>(at, load<f32>(at) * factor);
        }
      }
    }
  }
}

/** w = max(w, 0), element by element. */
export function keepNonNegative(w: usize, count: i32): void {
  const zero = f32x4.splat(0), end = w + (<usize>count << 2), end4 = w + (<usize>(count & ~3) << 2);
  while (w < end4) { v128.store(w, f32x4.max(v128.load(w), zero)); w += 16; }
  while (w < end) { store<f32>(w, max<f32>(load<f32>(w), 0)); w += 4; }
}
