// Which learning rate to begin with: the loss while the rate rises from step to step.  https://arxiv.org/abs/1506.01186
import { check } from '../base/errors.js';
import { makeYield } from '../base/eventLoop.js';
import { checkArguments, checkNumber, checkOptions } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import { exponentialDecay } from '../schedules/exponentialDecay.js';
import { epochOrder } from '../training/batches.js';
import type { Inputs, Targets } from '../training/inputs.js';
import { rangeOf } from '../training/inputScale.js';
import type { Session, Totals } from '../training/session.js';
import { checkTrainable, meansOf, prepare, train } from '../training/steps.js';
import type { InspectedModel } from './inspectedModel.js';
import { checkModel } from '../training/checkModel.js';

/** A compiled model, of whose training a copy is taken. */
export interface TriedModel extends InspectedModel {
  readonly seed: number;
  /** @internal */
  training(): Session;
  /** @internal */
  trainingCopy(count: number): Session;
}

/** Options of {@link findLearningRate}. */
export interface FindLearningRateOptions {
  /** Rate of the first step, and of the last. Default 1e-7 and 10. */
  readonly minLearningRate?: number;
  readonly maxLearningRate?: number;
  /** Default 100. */
  readonly steps?: number;
  /** Default: what compile() planned for. */
  readonly batchSize?: number;
  /** It ends where the mean of the last losses is so many times the best. Default 4. */
  readonly stopFactor?: number;
}

/** What {@link findLearningRate} returns. */
export interface FoundLearningRate {
  /** One for each step that was made. */
  readonly learningRates: readonly number[];
  /** Mean loss of its batch, from before the step; and with its neighbors', from which the batches' differences are gone. */
  readonly losses: readonly number[];
  readonly smoothed: readonly number[];
  /** Rate at which the smoothed loss falls most steeply over its logarithm; null where it falls by no more than it wavers from batch to batch. */
  readonly suggestion: number | null;
  /** Rate at which the smoothed loss is lowest: at the edge of what is too high. */
  readonly lowest: number;
}

/** The share of the mean loss that stays at each step, for knowing when to stop. */
const KEPT = 0.9;
/** What a loss weighs for each step that it is away, before or after: the mean of earlier ones alone would lag by most of a decade. */
const WEIGHT = 0.75;
const WINDOW = 16;
/** Share of the steps before which nothing is suggested or stopped: the first batches alone decide there. */
const WARM_UP = 0.1;

/**
 * Trains a copy of the model for some steps, each at a higher rate; the model, its optimizer and its place in fit() stay as they are. x and y
 * as fit() takes them, in arrays. The calling thread does it all, with the same bits on every host.
 *
 * @example
 * ```js
 * import { findLearningRate, layers, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 2, activation: 'softmax' })] });
 * model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
 * const x = { data: Float32Array.of(0, 1, 1, 0), shape: [2, 2] };
 * const found = await findLearningRate(model, x, [0, 1], { steps: 20 });
 * found.learningRates[0]; // 1e-7
 * ```
 */
