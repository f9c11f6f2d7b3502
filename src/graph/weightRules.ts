// What a layer's options say of its weights beyond their first values: penalties (regularizers/) and constraints (constraints/). A bundle has
// them only if it imports them: regularizers/extend.ts then puts what reads such options here.
import type { Shape } from '../base/shape.js';
import type { Kernels } from '../engine/kernels.generated.js';
import type { ModuleText } from '../engine/moduleText.js';

/** Plain data that make one again, as files hold it. */
export interface RuleConfig {
  /** Keras' class name: 'L2'. */
  readonly className: string;
  readonly config: object;
}

interface WeightRule extends RuleConfig {
  readonly moreKernels: ModuleText;
}

/** A penalty on values that is added to the loss: l1 · Σ |x| + l2 · Σ x². */
export interface Regularizer extends WeightRule {
  readonly l1: number;
  readonly l2: number;
  /** The penalty on `size` values from number `from` on, added up in f64 in their order. */
  penalty(values: Float32Array, from: number, size: number): number;
  /** Emits what adds its slopes by `count` weights to their gradients. */
  addSlopes(kernels: Kernels, gradients: number, weights: number, count: number): void;
}

/** What a weight is brought back to after each step. */
export interface Constraint extends WeightRule {
  /** Throws one sentence where it does not fit weights of this shape. */
  checkShape(shape: Shape, who: string): void;
  /** Emits it for a weight of this shape. */
  apply(kernels: Kernels, weights: number, shape: Shape): void;
}

export const rules = {
  /** Options that a layer with these has, too. */
  names: (_: readonly string[]): readonly string[] => ['those of regularizers and constraints where they are imported'],
  /** A layer with what its options say of its weights and outputs. */
  extend: <Layer extends object>(layer: Layer): Layer => layer,
};
