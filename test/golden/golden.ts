// What record.py recorded from PyTorch and recordKeras.py from Keras, and how to compare with it.
import { readFileSync } from 'node:fs';
import { makeKey, randomBits } from '../../src/base/random.js';
import { makeDigits, makeLabels, makeNoise, makeTensor, smallShape, streams } from './inputs.js';

/** Stands for a whole tensor. `projections`: dot products with 16 vectors of ±1, so that every element takes part. */
export interface Digest {
  readonly norm: number;
  readonly samples: readonly number[];
  readonly projections: readonly number[];
}

interface Inputs {
  readonly seed: number;
  readonly batch: number;
  /** SHA-256 of all weights (f32, little-endian), images and labels, in order. */
  readonly sha256: { readonly weights: string; readonly images: string; readonly labels: string };
}

interface ReferenceRecord {
  /** Losses before each of steps 1 to 20. */
  readonly losses: readonly number[];
  /** Probabilities of the first four examples of the first batch. */
  readonly probabilities: readonly (readonly number[])[];
  /** Gradients of the first batch; one digest a tensor, as in the two below. */
  readonly gradients: readonly Digest[];
  /** Weights minus initial weights. */
  readonly changesAfterStep1: readonly Digest[];
  readonly changesAfterStep20: readonly Digest[];
}

interface SmallRecord {
  readonly loss: number;
  readonly probabilities: readonly (readonly number[])[];
  readonly gradients: readonly (readonly number[])[];
  /** The loss' gradient by the images as numbers 0 … 1. */
  readonly dx: readonly number[];
}

export type Precision = 'float64' | 'float32';

export interface ReferenceNetwork extends Inputs, Record<Precision, ReferenceRecord> {
  readonly steps: number;
  /** The examples of batch 1, chosen far from ReLU kinks and pool ties: at least `firstBatchMargin` of a layer's root mean square. */
  readonly firstBatch: readonly number[];
  readonly firstBatchMargin: number;
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly sampleIndices: readonly number[];
  }[];
}

