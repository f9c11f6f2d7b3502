// What a layer's options say of its weights beyond their first values: penalties (regularizers/) and constraints (constraints/). Both register
// here what reads such an option, so that a bundle has them only if it imports them.
import { check } from '../base/errors.js';
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
  /** Of `size` values from number `from` on, added up in f64 in their order. */
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

/** What has such options: a layer. */
export interface Ruled {
  readonly kind: string;
  readonly options: object;
}

/** Returns the layer with what these options of it say. */
type Extend = <Layer extends Ruled>(layer: Layer, names: readonly string[]) => Layer;

let extend: Extend | null = null;

/** regularizers/extend.ts calls it when it is imported with one of them. */
export function register(given: Extend): void {
  extend = given;
}

/** The layer with its regularizers and constraints, if it is given any. */
export function withRules<Layer extends Ruled>(layer: Layer): Layer {
  const names = Object.keys(layer.options).filter(
    (name) => /(Regularizer|Constraint)$/.test(name) && (layer.options as Record<string, unknown>)[name] != null,
  );
  if (names.length === 0) return layer;
  check(extend !== null, `import { regularizers, constraints } from wasm-cnn for ${layer.kind}'s ${names.join(', ')}`);
  return extend(layer, names);
}
