// What a model says of test images, and how far it may be believed.
import type { Examples } from '../../../data/dataset.js';
import { log } from '../../../base/elementary.js';
import { argmax } from '../../../metrics/index.js';
import type { Tensor } from '../../../base/tensor.js';
import type { Bin } from './charts.js';

export interface Answer {
  readonly example: number;
  /** 'cats/1.jpg' where the image is a file of its own, else 'test image 73'. */
  readonly name: string;
  readonly truth: number;
  readonly predicted: number;
  /** Probability of what was predicted, and of what is right. */
  readonly confidence: number;
  readonly chance: number;
  /** Minus its logarithm. */
  readonly loss: number;
}

/** Keras' least probability, with which a loss is finite. */
const LEAST = 1e-7;
/** Number of bins, as in Guo et al. 2017, https://arxiv.org/abs/1706.04599. */
const BINS = 15;

/** One for each test image, in their order. */
export function answersOf({ y, names }: Examples, { data, shape }: Tensor<Float32Array>): Answer[] {
  const classes = shape[1]!;
  return Array.from(y, (truth, example) => {
    const predicted = argmax(data, example * classes, classes);
    const [confidence, chance] = [data[example * classes + predicted]!, data[example * classes + truth]!];
    const name = names?.[example] ?? `test image ${example}`;
    return { example, name, truth, predicted, confidence, chance, loss: -log(Math.min(1, Math.max(LEAST, chance))) };
  });
}

/** The wrong ones, the worst first. */
export function mistakesOf(answers: readonly Answer[]): Answer[] {
  return answers
    .filter(({ truth, predicted }) => truth !== predicted)
    .sort((a, b) => a.chance - b.chance || a.example - b.example);
}

export interface Calibration {
  readonly bins: readonly Bin[];
  /** Expected calibration error: mean distance between confidence and accuracy, by the number of images. */
  readonly error: number;
  /** Means over all images. */
  readonly confidence: number;
  readonly accuracy: number;
}

export function calibrationOf(answers: readonly Answer[]): Calibration {
  const sums = Array.from({ length: BINS }, () => ({ count: 0, confidence: 0, right: 0 }));
  for (const { truth, predicted, confidence } of answers) {
    // A probability of exactly k / BINS belongs to the part that ends there.
    const bin = sums[Math.min(BINS - 1, Math.max(0, Math.ceil(confidence * BINS) - 1))]!;
    bin.count++;
    bin.confidence += confidence;
    if (truth === predicted) bin.right++;
  }
  const bins = sums.map(({ count, confidence, right }): Bin => {
    return { count, confidence: confidence / count, accuracy: right / count };
  });
  const total = answers.length;
  const off = sums.reduce((sum, { confidence, right }) => sum + Math.abs(confidence - right), 0);
  return {
    bins,
    error: off / total,
    confidence: sums.reduce((sum, { confidence }) => sum + confidence, 0) / total,
    accuracy: sums.reduce((sum, { right }) => sum + right, 0) / total,
  };
}
