// Data that come while fit trains: a source of examples by number, or batches of a generator.
import { isRecord } from '../base/options.js';
import type { Shape } from '../base/shape.js';
import type { SampleWeight } from './exampleWeights.js';
import type { Inputs, Targets } from './inputs.js';

/** Room for a batch: x [count, …shape], y [count, …targetShape]. */
export interface SourceBatch {
  readonly x: Uint8Array | Float32Array;
  readonly y: Float32Array;
}

/** Examples that are read when they are needed, for sets larger than memory. Any object of this form will do. */
export interface Source {
  readonly count: number;
  /** Shape of one example of x. */
  readonly shape: Shape;
  /** 'uint8' (default): pixels, taken as value / 255 unless the model scales them itself. 'float32': taken as they are. */
  readonly dtype?: 'uint8' | 'float32';
  /** Shape of one target; default [], a class index or a number. */
  readonly targetShape?: Shape;
  /** What the classes are called, for a classWeight by their names. */
  readonly classNames?: readonly string[] | null;
  /**
   * Writes examples order[start … start + count) to the beginning of `into`. fit calls it for the next batches while a step runs, and
   * does not wait for the last call before the next.
   */
  read(order: Uint32Array, start: number, count: number, into: SourceBatch): void | Promise<void>;
  /** A SHA-256 that stands for all examples, in hexadecimal. Without it fit trains, and cannot resume. */
  sha256?(): string | Promise<string>;
}

type Example = readonly [x: Inputs, y: Targets, sampleWeight?: SampleWeight];
type BatchIterable = AsyncIterable<Example> | Iterable<Example>;
export type BatchIterator = AsyncIterator<Example> | Iterator<Example>;

/** Batches [x, y], or [x, y, sampleWeight], as they come: a generator, or a function that returns one for each epoch. */
export type Batches = BatchIterable | (() => BatchIterable);

export function isSource(data: unknown): data is Source {
  return isRecord(data) && typeof data['read'] === 'function';
}

/** Whether data come while they are used, in place of x and y: no array of tensors. */
export function isStream(data: unknown): data is Source | Batches {
  return (
    typeof data === 'function' ||
    isSource(data) ||
    (isRecord(data) && (Symbol.asyncIterator in data || Symbol.iterator in data))
  );
}
