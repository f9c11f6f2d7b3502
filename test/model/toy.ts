// A task small enough to be learned within a test: which quarter of a 6 × 6 image is bright.
import { createHash } from 'node:crypto';
import { layers, sequential, type Model, type Tensor } from '../../src/index.js';
import { RandomStream } from '../../src/base/random.js';

export const classes = 4;

export interface ToyExamples {
  readonly x: Tensor<Uint8Array>;
  readonly y: Uint8Array;
}

export function toyExamples(n: number, seed = 1): ToyExamples {
  const random = new RandomStream(seed);
  const y = Uint8Array.from({ length: n }, () => random.below(classes));
  const data = Uint8Array.from({ length: n * 36 }, (_, i) => {
    const [row, column] = [Math.floor((i % 36) / 6), i % 6];
    const quarter = (row < 3 ? 0 : 2) + (column < 3 ? 0 : 1);
    return random.below(120) + (quarter === y[Math.floor(i / 36)] ? 100 : 0);
  });
  return { x: { data, shape: [n, 6, 6, 1] }, y };
}

/** Every kind of layer that training passes through, dropout too. */
export function toyModel(seed = 1): Model {
  return sequential({
    seed,
    inputShape: [6, 6, 1],
    layers: [
      layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d(),
      layers.flatten(),
      layers.dense({ units: 12, activation: 'relu' }),
      layers.dropout({ rate: 0.2 }),
      layers.dense({ units: classes, activation: 'softmax' }),
    ],
  });
}

export function compiledToy(batchSize = 16, seed = 1): Model {
  const model = toyModel(seed);
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'], batchSize });
  return model;
}

/** SHA-256 over the bits of all weights. */
export function weightsHash(model: Model): string {
  const hash = createHash('sha256');
  for (const { data } of model.getWeights()) hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest('hex');
}
