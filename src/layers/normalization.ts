// What normalizing layers have in common: the last axis, and gamma and beta.
import { check } from '../base/errors.js';
import { checkBoolean, checkNumber } from '../base/options.js';
import type { Shape } from '../base/shape.js';
import type { VariableSpec } from '../graph/variable.js';
import { checkInitializer, type Initializer } from '../initializers/index.js';
import type { LayerOptions, WeightRules } from './layer.js';

export interface NormalizationOptions extends LayerOptions, WeightRules<'beta' | 'gamma'> {
  /** What is normalized, which is the last axis: -1 (default), or its number with the batch's axis as number 0. */
  axis?: number;
  /** Added to the variance; default 0.001. */
  epsilon?: number;
  /** Whether beta is added, and gamma is multiplied by. Default true. */
  center?: boolean;
  scale?: boolean;
  /** Default 'zeros' and 'ones'. */
  betaInitializer?: Initializer;
  gammaInitializer?: Initializer;
}

/** The options, checked, and what follows from them. */
export function checkNormalization(options: NormalizationOptions, kind: string) {
  const { axis = -1, epsilon = 1e-3, center = true, scale = true } = options;
  checkNumber(axis, Number.isInteger, `${kind}'s axis must be -1, the last one`);
  checkNumber(
    epsilon,
    (value) => Math.fround(value) > 0 && Math.fround(value) < Infinity,
    `${kind}'s epsilon must be a number above 0`,
  );
  checkBoolean(center, `${kind}'s center`);
  checkBoolean(scale, `${kind}'s scale`);
  const betaInitializer = checkInitializer(options.betaInitializer ?? 'zeros', kind);
  const gammaInitializer = checkInitializer(options.gammaInitializer ?? 'ones', kind);
  return {
    ...{ epsilon, center, scale },
    config: { axis: -1, epsilon, center, scale, betaInitializer, gammaInitializer },
    /** The input's, whose last axis is the one. */
    outputShape(input: Shape, who: string): Shape {
      check(
        axis === -1 || axis === input.length,
        () => `${who} needs axis -1, the last one, got ${axis}; arrays are [n, height, width, channels] here`,
      );
      return input;
    },
    variables(shape: Shape): VariableSpec[] {
      return [
        ...(scale ? [{ name: 'gamma', shape, initializer: gammaInitializer }] : []),
        ...(center ? [{ name: 'beta', shape, initializer: betaInitializer }] : []),
      ];
    },
  };
}