export interface SmallNetwork extends Inputs, Record<Precision, SmallRecord> {
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

/** The elements of tensors: of those that are moving statistics, or of the others. */
export type ByName = Readonly<Record<string, readonly number[]>>;

/** Keras 3: networks with normalization, trained in three batches in turn, the third of which is small. */
export interface KerasNetwork extends Inputs {
  readonly shape: readonly number[];
  readonly examples: number;
  readonly steps: number;
  /** What gammas are around at first; moving variances are around 1. */
  readonly gamma: number;
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly float64: {
    readonly losses: readonly number[];
    /** Probabilities of the first four examples, with the moving statistics. */
    readonly probabilities: readonly (readonly number[])[];
    readonly probabilitiesAfterStep20: readonly (readonly number[])[];
    /** Gradients of step 1. */
    readonly gradients: ByName;
    readonly weightsAfterStep20: ByName;
    readonly statisticsAfterStep1: ByName;
    readonly statisticsAfterStep20: ByName;
  };
}

export const referenceNetwork = load<ReferenceNetwork>('referenceNetwork.json');
export const smallNetwork = load<SmallNetwork>('smallNetwork.json');
export const normalizedNetwork = load<KerasNetwork>('normalizedNetwork.json');
export const residualNetwork = load<KerasNetwork>('residualNetwork.json');
export const mobileNetwork = load<KerasNetwork>('mobileNetwork.json');

/**
 * How far f32 may be from PyTorch's float64, as `distance` and `digestDistance` measure it: about five times the worst distance
 * of PyTorch's own float32 (beside each limit), which was run with and without oneDNN and with the batch in three orders.
 */
export const f32Limits = {
  probabilities: 1e-6, // 2e-7, the recorded run alone
  gradients: 2e-5, // 5e-6: batch 1 has no near tie, so this is rounding alone
  changesAfterStep1: 1e-3, // 2e-4: Adam's first step divides each gradient by its own size, so small ones keep all their rounding
  changesAfterStep20: 1e-2, // 2e-3: later batches have near ties, and errors feed on themselves
  smallGradients: 2e-6, // 3e-7, the recorded run alone
  // For the networks of recordKeras.py, which prints the error of Keras' own float32: that error, and our engine's. (There
  // rounding moves the normalized network's conv2.bias, whose gradient is 0, by 1e-2, and the statistics behind it; that is left out here.)
  kerasGradients: 2e-5, // 1e-5, 6e-6
  kerasLosses: 2e-6, // 5e-7, 6e-7
  kerasWeightsAfterStep20: 3e-4, // 4e-5, 7e-5: a beta whose gradients are nearly 0, of which Adam takes the sign; 1e-6 otherwise
  kerasAfterStep20: 1e-5, // 7e-7, 2e-6
} as const;

/** How far, relatively, the loss of a step (1 … 20) may be from float64. It grew from 1e-7 in step 1 to 9e-5 in step 20, 1.4 times a step. */
export function lossLimit(step: number): number {
  return 1e-6 * 1.4 ** (step - 1);
}

/** Kernel and bias of each layer in layer order: conv1.kernel, conv1.bias, conv2.kernel … */
export function initialWeights(network: ReferenceNetwork | SmallNetwork): Float32Array[] {
  return network.tensors.map(({ shape }, index) => makeTensor(network.seed, index, shape));
}

/** Step's batch (steps count from 1): images [128, 28, 28, 1] as bytes and 128 class indices. */
export function referenceBatch(step: number): { images: Uint8Array; labels: Uint8Array } {
  const { seed, batch, firstBatch } = referenceNetwork;
  const examples = step === 1 ? firstBatch : Array.from({ length: batch }, (_, i) => (step - 1) * batch + i);
  return { images: makeDigits(seed, examples), labels: makeLabels(seed, examples, 10) };
}

/** Images [5, 9, 10, 3] as bytes and 5 class indices below 4. */
export function smallBatch(): { images: Uint8Array; labels: Uint8Array } {
  const examples = Array.from({ length: smallNetwork.batch }, (_, i) => i);
  return {
    images: makeNoise(smallNetwork.seed, examples, smallShape),
    labels: makeLabels(smallNetwork.seed, examples, 4),
  };
}

/** By the tensors' names. */
export function kerasWeights({ seed, gamma, tensors }: KerasNetwork): Map<string, Float32Array> {
  return new Map(
    tensors.map(({ name, shape }, index) => {
      const middle = name.endsWith('.gamma') ? gamma : name.endsWith('.moving_variance') ? 1 : 0;
      return [name, makeTensor(seed, index, shape).map((value) => (middle === 0 ? value : middle + value))];
    }),
  );
}

/** A step's batch (steps count from 1): images [n, …shape] as bytes and n class indices below 4. */
export function kerasBatch(
  { seed, shape, examples, batch }: KerasNetwork,
  step: number,
): { images: Uint8Array; labels: Uint8Array } {
  const start = ((step - 1) % Math.ceil(examples / batch)) * batch;
  const numbers = Array.from({ length: Math.min(batch, examples - start) }, (_, i) => start + i);
  return { images: makeNoise(seed, numbers, shape), labels: makeLabels(seed, numbers, 4) };
}

/** The digest of `values`, which belong to tensor `tensorIndex` of the reference network. */
export function gradientDigest(values: Float32Array | Float64Array, tensorIndex: number): Digest {
  const key = makeKey(referenceNetwork.seed, streams.signs, tensorIndex);
  const projections = new Float64Array(16);
  let squares = 0;
  values.forEach((value, i) => {
    squares += value * value;
    const bits = randomBits(key, i) >>> 16;
    for (let j = 0; j < 16; j++) projections[j]! += (bits >>> j) & 1 ? value : -value;
  });
  const samples = referenceNetwork.tensors[tensorIndex]!.sampleIndices.map((index) => values[index]!);
  return { norm: Math.sqrt(squares), samples, projections: [...projections] };
}

/** The worst difference: of the norm, of a projection (both as parts of the norm), of a sample (as part of the largest). NaN stays NaN. */
export function digestDistance(actual: Digest, expected: Digest): number {
  return Math.max(
    Math.abs(actual.norm - expected.norm) / expected.norm,
    Math.max(...expected.projections.map((value, i) => Math.abs(actual.projections[i]! - value))) / expected.norm,
    distance(actual.samples, expected.samples),
  );
}

/** The worst difference of two arrays, as part of the largest expected element. NaN stays NaN; a missing element is NaN. */
export function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let worst = actual.length === expected.length ? 0 : NaN;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    worst = Math.max(worst, Math.abs(actual[i]! - expected[i]!));
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return worst === 0 ? 0 : worst / largest;
}

function load<Contents>(name: string): Contents {
  // From build/test/golden/ back to the sources: the records are not compiled.
  return JSON.parse(readFileSync(new URL(`../../../test/golden/${name}`, import.meta.url), 'utf8')) as Contents;
}
