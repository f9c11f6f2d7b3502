// Adam as Keras writes it (Kingma and Ba, https://arxiv.org/abs/1412.6980, end of section 2):
//   m = β1 m + (1 - β1) g      v = β2 v + (1 - β2) g²      w -= α m / (√v + ε),   α = rate · √(1 - β2^t) / (1 - β1^t)

/** One step of `count` weights.  scalars: α, ε, β1, 1 - β1, β2, 1 - β2 as six f32. Overwrites w, m, v. */
export function adamStep(w: usize, m: usize, v: usize, g: usize, scalars: usize, count: i32): void {
  const alpha = load<f32>(scalars), epsilon = load<f32>(scalars, 4);
  const beta1 = load<f32>(scalars, 8), rest1 = load<f32>(scalars, 12), beta2 = load<f32>(scalars, 16), rest2 = load<f32>(scalars, 20);
  const end = w + (<usize>count << 2), end4 = w + (<usize>(count & ~3) << 2);
  //@pairs
  while (w < end4) {
    const gradient = v128.load(g);
    const m4 = f32x4.add(f32x4.mul(f32x4.splat(beta1), v128.load(m)), f32x4.mul(f32x4.splat(rest1), gradient));
    const v4 = f32x4.add(f32x4.mul(f32x4.splat(beta2), v128.load(v)), f32x4.mul(f32x4.splat(rest2), f32x4.mul(gradient, gradient)));
    v128.store(m, m4);
    v128.store(v, v4);
    v128.store(w, f32x4.sub(v128.load(w), f32x4.div(f32x4.mul(f32x4.splat(alpha), m4), f32x4.add(f32x4.sqrt(v4), f32x4.splat(epsilon)))));
    w += 16; m += 16; v += 16; g += 16;
  }
  while (w < end) {
    const gradient = load<f32>(g);
    const m1 = beta1 * load<f32>(m) + rest1 * gradient, v1 = beta2 * load<f32>(v) + rest2 * (gradient * gradient);
    store<f32>(m, m1);
    store<f32>(v, v1);
    store<f32>(w, load<f32>(w) - (alpha * m1) / (sqrt<f32>(v1) + epsilon));
    w += 4; m += 4; v += 4; g += 4;
  }
}
