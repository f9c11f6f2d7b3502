// Makes a feed of what people give: arrays, or, by stream.ts, sources and generators.
import { check } from '../base/errors.js';
import { describe } from '../base/options.js';
import { plainTensor, type Tensor } from '../base/tensor.js';
import { epochOrder } from './batches.js';
import type { Feed } from './feed.js';
import type { Inputs, Targets } from './inputs.js';
import { plainLabels } from './labels.js';
import type { ClassWeight, SampleWeight } from './exampleWeights.js';
import type { Session } from './session.js';
import { isSource, isStream, type Batches, type Source } from './source.js';
import { prepare as prepareExamples, type PlainExamples } from './steps.js';
import type { StreamUser } from './stream.js';

/** How fit, evaluate or predict use examples. */
export interface FeedOptions extends Pick<StreamUser, 'who' | 'batchSize' | 'gradientAccumulationSteps' | 'steps'> {
  readonly session: Session;
  readonly seed?: number;
  readonly shuffle?: boolean;
  readonly classWeight?: ClassWeight | undefined;
  readonly sampleWeight?: SampleWeight | undefined;
  /** Sees the inputs, those of the first batch where more come. */
  readonly observe: (xs: readonly Tensor[]) => void;
}

/** Examples in memory, or a source or generator of them. */
export type FeedData = readonly [x: Inputs, y: Targets, sampleWeight?: SampleWeight | undefined] | Source | Batches;

export async function openFeed(data: FeedData, options: FeedOptions): Promise<Feed> {
  const { who, session, seed = 0, shuffle = false, observe } = options;
  // null is none, as in Keras.
  const [classWeight, sampleWeight] = [options.classWeight ?? undefined, options.sampleWeight ?? undefined];
  let isFirst = true;
  const stream = isStream(data);
  const weighing =
    stream || (data?.[2] ?? classWeight ?? sampleWeight) !== undefined
      ? (await import('./exampleWeights.js')).weighing(session, {
          ...options,
          ...{ classWeight, sampleWeight, data, stream, check, describe },
        })
      : null;
  const prepare = (x: Inputs, y: Targets, weight?: SampleWeight): { examples: PlainExamples; count: number } => {
    const prepared = prepareExamples(session, x, y, who);
    const { xs, labels, count } = prepared;
    const weights = weighing?.weigh(prepared, weight ?? undefined);
    if (isFirst) observe(xs);
    isFirst = false;
    return { examples: [xs.map(plainTensor), labels.map(plainLabels), weights], count };
  };
  if (stream) {
    const { generatorFeed, sourceFeed } = await import('./stream.js');
    const order = (count: number, epoch: number): Uint32Array => epochOrder(count, seed, epoch, shuffle);
    const shapes = session.inputs.map(({ shape }) => shape);
    const user = { ...options, shapes, check, checkSteps, order, prepare, factors: weighing!.factors };
    return isSource(data) ? sourceFeed(data, user) : generatorFeed(data, user);
  }
  check(
    Array.isArray(data as unknown) && (data.length === 2 || data.length === 3),
    () => `${who} must be [x, y], [x, y, sampleWeight], a source or a generator, got ${describe(data)}`,
  );
  const { examples: held, count } = prepare(...data);
  const { batchSize, steps } = options;
  const end = steps === undefined ? count : Math.min(count, steps * batchSize);
  if (steps !== undefined) checkSteps(steps, count, batchSize, who);
  return {
    count,
    held,
    *batches(_, seen) {
      for (let start = seen; start < end; start += batchSize)
        yield { start, count: Math.min(batchSize, end - start), examples: null, transfer: [] };
    },
  };
}

/** Throws unless so many examples make so many steps. */
function checkSteps(steps: number, count: number, batchSize: number, who: string): void {
  const most = Math.ceil(count / batchSize);
  check(
    steps <= most,
    () => `${who}'s stepsPerEpoch is ${steps}, and ${count} examples make ${most} steps of ${batchSize}; ask for fewer`,
  );
}
