// A figure: what one contestant did in one measurement.

/** More is better for samples/s and %, less for the others. */
export type Unit = 'samples/s' | '%' | 'ms' | 's' | 'MiB' | 'KiB';

export interface Figure {
  /** What was measured; rows.ts finds it by this name. */
  readonly measure: string;
  readonly contestant: string;
  /** 'Node 26', where it was measured on several. */
  readonly node?: string;
  readonly threads: number;
  readonly unit: Unit;
  /** A value a round; none where it failed. */
  readonly rounds: readonly number[];
  /** Why there is no value, in the contestant's own words. */
  readonly failure?: string;
}

export const OURS = 'wasm-cnn';
/** The same with relaxed SIMD's multiply-add. */
export const FUSED = 'wasm-cnn fused';
export const PYTORCH = 'PyTorch';
/** Through torch.compile. */
export const PYTORCH_COMPILED = 'PyTorch compiled';
/** Under autocast, that is, in another precision. */
export const PYTORCH_BF16 = 'PyTorch bfloat16';
export const KERAS = 'Keras';
/** On a GPU, or what the browser has in its place. */
export const TFJS_WEBGL = 'TF.js webgl';
/** Its plain JavaScript takes two minutes for a step of 128. */
export const TFJS_CPU = 'TF.js cpu, batches of 4';

export function moreIsBetter(unit: Unit): boolean {
  return unit === 'samples/s' || unit === '%';
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
