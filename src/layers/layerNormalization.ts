// Layer normalization: each example's values along the last axis are brought to mean 0 and variance 1, then to a learned scale and center.
// https://keras.io/api/layers/normalization_layers/layer_normalization/
import { checkInitializer, type Initializer } from '../initializers/index.js';
import type { LayerNormalizationNode } from '../compiler/ops/layerNormalization.js';
import { checkNumber } from '../base/options.js';
import { checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';
import { checkLastAxis, checkSwitch, EPSILON, isEpsilon } from './normalization.js';

export interface LayerNormalizationOptions extends LayerOptions {
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

/** [..., features] → the same shape.  gamma, beta [features] */
export function layerNormalization(options: LayerNormalizationOptions = {}): Layer {
  const who = 'layerNormalization';
  checkLayerOptions(options, ['axis', 'epsilon', 'center', 'scale', 'betaInitializer', 'gammaInitializer'], who);
  const { axis = -1, epsilon = EPSILON } = options;
  checkNumber(axis, Number.isInteger, `${who}'s axis must be -1, the last one`);
  checkNumber(epsilon, isEpsilon, `${who}'s epsilon must be a number above 0`);
  const center = checkSwitch(options.center, `${who}'s center`);
  const scale = checkSwitch(options.scale, `${who}'s scale`);
  const betaInitializer = checkInitializer(options.betaInitializer ?? 'zeros', who);
  const gammaInitializer = checkInitializer(options.gammaInitializer ?? 'ones', who);
  return defineLayer({
    className: 'LayerNormalization',
    kind: who,
    options,
    outputShape(input, name) {
      checkLastAxis(axis, input, name);
      return input;
    },
    variables(input) {
      const shape = [input.at(-1)!];
      return [
        ...(scale ? [{ name: 'gamma', shape, initializer: gammaInitializer }] : []),
        ...(center ? [{ name: 'beta', shape, initializer: betaInitializer }] : []),
      ];
    },
    build: (graph, x, { name, variables }) =>
      graph.add<LayerNormalizationNode>({
        kind: 'layerNormalization',
        layer: name,
        inputs: [x],
        output: x.shape,
        variables,
        epsilon,
        center,
        scale,
      }),
    getConfig: () => ({ axis: -1, epsilon, center, scale, betaInitializer, gammaInitializer }),
  });
}
