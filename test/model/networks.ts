// Networks of every kind and of awkward sizes, as models of the public API and as layers of the f64 reference.
import { input, layers, model as functional, sequential, type Model } from '../../src/index.js';
import type { Layer } from '../../src/layers/index.js';
import { makeKey, mix, randomBits, RandomStream } from '../../src/base/random.js';
import { sizeOf } from '../../src/base/shape.js';
import { crossEntropy, runGraph } from '../reference/graph.js';
import type { Activations } from '../reference/layer.js';
import { decisionMargin } from '../reference/decisionMargin.js';
import * as networksByLayer from './networks/index.js';
import {
  conv,
  dense,
  dropout,
  flatten,
  network,
  pool,
  relu,
  same,
  sigmoid,
  softmax,
  tanh,
  type Network,
} from './network.js';
import { runNetwork, type NetworkLayer, type NetworkRun } from '../reference/network.js';
import { oneHot } from '../reference/softmaxCrossEntropy.js';

export type { Network };

export const networks: readonly Network[] = [
  network('one dense layer', [7], dense(4)),
  network('one dense layer without bias', [9], dense(3, { useBias: false })),
  network('flatten first', [3, 5, 2], flatten, dense(5), relu, dense(3)),
  network(
    'dense layers with each activation',
    [11],
    dense(9),
    relu,
    dense(17),
    sigmoid,
    dense(8),
    tanh,
    dense(5),
    softmax,
    dense(4),
  ),
  network('activations after what is no weighted layer', [6, 6, 3], relu, pool(2), tanh, flatten, sigmoid, dense(4)),
  network('convolution, flat', [5, 6, 3], conv(4, [3, 3]), flatten, dense(3)),
  network('softmax over channels', [4, 5, 2], conv(5, [2, 2]), softmax, flatten, dense(4)),
  network(
    'strides, same padding, even kernels',
    [9, 10, 3],
    conv(5, [3, 2], { strides: [2, 1], ...same }),
    relu,
    pool(3, 2, { strides: [2, 2], ...same }),
    conv(7, [2, 3]),
    flatten,
    dense(6),
    relu,
    dense(4),
  ),
  network(
    'convolutions without bias',
    [8, 7, 2],
    conv(6, [3, 3], { useBias: false }),
    relu,
    conv(9, [1, 1], { useBias: false }),
    tanh,
    conv(3, [5, 4], { useBias: false }),
    flatten,
    dense(4, { useBias: false }),
  ),
  network(
    'kernels larger than the image',
    [3, 2, 1],
    conv(4, [5, 5], same),
    tanh,
    pool(3, 3, { strides: [1, 1], ...same }),
    flatten,
    dense(3),
  ),
  network(
    'overlapping pools',
    [9, 8, 5],
    conv(4, [2, 2]),
    pool(3, 3, { strides: [1, 2] }),
    tanh,
    pool(2, 3, { strides: [1, 1], ...same }),
    flatten,
    dense(4),
  ),
  network(
    'pools that overlap by much',
    [9, 8, 3],
    conv(5, [2, 2]),
    pool(5, 4, { strides: [1, 1] }),
    tanh,
    pool(9, 6, { strides: [1, 1], ...same }),
    flatten,
    dense(4),
  ),
  network('nothing but pools before dense', [8, 8, 4], pool(2), pool(2, 1), flatten, dense(4)),
  network(
    'dropout after ReLU, dense and flatten',
    [4, 4, 3],
    conv(6, [3, 3]),
    relu,
    flatten,
    dropout(0.25),
    dense(16),
    dropout(0.5),
    relu,
    dropout(0.3),
    dense(4),
  ),
  network(
    'dropout first, and after sigmoid, tanh and softmax',
    [10],
    dropout(0.2),
    dense(12),
    sigmoid,
    dropout(0.4),
    dense(9),
    tanh,
    dropout(0.1),
    dense(7),
    softmax,
    dropout(0.3),
    dense(4),
  ),
  network(
    'dropout on an image, twice',
    [6, 6, 2],
    conv(5, [3, 3]),
    tanh,
    dropout(0.3),
    dropout(0.2),
    conv(4, [2, 2]),
    relu,
    pool(2),
    dropout(0.25),
    flatten,
    dense(3),
  ),
  network(
    'tanh, flatten, dropout',
    [5, 5, 1],
    conv(4, [3, 3]),
    tanh,
    flatten,
    dropout(0.5),
    dense(6),
    sigmoid,
    flatten,
    dropout(0.2),
    dense(4),
  ),
  network(
    'the classic Keras MNIST example, small',
    [12, 12, 1],
    conv(8, [3, 3]),
    relu,
    conv(16, [3, 3]),
    relu,
    pool(2),
    dropout(0.25),
    flatten,
    dense(32),
    relu,
    dropout(0.5),
    dense(10),
  ),
  network(
    'the reference network, small',
    [16, 16, 1],
    conv(8, [3, 3]),
    relu,
    pool(2),
    conv(16, [3, 3]),
    relu,
    pool(2),
    flatten,
    dense(24),
    relu,
    dense(10),
  ),
  ...convAlone(),
  ...convReluPool(),
  ...Object.values(networksByLayer as Record<string, readonly Network[]>).flat(),
];

