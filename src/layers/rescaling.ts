// Inputs on another scale. Bytes that reach such a layer before any other that computes come as Keras gives them, 0 to 255; to every other
// network they come as value / 255.  https://keras.io/api/layers/preprocessing_layers/
import { check } from '../base/errors.js';
import { describe, listed } from '../base/options.js';
import { formatShape, type Shape } from '../base/shape.js';
import { checkTensor, type Tensor } from '../base/tensor.js';
import { lowerNormalize, lowerRescale, type RescaleNode } from '../compiler/ops/rescale.js';
import { checkLayerOptions, defineLayer, type Layer, type LayerOptions } from './layer.js';

/** Options of {@link rescaling}. */
export interface RescalingOptions extends LayerOptions {
  /** E.g. 1 / 255 for bytes. */
  scale: number;
  /** Default 0. */
  offset?: number;
}

/**
 * x · scale + offset.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [3], layers: [layers.rescaling({ scale: 2, offset: -1 })] });
 * const x = { data: Float32Array.of(0, 0.5, 1), shape: [1, 3] };
 * await model.predict(x); // { data: [-1, 0, 1] }
 * ```
 */
export function rescaling(options: RescalingOptions): Layer {
  checkLayerOptions(options, ['scale', 'offset'], 'rescaling');
  const { scale, offset = 0 } = options;
  for (const [name, value] of Object.entries({ scale, offset }))
    check(
      typeof value === 'number' && Number.isFinite(Math.fround(value)),
      () => `rescaling's ${name} must be a number, got ${describe(value)}`,
    );
  return defineLayer({
    className: 'Rescaling',
    make: rescaling,
    kind: 'rescaling',
    options,
    outputShape: (input) => input,
    build(graph, x, { name }) {
      const node = {
        kind: 'rescale',
        lowerings: [lowerRescale],
        layer: name,
        inputs: [x],
        variables: [],
        scale,
        offset,
        bytes: 'scales',
      } as const;
      return graph.add<RescaleNode>({ ...node, output: x.shape });
    },
    getConfig: () => ({ scale, offset }),
  });
}

/** Options of {@link normalization}. */
export interface NormalizationOptions extends LayerOptions {
  /** For each channel (the last axis), or one for all. Default: what adapt() finds, else 0. */
  mean?: number | readonly number[];
  /** Likewise; else 1. */
  variance?: number | readonly number[];
}

/** What {@link normalization} makes: a layer that looks at the data first. */
export interface NormalizationLayer extends Layer {
  /**
   * Takes mean and variance of each channel of x [n, …, channels] (bytes as 0 to 255), in f64 and in the order of the data. Call it
   * before the layer's model is used; the values are part of the model's weights from then on.
   */
  adapt(x: Tensor): void;
}

/**
 * (x - mean) / √variance of each channel.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 *
 * const x = { data: Float32Array.of(0, 10, 20, 30), shape: [2, 2] };
 * const scale = layers.normalization();
 * scale.adapt(x);
 * const model = sequential({ inputShape: [2], layers: [scale] });
 * await model.predict(x); // { data: [-1, -1, 1, 1] }
 * ```
 */
export function normalization(options: NormalizationOptions = {}): NormalizationLayer {
  checkLayerOptions(options, ['mean', 'variance'], 'normalization');
  const { mean, variance } = options;
  checkNumbers(mean, 'mean', () => true);
  checkNumbers(variance, 'variance', (value) => value >= 0);
  check(
    (mean === undefined) === (variance === undefined),
    () => `normalization needs mean and variance, or neither, got ${mean === undefined ? 'variance' : 'mean'} alone`,
  );
  let adapted: { readonly mean: Float32Array; readonly variance: Float32Array } | null = null;
  let used = false;

  function valuesOf(name: 'mean' | 'variance', channels: number): Float32Array {
    used = true;
    const given = options[name] ?? adapted?.[name] ?? (name === 'mean' ? 0 : 1);
    return Float32Array.from({ length: channels }, (_, i) => (typeof given === 'number' ? given : given[i]!));
  }

  function outputShape(input: Shape, who: string): Shape {
    for (const given of [mean, variance, adapted?.mean])
      check(
        given === undefined || typeof given === 'number' || given.length === input.at(-1),
        () =>
          `${who} has mean and variance of ${(given as ArrayLike<number>).length} channels, got input ${formatShape(input)}; give one for each of its last axis`,
      );
    return input;
  }

  const layer = defineLayer({
    className: 'Normalization',
    make: normalization,
    kind: 'normalization',
    options,
    outputShape,
    variables(input) {
      const channels = input.at(-1)!;
      return (['mean', 'variance'] as const).map((name) => ({
        name,
        shape: [channels],
        initializer: name === 'mean' ? 'zeros' : 'ones',
        role: 'statistic',
        values: () => valuesOf(name, channels),
        ...(name === 'variance' && { minimum: 0 }),
      }));
    },
    build: (graph, x, { name, variables }) =>
      graph.add({
        kind: 'normalize',
        lowerings: [lowerNormalize],
        layer: name,
        inputs: [x],
        output: x.shape,
        variables,
        bytes: 'scales',
      }),
    getConfig: () => ({
      ...(mean !== undefined && { mean: typeof mean === 'number' ? mean : [...mean] }),
      ...(variance !== undefined && { variance: typeof variance === 'number' ? variance : [...variance] }),
    }),
  });
  return Object.assign(layer, {
    adapt(x: Tensor) {
      checkTensor(x, "normalization's adapt");
      check(x.data.length > 0, () => 'normalization.adapt needs at least one example, got none');
      check(mean === undefined, 'normalization was given mean and variance; leave them out, or adapt()');
      check(
        !used,
        'normalization.adapt comes before the model is used; set its weights with setWeights(), or make a new one',
      );
      adapted = momentsOf(x);
    },
  });
}

function checkNumbers(given: unknown, name: string, isGood: (value: number) => boolean): void {
  const values: readonly unknown[] = given === undefined ? [] : Array.isArray(given) ? given : [given];
  check(
    values.every((value) => typeof value === 'number' && Number.isFinite(Math.fround(value)) && isGood(value)),
    () =>
      `normalization's ${name} must be a number${name === 'variance' ? ' of at least 0' : ''}, or one a channel, got ${listed(given)}`,
  );
}

/** Mean and (biased) variance of each column. */
function momentsOf({ data, shape }: Tensor): { mean: Float32Array; variance: Float32Array } {
  const channels = shape.at(-1)!;
  const rows = data.length / channels;
  const [means, squares] = [new Float64Array(channels), new Float64Array(channels)];
  for (let i = 0; i < data.length; i++) means[i % channels]! += data[i]!;
  for (let c = 0; c < channels; c++) means[c]! /= rows;
  for (let i = 0; i < data.length; i++) {
    const distance = data[i]! - means[i % channels]!;
    squares[i % channels]! += distance * distance;
  }
  check(means.every(Number.isFinite), 'normalization.adapt got NaN or infinite values; leave such examples out');
  return { mean: Float32Array.from(means), variance: Float32Array.from(squares, (sum) => sum / rows) };
}
