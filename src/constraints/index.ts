// What a layer's weights are brought back to after each step.  https://keras.io/api/layers/constraints/
// Kernels: assembly/regularization.ts
import { check } from '../base/errors.js';
import { checkNumber, describe } from '../base/options.js';
import { formatShape, type Shape } from '../base/shape.js';
import { moreModule } from '../engine/modules/more.generated.js';
import type { Constraint } from '../graph/weightRules.js';
import { use, withDefaults } from '../regularizers/extend.js';

export type { Constraint };

/** Options of constraints that look at norms. */
export interface NormOptions {
  /**
   * The axes, or the one, that a norm is taken along, negative ones from the last one on: default 0, for a dense layer's units; [0, 1, 2]
   * is for a convolution's filters.
   */
  axis?: number | readonly number[];
}

/** Options of {@link maxNorm}. */
export interface MaxNormOptions extends NormOptions {
  /** Default 2. */
  maxValue?: number;
}

/** Options of {@link minMaxNorm}. */
export interface MinMaxNormOptions extends MaxNormOptions {
  /** Default 0. */
  minValue?: number;
  /** Default 1. */
  maxValue?: number;
  /** Share of the way that a step goes, from 0 to 1. Default 1. */
  rate?: number;
}

interface Norms {
  readonly minValue: number;
  readonly maxValue: number;
  readonly rate: number;
  readonly axis: number | readonly number[];
}

/** A weight's shape as [kept, along, kept, along, kept], where it is long 1 where there is no such axis. */
function foldedShape(shape: Shape, along: readonly number[]): [number, number, number, number, number] {
  const folded: [number, number, number, number, number] = [1, 1, 1, 1, 1];
  let place = 0;
  for (const [i, size] of shape.entries()) {
    if (along.includes(i) !== (place % 2 === 1)) place++;
    folded[place]! *= size;
  }
  return folded;
}

function byNorm(
  who: string,
  className: string,
  config: { readonly axis: number | readonly number[] },
  norms: Norms,
): Constraint {
  const { minValue, maxValue, rate, axis } = norms;
  const given = Array.isArray(axis) ? (axis as readonly number[]) : [axis as number];
  check(
    given.length > 0 && given.every((each) => Number.isSafeInteger(each)),
    () =>
      `${who}'s axis must be a whole number, or an array of them as [0, 1, 2], got ${Array.isArray(axis) ? formatShape(axis as number[]) : describe(axis)}`,
  );
  for (const [name, value] of Object.entries({ minValue, maxValue }))
    checkNumber(
      value,
      (number) => number >= 0 && Number.isFinite(Math.fround(number)),
      `${who}'s ${name} must be a number of at least 0`,
    );
  check(minValue <= maxValue, () => `${who}'s minValue must be at most its maxValue, got ${minValue} and ${maxValue}`);
  checkNumber(rate, (value) => value >= 0 && value <= 1, `${who}'s rate must be a number from 0 to 1`);
  const axesOf = ({ length }: Shape): readonly number[] => given.map((each) => (each < 0 ? length + each : each));
  return {
    className,
    config: { ...config, axis: typeof axis === 'number' ? axis : [...axis] },
    moreKernels: moreModule,
    checkShape(shape, what) {
      const axes = axesOf(shape);
      check(
        axes.every((each) => each >= 0 && each < shape.length) && new Set(axes).size === axes.length,
        () =>
          `${what} takes norms along axis ${given.join(', ')}, and the weight ${formatShape(shape)} has axes 0 to ${shape.length - 1}; name each at most once`,
      );
    },
    apply: (kernels, weights, shape) =>
      kernels.constrainNorms(weights, ...foldedShape(shape, axesOf(shape)), minValue, maxValue, rate),
  };
}

