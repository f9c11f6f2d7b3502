// Models that are saved as ONNX in tests, with weights that look trained.
import { RandomStream } from '../../../src/base/random.js';
import { sizeOf } from '../../../src/base/shape.js';
import { input, layers, model, sequential, type Tensor } from '../../../src/index.js';
import type { Model } from '../../../src/model/model.js';

function trained(made: Model, seed = 1): Model {
  const random = new RandomStream(seed);
  made.setWeights(
    made.parameters.map(({ shape, size, minimum }) => ({
      shape,
      data: Float32Array.from({ length: size }, () =>
        minimum === 0 ? random.between(0.5, 1.5) : random.between(-0.4, 0.4),
      ),
    })),
  );
  return made;
}

/** Flattened to 2 × 3 × 5 values; dropout, batch normalization, groups and 'same' with a stride. */
export const chain = (): Model =>
  trained(
    sequential({
      inputShape: [5, 9, 4],
      layers: [
        layers.normalization({ mean: [0.1, 0.2, 0.3, 0.4], variance: 0.25 }),
        layers.conv2d({ filters: 6, kernelSize: 3, strides: 2, padding: 'same', groups: 2, useBias: false }),
        layers.batchNormalization(),
        layers.activation({ activation: 'relu6' }),
        layers.zeroPadding2d({
          padding: [
            [0, 1],
            [0, 0],
          ],
        }),
        layers.conv2d({ filters: 5, kernelSize: [3, 3], activation: 'gelu' }),
        layers.dropout({ rate: 0.25 }),
        layers.flatten(),
        layers.dense({ units: 7, activation: 'silu' }),
        layers.dense({ units: 3, activation: 'softmax' }),
      ],
    }),
  );

/** A layer called twice, squeeze and excitation, a residual, two inputs and two outputs. */
export function branches(): Model {
  const [a, b] = [input({ shape: [6, 7, 3], name: 'left' }), input({ shape: [6, 7, 3], name: 'right' })];
  const shared = layers.conv2d({
    filters: 4,
    kernelSize: 3,
    padding: [
      [1, 1],
      [1, 1],
    ],
    name: 'shared',
  });
  const normal = layers.batchNormalization({ name: 'normal', epsilon: 0.01, momentum: 0.9 });
  const [x, y] = [a, b].map((each) => normal.apply(shared.apply(each)));
  const sum = layers.add().apply([x!, y!]);
  const gate = layers
    .conv2d({ filters: 4, kernelSize: 1, activation: 'hardSigmoid' })
    .apply(layers.globalAveragePooling2d({ keepDims: true }).apply(sum));
  const excited = layers.multiply().apply([sum, gate]);
  const deep = layers
    .depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same' })
    .apply(excited);
  const up = layers.upSampling2d({ size: 2 }).apply(deep);
  const joined = layers.concatenate().apply([
    layers
      .cropping2d({
        cropping: [
          [0, 0],
          [0, 1],
        ],
      })
      .apply(up),
    excited,
  ]);
  const classes = layers.dense({ units: 3 }).apply(layers.globalMaxPooling2d().apply(joined));
  return trained(model({ inputs: [a, b], outputs: [classes, joined] }), 2);
}

/** n examples for each input. */
export function examplesFor({ topology }: Model, n: number): Tensor<Float32Array>[] {
  const random = new RandomStream(3);
  return topology.inputs.map(({ shape }) => ({
    shape: [n, ...shape],
    data: Float32Array.from({ length: n * sizeOf(shape) }, () => random.between(-1, 1)),
  }));
}

export async function predicted(made: Model, x: readonly Tensor<Float32Array>[]): Promise<Tensor<Float32Array>[]> {
  const y = await made.predict<Tensor<Float32Array> | Tensor<Float32Array>[]>(x.length === 1 ? x[0]! : [...x]);
  return Array.isArray(y) ? y : [y];
}

/** The largest difference, against the largest value or 1. */
export function distance(a: Tensor<Float32Array>, b: Tensor<Float32Array>): number {
  if (a.shape.join() !== b.shape.join()) return Infinity;
  const largest = a.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0) / largest;
}
