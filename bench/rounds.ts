// A round of a contestant written in JavaScript, in Node or on a page: the same clock and the same batches for all.
import type { InferenceRound, TrainingRound } from './contestant.js';
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

/** Pixels as f32 in 0 … 1. */
export function floatsOf(pixels: Uint8Array): Float32Array {
  return Float32Array.from(pixels, (byte) => byte / 255);
}

interface Batch {
  /** [batchSize, height, width, channels] in 0 … 1 */
  readonly x: Float32Array;
  /** Class indices. */
  readonly y: Uint8Array;
}

/** Gives one batch after another, round and round. */
export function batches(pixels: Uint8Array, labels: Uint8Array, batchSize: number): () => Batch {
  const floats = floatsOf(pixels);
  const size = floats.length / labels.length;
  let start = 0;
  return () => {
    const end = start + batchSize;
    const batch = { x: floats.subarray(size * start, size * end), y: labels.subarray(start, end) };
    start = end % labels.length;
    return batch;
  };
}
