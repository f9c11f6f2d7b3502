// What the networks that others have trained have in common: checked options, the top, and weights from a file.
import { check } from '../base/errors.js';
import { listed } from '../base/listed.js';
import { checkBoolean, checkOptions, describe, kindOf } from '../base/options.js';
import type { Shape } from '../base/shape.js';
import * as layers from '../layers/index.js';
import type { SymbolicTensor } from '../layers/layer.js';
import { input, model, type Functional } from '../model/functional.js';
import { loadWeights } from '../model/loadWeights.js';
import { NETWORK_OPTIONS, type PretrainableOptions } from './options.js';

/** The name of the layer that gives the probabilities, as in Keras. */
export const TOP = 'predictions';

const OPTIONS = [...NETWORK_OPTIONS, 'includeTop', 'pooling', 'weights'];

/** How a network makes its last feature maps of images. */
export interface Trunk {
  readonly name: string;
  /** Names of its options beside those that all have. */
  readonly options?: readonly string[];
  /** Before the last layer; default 0. */
  readonly dropout?: number;
  /** What makes its weights, where that is not the command weights. */
  readonly weightsFrom?: string;
  readonly features: (x: SymbolicTensor) => SymbolicTensor;
}

/** Not compiled. */
export function pretrainable(trunk: Trunk, given: PretrainableOptions): Functional {
  const { name, dropout = 0 } = trunk;
  checkOptions(given, [...OPTIONS, ...(trunk.options ?? [])], name);
  const { inputShape = [224, 224, 3], classes = 1000, seed, includeTop = true, pooling = null, weights } = given;
  checkBoolean(includeTop, `${name}'s includeTop`);
  check(
    pooling === null || pooling === 'avg' || pooling === 'max',
    () => `${name}'s pooling must be 'avg', 'max' or null, got ${describe(pooling)}`,
  );
  const x = input({ shape: inputShape as Shape });
  let y = trunk.features(x);
  if (includeTop) {
    y = layers.globalAveragePooling2d({ name: 'avg_pool' }).apply(y);
    if (dropout !== 0) y = layers.dropout({ rate: dropout, name: 'top_dropout' }).apply(y);
    y = layers.dense({ units: classes, activation: 'softmax', name: TOP }).apply(y);
  } else if (pooling === 'avg') y = layers.globalAveragePooling2d({ name: 'avg_pool' }).apply(y);
  else if (pooling === 'max') y = layers.globalMaxPooling2d({ name: 'max_pool' }).apply(y);
  const made = model({ name, inputs: x, outputs: y, seed });
  if (weights !== undefined) {
    const { weightsFrom = `npx wasm-cnn weights ${name} --out FILE makes it` } = trunk;
    check(
      ArrayBuffer.isView(weights) || kindOf(weights).endsWith('ArrayBuffer'),
      () =>
        `${name}'s weights must be the bytes of a file, got ${describe(weights)}; ${weightsFrom}, and await readFile(FILE) or (await fetch(FILE)).arrayBuffer() gives its bytes`,
    );
    const { missing, mismatched } = loadWeights(made, weights, {
      byName: true,
      skipMismatch: true,
      name: `${name}'s weights`,
    });
    const other = [...missing, ...mismatched].filter((layer) => layer !== TOP);
    check(
      other.length === 0,
      () =>
        `${name}'s weights are those of another network: ${listed(other)} do not fit; check its options, such as alpha`,
    );
  }
  return made;
}

/** Convolution without bias, batch normalization, and an activation: layers of three names. */
export interface Unit {
  readonly filters?: number;
  readonly kernelSize?: number;
  readonly strides?: number;
  /** Default: as many zeros on each side as keep the size at strides of 1. */
  readonly padding?: 'same';
  readonly names: readonly [convolution: string, normalization: string, activation?: string];
  readonly momentum: number;
  readonly epsilon: number;
  readonly activation?: 'relu' | 'relu6';
}

/** A convolution with batch normalization and activation; without filters a depthwise one. */
export function unit(x: SymbolicTensor, options: Unit): SymbolicTensor {
  const { filters, kernelSize = 1, strides = 1, names, momentum, epsilon, activation } = options;
  const [convolution, normalization, name] = names;
  const shared = {
    ...{ kernelSize, strides, padding: options.padding ?? (kernelSize - 1) / 2, useBias: false },
    name: convolution,
  } as const;
  const convolve =
    filters === undefined
      ? layers.depthwiseConv2d({ ...shared, depthwiseInitializer: 'heNormal' })
      : layers.conv2d({ ...shared, filters, kernelInitializer: 'heNormal' });
  const y = layers.batchNormalization({ momentum, epsilon, name: normalization }).apply(convolve.apply(x));
  return activation ? layers.activation({ activation, name }).apply(y) : y;
}