/** 3 × 3 convolutions without a pool, of many channels, behind another layer that learns; odd and even images. */
function convAlone(): Network[] {
  const before = [conv(8, [2, 2]), tanh];
  return [
    network('conv 8 → 8, linear, valid, even', [7, 9, 1], ...before, conv(8, [3, 3]), flatten, dense(4)),
    network(
      'conv 8 → 12, relu, same, odd, no bias',
      [8, 6, 2],
      ...before,
      conv(12, [3, 3], { ...same, useBias: false }),
      relu,
      flatten,
      dense(4),
    ),
    network(
      'conv 8 → 20 → 8, relu, valid, odd',
      [8, 10, 1],
      ...before,
      conv(20, [3, 3]),
      relu,
      conv(8, [3, 3]),
      relu,
      flatten,
      dense(4),
    ),
    network(
      'conv 8 → 16, tanh, same, then a pool of 3',
      [8, 8, 1],
      ...before,
      conv(16, [3, 3], same),
      tanh,
      pool(3),
      flatten,
      dense(4),
    ),
    network(
      'conv 8 → 8, relu, same, on 1 × 2 pixels',
      [2, 3, 1],
      ...before,
      conv(8, [3, 3], same),
      relu,
      flatten,
      dense(4),
    ),
    network('conv 12 → 8 first, relu, same', [5, 6, 12], conv(8, [3, 3], same), relu, flatten, dense(4)),
    network(
      'conv 8 → 8, relu, dropout, conv 8 → 8',
      [7, 7, 1],
      ...before,
      conv(8, [3, 3], same),
      relu,
      dropout(0.3),
      conv(8, [3, 3], same),
      relu,
      flatten,
      dense(4),
    ),
  ];
}

/** 3 × 3 convolution → ReLU → 2 × 2 pool, which fused ops take in: each number of channels, odd and even images, last rows in no window. */
function convReluPool(): Network[] {
  const list: Network[] = [];
  const images = [
    [6, 8],
    [7, 6],
    [9, 9],
    [8, 7],
    [5, 10],
  ] as const;
  let i = 0;
  for (const inC of [1, 3, 4, 8, 12])
    for (const outC of [8, 16, 12, 10]) {
      const [inH, inW] = images[i % images.length]!;
      const padding = i % 2 === 0 ? 'valid' : 'same';
      const useBias = i % 3 !== 1;
      const block = [conv(outC, [3, 3], { padding, useBias }), relu, pool(2)];
      list.push(
        network(
          `conv → relu → pool, ${inC} → ${outC} channels, ${padding}, ${inH} × ${inW}${useBias ? '' : ', no bias'}`,
          [inH, inW, inC],
          ...block,
          flatten,
          dense(4),
        ),
      );
      i++;
    }
  for (const [padding, size] of [
    ['valid', 12],
    ['valid', 11],
    ['same', 9],
    ['same', 8],
  ] as const)
    for (const inC of [1, 4]) {
      const block = (filters: number, useBias: boolean): NetworkLayer[] => [
        conv(filters, [3, 3], { padding, useBias }),
        relu,
        pool(2),
      ];
      list.push(
        network(
          `two conv → relu → pool blocks, ${inC} channels, ${padding}, ${size} × ${size}`,
          [size, size, inC],
          ...block(8, true),
          ...block(16, inC === 1),
          flatten,
          dense(8),
          relu,
          dense(5),
        ),
      );
    }
  const block = (more: object, last = pool(2)): NetworkLayer[] => [conv(8, [3, 3], more), relu, last];
  list.push(
    network(
      'conv 4 × 4 → relu → pool, one channel, same',
      [8, 6, 1],
      conv(8, [4, 4], same),
      relu,
      pool(2),
      flatten,
      dense(4),
    ),
    network(
      'conv 5 × 2 → relu → pool, one channel, valid',
      [10, 7, 1],
      conv(16, [5, 2]),
      relu,
      pool(2),
      flatten,
      dense(4),
    ),
    network(
      'conv → relu → pool on one channel that is learned',
      [8, 9, 2],
      conv(1, [2, 2]),
      tanh,
      ...block({ padding: 'same' }),
      flatten,
      dense(4),
    ),
    network('conv → relu → pool with stride 2', [11, 10, 4], ...block({ strides: [2, 2] }), flatten, dense(4)),
    network(
      'conv → relu with strides of 2 after another',
      [10, 9, 3],
      conv(8, [3, 3], same),
      relu,
      conv(12, [3, 3], { strides: [2, 2], ...same }),
      relu,
      flatten,
      dense(4),
    ),
    network('conv → relu → pool of 3', [11, 12, 4], ...block({}, pool(3)), flatten, dense(4)),
    network(
      'conv → relu → overlapping pool',
      [8, 9, 4],
      ...block({}, pool(2, 2, { strides: [1, 1] })),
      flatten,
      dense(4),
    ),
    network('conv → relu → pool with same padding', [7, 9, 4], ...block({}, pool(2, 2, same)), flatten, dense(4)),
    network('conv → pool → relu', [8, 8, 4], conv(8, [3, 3]), pool(2), relu, flatten, dense(4)),
    network('conv → relu → pool after a pool', [13, 12, 3], pool(2), ...block({}), flatten, dense(4)),
    network('conv → relu → dropout → pool', [8, 8, 3], conv(8, [3, 3]), relu, dropout(0.3), pool(2), flatten, dense(4)),
    network('conv → relu → pool as large as the image', [4, 4, 3], ...block({}), flatten, dense(4)),
  );
  return list;
}