export async function findLearningRate(
  model: TriedModel,
  x: Inputs,
  y: Targets,
  options: FindLearningRateOptions = {},
): Promise<FoundLearningRate> {
  const who = 'findLearningRate';
  checkArguments(arguments, 4, who, 'it takes a model, x, y and options');
  checkModel(model, who);
  checkOptions(options, ['minLearningRate', 'maxLearningRate', 'steps', 'batchSize', 'stopFactor'], who);
  const { minLearningRate = 1e-7, maxLearningRate = 10, stopFactor = 4 } = options;
  const isRate = (value: number): boolean => value > 0 && value < Infinity;
  checkNumber(minLearningRate, isRate, `${who}'s minLearningRate must be a number above 0`);
  checkNumber(
    maxLearningRate,
    (value) => value > minLearningRate && value < Infinity,
    `${who}'s maxLearningRate must be a number above its minLearningRate, ${minLearningRate}`,
  );
  checkNumber(stopFactor, (value) => value > 1, `${who}'s stopFactor must be a number above 1`);
  const steps = checkWhole(options.steps ?? 100, `${who}'s steps`, 10);
  const asked = checkWhole(options.batchSize ?? model.training().batchSize, `${who}'s batchSize`);

  const session = model.trainingCopy(asked);
  checkTrainable(session, who);
  const examples = prepare(session, x, y, who);
  for (const each of examples.xs) rangeOf(each, `${who}'s x`);
  const batchSize = Math.min(asked, examples.count);
  const perEpoch = Math.floor(examples.count / batchSize);
  const rates = exponentialDecay({
    initialLearningRate: minLearningRate,
    decaySteps: steps - 1,
    decayRate: maxLearningRate / minLearningRate,
  });
  const [learningRates, losses]: [number[], number[]] = [[], []];
  const warmUp = Math.ceil(WARM_UP * steps);
  const yieldToEventLoop = makeYield();
  let order: Uint32Array = new Uint32Array();
  let [sum, weights, best] = [0, 0, Infinity];
  session.seed = model.seed;
  for (let step = 0; step < steps; step++) {
    if (step % perEpoch === 0) order = epochOrder(examples.count, model.seed, step / perEpoch, true);
    const rate = rates.at(step + 1);
    session.learningRate = rate;
    const totals: Totals = {};
    train(session, examples, order, (step % perEpoch) * batchSize, batchSize, totals);
    const { loss } = meansOf(session, totals, batchSize);
    // Beyond what the model bears: what came before is the answer.
    if (!Number.isFinite(loss)) break;
    [sum, weights] = [KEPT * sum + (1 - KEPT) * loss, KEPT * weights + (1 - KEPT)];
    learningRates.push(rate);
    losses.push(loss);
    best = Math.min(best, sum / weights);
    if (step >= warmUp && sum / weights > stopFactor * best) break;
    await yieldToEventLoop();
  }
  check(
    losses.length > 0,
    () =>
      `${who}'s loss is not finite at a learning rate of ${minLearningRate}; lower minLearningRate, or check the data`,
  );
  const smoothed = smooth(losses.map((loss) => Math.min(loss, stopFactor * best)));
  const bottom = smoothed.indexOf(Math.min(...smoothed));
  const falls = fallsClearly(losses.slice(0, Math.max(2, 2 * warmUp)), smoothed[bottom]!);
  return {
    ...{ learningRates, losses, smoothed },
    suggestion: falls ? steepest(learningRates, smoothed, Math.min(warmUp, bottom), bottom) : null,
    lowest: learningRates[bottom]!,
  };
}

/** Each with its neighbors on both sides, the nearer ones the most. */
function smooth(losses: readonly number[]): number[] {
  return losses.map((_, i) => {
    let [sum, weights] = [0, 0];
    for (let j = Math.max(0, i - WINDOW); j < Math.min(losses.length, i + WINDOW + 1); j++) {
      let weight = 1;
      for (let distance = Math.abs(i - j); distance > 0; distance--) weight *= WEIGHT;
      sum += weight * losses[j]!;
      weights += weight;
    }
    return sum / weights;
  });
}

/** Whether the lowest loss is clear of the first ones, at rates that change nothing: by more than those differ from each other. */
function fallsClearly(first: readonly number[], lowest: number): boolean {
  const mean = first.reduce((sum, loss) => sum + loss, 0) / first.length;
  const variance = first.reduce((sum, loss) => sum + (loss - mean) * (loss - mean), 0) / first.length;
  return mean - lowest > Math.sqrt(variance);
}

/** The rate between `from` and the lowest loss at which the loss falls most; rates are evenly apart by their logarithms. */
function steepest(rates: readonly number[], losses: readonly number[], from: number, bottom: number): number | null {
  // Less than rounding makes is no fall.
  let [found, most]: [number | null, number] = [null, 1e-6 * Math.abs(losses[bottom]!)];
  for (let i = Math.max(1, from); i < bottom; i++) {
    const fall = losses[i - 1]! - losses[i + 1]!;
    if (fall > most) [found, most] = [rates[i]!, fall];
  }
  return found;
}
