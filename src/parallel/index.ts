// Steps that several machines make together. Each computes gradients of segments of a batch; the gradients are added in a fixed binary tree, and
// all machines make the same step with the sum. The bits depend on how a batch is cut into segments, never on who computes them: they are those
// of fit() with as many gradientAccumulationSteps on one machine.
/**
 * One training on several machines: each computes gradients of segments of a batch, and all make the same step with their sum, added in a fixed order. The bits are those of one machine.
 *
 * ```js
 * import { applySegments, segmentGradients, sumSegments } from 'wasm-cnn/parallel';
 * ```
 *
 * @module wasm-cnn/parallel
 */
import { check } from '../base/errors.js';
import { checkOptions, describe, isRecord } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import { statisticsProgram, segmentGradientsProgram } from '../compiler/trainingProgram.js';
import type { Call } from '../compiler/program.js';
import type { Model } from '../model/model.js';
import type { Inputs, Targets } from '../training/inputs.js';
import { prepareBatch } from '../training/onBatch.js';
import type { Logs, Session, Totals } from '../training/session.js';
import { addGradients, addTo, beginStep, checkTrainable, fill, meansOf, penaltyOf, update } from '../training/steps.js';

export { epochOrder } from '../training/batches.js';

/** What a segment of a batch, or several neighboring ones, add to a step. Plain data, to be sent. */
export interface Segment {
  /** The step that it is a part of, from 1. */
  readonly step: number;
  /** Its examples are those from number `from` on, `count` of them, of a batch of `of`. */
  readonly from: number;
  readonly count: number;
  readonly of: number;
  /** Gradients of all weights in a row, in the order of getWeights(), without penalties. */
  readonly gradients: Float32Array;
  /** For each segment in order: what its batch normalizations have seen. */
  readonly statistics: readonly SegmentStatistics[];
  /** Sums over the examples of loss and metrics. */
  readonly totals: Totals;
}

/** What batch normalization saw of a segment. */
export interface SegmentStatistics {
  readonly count: number;
  readonly sums: readonly Float64Array[];
}

/** Which part of a batch a segment is. */
export interface SegmentOptions {
  /** Number of the first of these examples in the whole batch. */
  readonly from: number;
  /** Examples of the whole batch. */
  readonly of: number;
}

/**
 * Gradients of a segment of a batch, for the model's next step; nothing is learned. `x`, `y`: the segment's examples, at most as many as compile()
 * planned for. Dropout and augmentation are those of the examples' places in the whole batch.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 * import { segmentGradients } from 'wasm-cnn/parallel';
 *
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 1 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', batchSize: 2 });
 * const [x, y] = [{ data: Float32Array.of(0, 1), shape: [1, 2] }, { data: Float32Array.of(1), shape: [1, 1] }];
 * (await segmentGradients(model, x, y, { from: 0, of: 2 })).count; // 1
 * ```
 */
export async function segmentGradients(model: Model, x: Inputs, y: Targets, options: SegmentOptions): Promise<Segment> {
  const who = 'segmentGradients';
  checkOptions(options, ['from', 'of'], who);
  const from = checkWhole(options.from, `${who}'s from`, 0);
  const of = checkWhole(options.of, `${who}'s of`);
  const examples = prepareBatch(model, x, y, who);
  const { count } = examples;
  check(from + count <= of, () => `${who} got examples ${from} to ${from + count - 1} of a batch of ${of}`);
  const session = model.training();
  checkTrainable(session, who);
  check(
    count <= session.batchSize,
    () =>
      `${who} got ${count} examples, more than the ${session.batchSize} that compile() planned for; give a segment at a time`,
  );
  return session.lock.write(() => {
    session.seed = model.seed;
    const { engine } = session;
    const step = beginStep(session);
    const options = { ...fill(session, examples, null, 0, count), from, of };
    engine.run(`gradients ${from} ${count} of ${of} ${options.pixels} ${options.weighted}`, (worker) =>
      segmentGradientsProgram(engine.plan, options, worker),
    );
    const totals: Totals = {};
    addTo(session, totals, options, penaltyOf(session));
    const sums = statisticsOf(session, count).map((seen) => seen.slice());
    return { step, from, count, of, gradients: engine.gradients.slice(), statistics: [{ count, sums }], totals };
  });
}

/**
 * The sum of neighboring segments, or of sums of them: a node of the tree of {@link sumSegments}.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 * import { addSegments, segmentGradients } from 'wasm-cnn/parallel';
 *
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 1 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', batchSize: 2 });
 * const [x, y] = [{ data: Float32Array.of(0, 1), shape: [1, 2] }, { data: Float32Array.of(1), shape: [1, 1] }];
 * const halves = [0, 1].map((from) => segmentGradients(model, x, y, { from, of: 2 }));
 * addSegments(await halves[0], await halves[1]).count; // 2
 * ```
 */