/**
 * Norms of at most maxValue.
 *
 * @example
 * ```js
 * import { constraints, layers, sequential } from 'wasm-cnn';
 *
 * const layer = layers.dense({ units: 1, useBias: false, kernelConstraint: constraints.maxNorm({ maxValue: 1 }) });
 * const model = sequential({ inputShape: [2], layers: [layer] });
 * model.setWeights([{ data: Float32Array.of(3, 4), shape: [2, 1] }]);
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Float32Array(2), shape: [1, 2] }, { data: new Float32Array(1), shape: [1, 1] }];
 * await model.trainOnBatch(x, y);
 * model.getWeights()[0].data; // [0.6, 0.8]
 * ```
 */
export function maxNorm(options: MaxNormOptions = {}): Constraint {
  const config = withDefaults(options, { maxValue: 2, axis: 0 as NonNullable<NormOptions['axis']> }, 'maxNorm');
  return byNorm('maxNorm', 'MaxNorm', config, { minValue: 0, rate: 1, ...config });
}

/**
 * Norms of minValue to maxValue.
 *
 * @example
 * ```js
 * import { constraints, layers, sequential } from 'wasm-cnn';
 *
 * const layer = layers.dense({ units: 1, useBias: false, kernelConstraint: constraints.minMaxNorm({ minValue: 1, maxValue: 2 }) });
 * const model = sequential({ inputShape: [2], layers: [layer] });
 * model.setWeights([{ data: Float32Array.of(0.3, 0.4), shape: [2, 1] }]);
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Float32Array(2), shape: [1, 2] }, { data: new Float32Array(1), shape: [1, 1] }];
 * await model.trainOnBatch(x, y);
 * model.getWeights()[0].data; // [0.6, 0.8]
 * ```
 */
export function minMaxNorm(options: MinMaxNormOptions = {}): Constraint {
  const defaults: Norms = { minValue: 0, maxValue: 1, rate: 1, axis: 0 };
  const config = withDefaults(options, defaults, 'minMaxNorm');
  return byNorm('minMaxNorm', 'MinMaxNorm', config, config);
}

/**
 * Norms of 1.
 *
 * @example
 * ```js
 * import { constraints, layers, sequential } from 'wasm-cnn';
 *
 * const layer = layers.dense({ units: 1, useBias: false, kernelConstraint: constraints.unitNorm() });
 * const model = sequential({ inputShape: [2], layers: [layer] });
 * model.setWeights([{ data: Float32Array.of(3, 4), shape: [2, 1] }]);
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Float32Array(2), shape: [1, 2] }, { data: new Float32Array(1), shape: [1, 1] }];
 * await model.trainOnBatch(x, y);
 * model.getWeights()[0].data; // [0.6, 0.8]
 * ```
 */
export function unitNorm(options: NormOptions = {}): Constraint {
  const config = withDefaults(options, { axis: 0 as NonNullable<NormOptions['axis']> }, 'unitNorm');
  return byNorm('unitNorm', 'UnitNorm', config, { minValue: 1, maxValue: 1, rate: 1, ...config });
}

/**
 * No weight below 0.
 *
 * @example
 * ```js
 * import { constraints, layers, sequential } from 'wasm-cnn';
 *
 * const layer = layers.dense({ units: 1, useBias: false, kernelConstraint: constraints.nonNeg() });
 * const model = sequential({ inputShape: [2], layers: [layer] });
 * model.setWeights([{ data: Float32Array.of(-3, 4), shape: [2, 1] }]);
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: new Float32Array(2), shape: [1, 2] }, { data: new Float32Array(1), shape: [1, 1] }];
 * await model.trainOnBatch(x, y);
 * model.getWeights()[0].data; // [0, 4]
 * ```
 */
export function nonNeg(options: object = {}): Constraint {
  return {
    className: 'NonNeg',
    config: withDefaults(options, {}, 'nonNeg'),
    moreKernels: moreModule,
    checkShape() {},
    apply: (kernels, weights, shape) =>
      kernels.keepNonNegative(
        weights,
        shape.reduce((size, length) => size * length, 1),
      ),
  };
}

use({ Constraint: { maxNorm, minMaxNorm, unitNorm, nonNeg } });
