// The files in samples/: which models they hold, what these were trained on, and how training resumes from them. writeSamples.ts writes them
// with the library of any version, which is why it is handed in; samples.test.ts reads them with today's.
import { createHash } from 'node:crypto';
import type * as Library from '../../src/index.js';
import type { FitOptions, History, Model, Tensor } from '../../src/index.js';
import { toyExamples } from '../model/toy.js';

type Lib = typeof Library;

const { x, y } = toyExamples(40);
const validation = toyExamples(12, 2);
const sizesOf = ({ data, shape }: Tensor<Uint8Array>): Tensor => ({
  data: Float32Array.from({ length: shape[0]! }, (_, i) => data[36 * i]! / 64),
  shape: [shape[0]!, 1],
});

/** Chains: every kind of layer that 0.1.0 had at first, options that are no defaults, a schedule. */
function chain({ sequential, layers, adam, linearDecay }: Lib): Model {
  const model = sequential({
    name: 'chain',
    seed: 11,
    inputShape: [6, 6, 1],
    layers: [
      layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }),
      layers.dropout({ rate: 0.2 }),
      layers.conv2d({ filters: 5, kernelSize: [2, 1], strides: [1, 2], useBias: false, name: 'second' }),
      layers.activation({ activation: 'tanh' }),
      layers.flatten(),
      layers.dense({ units: 8, activation: 'relu' }),
      layers.dropout({ rate: 0.3 }),
      layers.dense({ units: 4, activation: 'softmax' }),
    ],
  });
  const learningRate = linearDecay({ peak: 0.02, warmupSteps: 3, totalSteps: 24 });
  model.compile({
    optimizer: adam({ learningRate }),
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
    batchSize: 16,
  });
  return model;
}

/** A graph: a skip over dropout, batch normalization, a layer used twice, one that is frozen, two outputs with a loss and weight each. */
function graph({ input, layers, model, adam }: Lib): Model {
  const image = input({ shape: [6, 6, 1], name: 'image' });
  const norm = (tensor: Library.SymbolicTensor) => layers.batchNormalization({ momentum: 0.9 }).apply(tensor);
  const relu = (tensor: Library.SymbolicTensor) => layers.activation({ activation: 'relu' }).apply(tensor);
  const stem = layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', useBias: false, trainable: false });
  const shared = layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', useBias: false, name: 'shared' });
  const a = relu(norm(stem.apply(image)));
  const b = norm(shared.apply(relu(norm(shared.apply(layers.dropout({ rate: 0.2 }).apply(a))))));
  const features = layers.globalAveragePooling2d().apply(layers.add().apply([a, b]));
  const made = model({
    name: 'graph',
    seed: 12,
    inputs: image,
    outputs: [
      layers.dense({ units: 4, activation: 'softmax', name: 'kind' }).apply(features),
      layers.dense({ units: 1, name: 'size' }).apply(features),
    ],
  });
  made.compile({
    optimizer: adam({ learningRate: 0.01 }),
    loss: { kind: 'categoricalCrossentropy', size: 'huber' },
    lossWeights: { size: 0.5 },
    metrics: { kind: ['accuracy'] },
    batchSize: 16,
  });
  return made;
}

export interface Kind {
  readonly make: (library: Lib) => Model;
  /** Targets of some images. */
  readonly targets: (examples: ReturnType<typeof toyExamples>) => never;
  /** Which epoch is the best one: 'min' the last, whose weights training makes; 'max' the first, whose weights a checkpoint remembers. */
  readonly best: 'min' | 'max';
  /** Nothing else is written. */
  readonly checkpointOnly?: true;
}

const chains = { make: chain, targets: ({ y: labels }: { y: Uint8Array }) => labels as never };

export const kinds: Readonly<Record<string, Kind>> = {
  chain: { ...chains, best: 'min' },
  stoppedChain: { ...chains, best: 'max', checkpointOnly: true },
  graph: {
    make: graph,
    targets: (examples) => ({ kind: examples.y, size: sizesOf(examples.x) }) as never,
    best: 'max',
  },
};

/** Steps: 3 an epoch, the last of 8 examples. A checkpoint is of step 13, after the first of epoch 5 of 8. */
export const checkpointStep = 13;

/** Training that follows the first two epochs. */
export const furtherEpoch = { epochs: 3, initialEpoch: 2, seed: 7 } as const;

/** By what the file is of a model. */
export const factsOf: Readonly<Record<string, unknown>> = {
  Checkpoint: { run: 3 },
  Model: { accuracy: 0.5, of: ['a', null] },
};

export function fit(library: Lib, model: Model, { targets, best }: Kind, options: FitOptions): Promise<History> {
  const stopping = { monitor: 'val_loss', mode: best, patience: 5, restoreBestWeights: true } as const;
  const callbacks = [library.earlyStopping(stopping), ...[options.callbacks ?? []].flat()];
  return model.fit(x, targets({ x, y }), {
    validationData: [validation.x, targets(validation)],
    ...options,
    callbacks,
  });
}

/** What a test compares: SHA-256 over the bits of all weights, and of all predictions. */
export async function bitsOf(model: Model): Promise<{ weights: string; predictions: string }> {
  const sha256 = (tensors: readonly Tensor[]): string => {
    const hash = createHash('sha256');
    for (const { data } of tensors) hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return hash.digest('hex');
  };
  const predicted = (await model.predict(validation.x)) as Tensor | Tensor[];
  return { weights: sha256(model.getWeights()), predictions: sha256([predicted].flat()) };
}

type Bits = Awaited<ReturnType<typeof bitsOf>>;

/** expected.json of a folder of samples. */
export interface Expected {
  readonly writtenBy: string;
  /** By file names. `loaded`: what it is; `ended`: after training has gone on from it, where it can. */
  readonly files: Readonly<Record<string, { kind: string; loaded: Bits; ended?: Bits & { history: History } }>>;
}
