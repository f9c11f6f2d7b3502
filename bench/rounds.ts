// A round of a contestant written in JavaScript: the same clock and the same batches for all.
import { readFileSync } from 'node:fs';
import type { InferenceRound, TrainingRound, TrainingTask } from './contestant.js';
import { median } from './figures.js';

/** Calls `step`, which trains on a batch and gives its loss, until the time is over. */
export async function trainFor(
  seconds: number,
  batchSize: number,
  step: () => Promise<number>,
): Promise<TrainingRound> {
  const began = performance.now();
  let steps = 0;
  let losses = 0;
  let elapsed = 0;
  while (elapsed < seconds) {
    losses += await step();
    steps++;
    elapsed = (performance.now() - began) / 1000;
  }
  return { samplesPerSecond: (steps * batchSize) / elapsed, loss: losses / steps };
}

/** Times calls for one image, then calls for 1000. */
export async function inferFor(seconds: number, predict: (count: 1 | 1000) => unknown): Promise<InferenceRound> {
  const medianTime = async (count: 1 | 1000): Promise<number> => {
    const times: number[] = [];
    const end = performance.now() + 1000 * seconds;
    while (performance.now() < end) {
      const began = performance.now();
      await predict(count);
      times.push(performance.now() - began);
    }
    return median(times);
  };
  return { milliseconds: await medianTime(1), samplesPerSecond: 1e6 / (await medianTime(1000)) };
}

/** The pixels of a file as f32 in 0 … 1. */
export function readPixels(file: string): Float32Array {
  return Float32Array.from(readFileSync(file), (byte) => byte / 255);
}

/** Gives one batch after another, pixels [batch, 784] and class indices, round and round. */
export function batches({ images, labels, batchSize }: TrainingTask): () => { x: Float32Array; y: Uint8Array } {
  const x = readPixels(images);
  const y = readFileSync(labels);
  let start = 0;
  return () => {
    const end = start + batchSize;
    const batch = { x: x.subarray(784 * start, 784 * end), y: y.subarray(start, end) };
    start = end % y.length;
    return batch;
  };
}
