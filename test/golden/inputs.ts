// The inputs of the recorded networks, made from integers alone: inputs.py makes the same bits in numpy. README.md tells the rules.
import { makeKey, randomBits } from '../../src/base/random.js';
import { sizeOf, type Shape } from '../../src/base/shape.js';
import type { NetworkLayer } from '../reference/network.js';

/** The second part of each stream's key, after the seed. */
export const streams = { weights: 1, prototypes: 2, noise: 3, labels: 4, samples: 5, signs: 6 } as const;

export const referenceLayers: NetworkLayer[] = [
  { kind: 'conv2d', filters: 32, kernelSize: [3, 3] },
  { kind: 'relu' },
  { kind: 'maxPooling2d', poolSize: [2, 2] },
  { kind: 'conv2d', filters: 64, kernelSize: [3, 3] },
  { kind: 'relu' },
  { kind: 'maxPooling2d', poolSize: [2, 2] },
  { kind: 'flatten' },
  { kind: 'dense', units: 128 },
  { kind: 'relu' },
  { kind: 'dense', units: 10 },
  { kind: 'softmax' },
];
export const referenceShape = [28, 28, 1];

export const smallLayers: NetworkLayer[] = [
  { kind: 'conv2d', filters: 5, kernelSize: [3, 2], strides: [2, 1], padding: 'same' },
  { kind: 'relu' },
  { kind: 'maxPooling2d', poolSize: [3, 2], strides: [2, 2], padding: 'same' },
  { kind: 'conv2d', filters: 7, kernelSize: [2, 3] },
  { kind: 'flatten' },
  { kind: 'dense', units: 6 },
  { kind: 'relu' },
  { kind: 'dense', units: 4 },
  { kind: 'softmax' },
];
export const smallShape = [9, 10, 3];

/** Tensor number `index` of a network: Glorot-uniform for a kernel, uniform in ±0.05 for a shape of one axis. */
export function makeTensor(seed: number, index: number, shape: Shape): Float32Array {
  const key = makeKey(seed, streams.weights, index);
  const receptiveField = sizeOf(shape.slice(0, -2));
  const [inputs, outputs] = shape.slice(-2) as [number, number];
  const limit = shape.length > 1 ? Math.sqrt(6 / (receptiveField * inputs + receptiveField * outputs)) : 0.05;
  return Float32Array.from(
    { length: sizeOf(shape) },
    (_, i) => (2 * ((randomBits(key, i) >>> 8) / 16777216) - 1) * limit,
  );
}

/** One class index an example. */
export function makeLabels(seed: number, examples: readonly number[], classes: number): Uint8Array {
  return Uint8Array.from(examples, (example) =>
    Math.floor((randomBits(makeKey(seed, streams.labels, example), 0) * classes) / 4294967296),
  );
}

/** [n, 28, 28, 1]: three parts the class prototype (blocks of 4 × 4 pixels), one part noise. */
export function makeDigits(seed: number, examples: readonly number[]): Uint8Array {
  const images = new Uint8Array(examples.length * 784);
  makeLabels(seed, examples, 10).forEach((label, e) => {
    const prototype = makeKey(seed, streams.prototypes, label);
    const noise = makeKey(seed, streams.noise, examples[e]!);
    for (let row = 0; row < 28; row++)
      for (let column = 0; column < 28; column++) {
        const block = randomBits(prototype, (row >>> 2) * 7 + (column >>> 2)) >>> 24;
        const pixel = row * 28 + column;
        images[e * 784 + pixel] = (3 * block + (randomBits(noise, pixel) >>> 24)) >>> 2;
      }
  });
  return images;
}

/** [n, …shape]: noise alone. */
export function makeNoise(seed: number, examples: readonly number[], shape: Shape): Uint8Array {
  const size = sizeOf(shape);
  const images = new Uint8Array(examples.length * size);
  examples.forEach((example, e) => {
    const key = makeKey(seed, streams.noise, example);
    for (let i = 0; i < size; i++) images[e * size + i] = randomBits(key, i) >>> 24;
  });
  return images;
}