/** A layer of the model, and the reference layers that it stands for. */
function toLayers({ layers: list }: Network): { layer: Layer; covers: readonly NetworkLayer[] }[] {
  const result: { layer: Layer; covers: NetworkLayer[] }[] = [];
  for (let i = 0; i < list.length; i++) {
    const current = list[i]!;
    const next = list[i + 1];
    const activation =
      next?.kind === 'relu' || next?.kind === 'sigmoid' || next?.kind === 'tanh' || next?.kind === 'softmax'
        ? next.kind
        : undefined;
    const covers = [current];
    if ((current.kind === 'conv2d' || current.kind === 'dense') && activation) covers.push(list[++i]!);
    result.push({ layer: toLayer(current, activation ?? 'linear'), covers });
  }
  return result;
}

function toLayer(layer: NetworkLayer, activation: 'relu' | 'sigmoid' | 'tanh' | 'softmax' | 'linear'): Layer {
  switch (layer.kind) {
    case 'conv2d': {
      const { filters, kernelSize, strides = 1, padding = 'valid', useBias = true } = layer;
      return layers.conv2d({ filters, kernelSize, strides, padding, useBias, activation });
    }
    case 'maxPooling2d': {
      const { poolSize, strides = poolSize, padding = 'valid' } = layer;
      return layers.maxPooling2d({ poolSize, strides, padding });
    }
    case 'dense':
      return layers.dense({ units: layer.units, useBias: layer.useBias ?? true, activation });
    case 'dropout':
      return layers.dropout({ rate: layer.rate });
    case 'flatten':
      return layers.flatten();
    case 'layer':
      return layer.make();
    default:
      return layers.activation({ activation: layer.kind });
  }
}

function chainModel(network: Network, seed: number): Model {
  return sequential({ inputShape: network.inputShape, seed, layers: toLayers(network).map(({ layer }) => layer) });
}

function graphModel(graph: NonNullable<Network['graph']>, { inputShape }: Network, seed: number): Model {
  const x = input({ shape: inputShape });
  return functional({ inputs: x, outputs: graph(x), seed });
}

/** The model, with weights that leave no bias at 0. */
export function toModel(network: Network, seed: number): Model {
  const model = network.graph ? graphModel(network.graph, network, seed) : chainModel(network, seed);
  const random = new RandomStream(seed, 4);
  model.setWeights(
    model.getWeights().map(({ data, shape }, i) => {
      if (shape.length > 1) return { data, shape };
      const [low, high] = /gamma|variance/i.test(model.parameters[i]!.name) ? [0.5, 1.5] : [-0.3, 0.3];
      return { data: data.map(() => random.between(low, high)), shape };
    }),
  );
  return model;
}

