// sum + a · b in four lanes: rounded twice in the exact builds, bit-identical on every host; in the fused builds through relaxed SIMD,
// rounded once where the processor can, faster, and with the bits of that kind of processor.

// @ts-ignore: decorator
@inline
export function madd(sum: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, sum);
  return f32x4.add(sum, f32x4.mul(a, b));
}