export function addSegments(left: Segment, right: Segment): Segment {
  check(
    left.step === right.step && left.of === right.of && left.from + left.count === right.from,
    () => `segments are added to the next one of their step, got ${named(left)} and ${named(right)}`,
  );
  const totals: Totals = {};
  for (const [name, sum] of Object.entries(left.totals)) {
    const more = right.totals[name]!;
    totals[name] =
      typeof sum === 'number' ? sum + (more as number) : sum.map((each, i) => each + (more as number[])[i]!);
  }
  return {
    ...left,
    count: left.count + right.count,
    gradients: addGradients(left.gradients.slice(), right.gradients),
    statistics: [...left.statistics, ...right.statistics],
    totals,
  };
}

/**
 * All segments of a batch, in order, as one: ((0 + 1) + (2 + 3)) + …, each left part a power of two of them, whichever member adds.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 * import { segmentGradients, sumSegments } from 'wasm-cnn/parallel';
 *
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 1 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', batchSize: 2 });
 * const [x, y] = [{ data: Float32Array.of(0, 1), shape: [1, 2] }, { data: Float32Array.of(1), shape: [1, 1] }];
 * const halves = [0, 1].map((from) => segmentGradients(model, x, y, { from, of: 2 }));
 * sumSegments(await Promise.all(halves)).count; // 2
 * ```
 */
export function sumSegments(segments: readonly Segment[]): Segment {
  check(segments.length > 0, 'sumSegments needs the segments of a batch, got none');
  if (segments.length === 1) return segments[0]!;
  let left = 1;
  while (2 * left < segments.length) left *= 2;
  return addSegments(sumSegments(segments.slice(0, left)), sumSegments(segments.slice(left)));
}

/**
 * One optimizer step with the sum of a whole batch; its loss and metrics from before the step. Every machine calls it with the same sum.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 * import { applySegments, segmentGradients, sumSegments } from 'wasm-cnn/parallel';
 *
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 1 })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', batchSize: 2 });
 * const [x, y] = [{ data: Float32Array.of(0, 1), shape: [1, 2] }, { data: Float32Array.of(1), shape: [1, 1] }];
 * const halves = [0, 1].map((from) => segmentGradients(model, x, y, { from, of: 2 }));
 * await applySegments(model, sumSegments(await Promise.all(halves)));
 * model.step; // 1
 * ```
 */
export async function applySegments(model: Model, sum: Segment): Promise<Logs> {
  const who = 'applySegments';
  check(
    isRecord(sum) && sum.gradients instanceof Float32Array,
    () => `${who} needs what sumSegments() returned, got ${describe(sum)}`,
  );
  const session = model.training();
  checkTrainable(session, who);
  const { gradients, statistics, step, from, count, of, totals } = sum;
  check(
    step === session.step + 1,
    () =>
      `${who} got a sum of step ${step}, and the model's next step is ${session.step + 1}; it comes too ${step <= session.step ? 'late' : 'early'}`,
  );
  check(from === 0 && count === of, () => `${who} needs the sum of a whole batch, got ${named(sum)}`);
  check(
    gradients.length === session.engine.gradients.length,
    () => `${who} got ${gradients.length} gradients, and the model has ${session.engine.gradients.length} weights`,
  );
  model.fitState = null;
  return session.lock.write(() => {
    session.seed = model.seed;
    beginStep(session);
    const { engine } = session;
    for (const { count, sums } of statistics) {
      const seen = statisticsOf(session, count);
      check(
        seen.length === sums.length,
        () => `${who} got statistics of ${sums.length} layers, and the model has ${seen.length}`,
      );
      for (const [i, values] of seen.entries()) values.set(sums[i]!);
      engine.run(`statistics ${count}`, (worker) =>
        statisticsProgram(engine.plan, { count, pixels: false, weighted: false }, worker),
      );
    }
    engine.gradients.set(gradients);
    update(session, true);
    session.step = step;
    return meansOf(session, totals, of);
  });
}

const named = ({ from, count, of, step }: Segment): string =>
  `examples ${from} to ${from + count - 1} of ${of} of step ${step}`;

/** The engine's batch statistics of a batch of `count` examples: two sums for each channel and shard. */
function statisticsOf({ engine }: Session, count: number): Float64Array[] {
  const calls: readonly Call[] = statisticsProgram(engine.plan, { count, pixels: false, weighted: false }, 0).flatMap(
    ({ tasks }) => tasks.flat(),
  );
  return calls.map(({ kernel, args }) => {
    check(kernel === 'batchNormUpdateMoving', () => `segments cannot be told what ${kernel} has seen`);
    const [, , sums, shards, , , channels] = args as [number, number, number, number, number, number, number];
    return new Float64Array(engine.weights.buffer, sums, 2 * shards * channels);
  });
}
