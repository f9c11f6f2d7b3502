// A contestant's side of a contest, in a process of its own: it makes itself ready, then works one round each time it is told to.
// What it is told and says is one JSON object a line.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { NetworkName } from './examples.js';

/** The training question. */
export interface TrainingTask {
  readonly network: NetworkName;
  readonly threads: number;
  readonly batchSize: number;
  /** A round ends with the first step that is done after this time. */
  readonly seconds: number;
  /** [height, width, channels] */
  readonly shape: readonly [number, number, number];
  /** Files of plain bytes: pixels [n, height, width, channels] and class indices [n], n a multiple of the batch size. */
  readonly images: string;
  readonly labels: string;
}
export interface TrainingReady {
  /** The loss of the first batch, before the first step. */
  readonly loss: number;
}
export interface TrainingRound {
  readonly samplesPerSecond: number;
  /** Mean over steps of the round. */
  readonly loss: number;
}

/** The inference question: one thread, the weights of a trained reference network. */
export interface InferenceTask {
  /** A .safetensors file that wasm-cnn saved. */
  readonly model: string;
  /** A file of plain bytes, pixels [1000, 28, 28]; a contestant turns them into f32 in 0 … 1 before it is timed. */
  readonly images: string;
  /** For each of the two figures. */
  readonly seconds: number;
}
export interface InferenceReady {
  /** f32 [1000, 10], little-endian, in base64. */
  readonly probabilities: string;
}
export interface InferenceRound {
  /** Median time of a call for one image. */
  readonly milliseconds: number;
  /** Seconds of calls for 1000 images. */
  readonly samplesPerSecond: number;
}

/** The bytes of a task's files. */
export function readExamples({ images, labels }: TrainingTask): { pixels: Uint8Array; labels: Uint8Array } {
  return { pixels: readFileSync(images), labels: readFileSync(labels) };
}

export interface Prepared<Ready, Round> {
  readonly ready: Ready;
  round(): Promise<Round>;
}

/** The whole life of a contestant: its task is the process' only argument, a line on stdin asks for a round, the end of stdin ends it. */
export async function compete<Task, Ready extends object, Round extends object>(
  prepare: (task: Task) => Promise<Prepared<Ready, Round>>,
): Promise<void> {
  const say = (answer: object): void => void process.stdout.write(`${JSON.stringify(answer)}\n`);
  try {
    const { ready, round } = await prepare(JSON.parse(process.argv[2]!) as Task);
    say(ready);
    for await (const _ of createInterface({ input: process.stdin })) say(await round());
  } catch (error) {
    say({ failure: (error as Error).message });
  }
}