export interface Batch {
  readonly x: Float32Array;
  readonly labels: Uint8Array;
}

export function makeBatch({ inputShape, classes }: Network, n: number, seed: number): Batch {
  const random = new RandomStream(seed, 5, n);
  return {
    x: Float32Array.from({ length: n * sizeOf(inputShape) }, () => random.between(-1, 1)),
    labels: Uint8Array.from({ length: n }, () => random.below(classes)),
  };
}

/** The reference layers, in training with the masks that the model makes in step `step`; outside training (null) without dropout. */
function referenceLayers(network: Network, model: Model, n: number, step: number | null): NetworkLayer[] {
  return toLayers(network).flatMap(({ covers }, index) =>
    covers.flatMap((layer): NetworkLayer[] => {
      if (layer.kind === 'layer') return [{ ...layer, training: step !== null }];
      if (layer.kind !== 'dropout') return [layer];
      return step === null ? [] : [{ ...layer, mask: dropoutMask(model, index, n, step) }];
    }),
  );
}

/** What the dropout layer number `index` keeps (1) of n examples in the optimizer's step number `step`: [n, …shape]. */
export function dropoutMask(model: Model, index: number, n: number, step: number): number[] {
  const { layer, outputShape } = model.layers[index]!;
  const threshold = Math.floor((layer.getConfig().rate as number) * 2 ** 32);
  const key = (makeKey(model.seed, 2, step) ^ mix(index)) >>> 0;
  return Array.from({ length: n * sizeOf(outputShape) }, (_, counter) =>
    randomBits(key, counter) >= threshold ? 1 : 0,
  );
}

/** What the model should give for the batch. `training`: with dropout, as in the optimizer's step number `step`. */
function expect(
  network: Network,
  model: Model,
  { x, labels }: Batch,
  step: number | null,
): NetworkRun & { margin: number } {
  if (network.graph) return expectGraph(network, model, { x, labels }, step);
  const list = referenceLayers(network, model, labels.length, step);
  const weights = model.getWeights().map(({ data }) => Float64Array.from(data));
  const run = runNetwork(list, network.inputShape, weights, Float64Array.from(x), oneHot(labels, network.classes));
  // What cancels but for rounding: a bias in front of batch normalization.
  const gradients = run.gradients.map((gradient) => gradient.map((value) => (Math.abs(value) < 1e-15 ? 0 : value)));
  return { ...run, gradients, margin: decisionMargin(list, run) };
}

/** The same of a network of branches. */
function expectGraph(
  { classes }: Network,
  model: Model,
  { x, labels }: Batch,
  step: number | null,
): NetworkRun & { margin: number } {
  const values = model.getWeights().map(({ data }) => Float64Array.from(data));
  const weights = model.layers.map(({ parameters }) => values.splice(0, parameters.length));
  const losses = [crossEntropy(oneHot(labels, classes))];
  const random = step === null ? null : { seed: model.seed, step };
  const run = runGraph(model.topology, weights, [Float64Array.from(x)], losses, random);
  const [{ values: probabilities }] = run.outputs as [Activations];
  const { loss, margin } = run;
  const gradients = run.gradients.flat().filter((_, i) => model.parameters[i]!.role === 'weight');
  return { loss, margin, probabilities, gradients, statistics: run.statistics.flat(), dx: run.dxs[0]!, inputs: [] };
}

export interface Expectation {
  readonly batch: Batch;
  /** Without dropout: probabilities and loss. */
  readonly inference: NetworkRun;
  /** With the dropout of step 1: loss and gradients. */
  readonly training: NetworkRun;
}

/** f32 moves a value by about 1e-6 of its layer's root mean square; nothing may be nearer to a kink or a tie than five times that. */
const MARGIN = 5e-6;

/** The first random batch of n examples that stays away from kinks and ties, and what the model should make of it. */
export function expectBatch(network: Network, model: Model, n: number): Expectation {
  for (let seed = 0; seed < 50; seed++) {
    const batch = makeBatch(network, n, seed);
    const training = expect(network, model, batch, 1);
    if (!(training.margin >= MARGIN)) continue;
    const differs = network.graph || network.layers.some(({ kind }) => kind === 'dropout' || kind === 'layer');
    return { batch, training, inference: differs ? expect(network, model, batch, null) : training };
  }
  throw new Error(`${network.name}: every batch of ${n} has a kink or a tie`);
}
