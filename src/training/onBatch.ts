// One batch at a time, for training loops of your own.
import { countOf, weightsOf, type Variable } from '../graph/variable.js';
import { checkWeights, joinWeights, splitWeights } from '../graph/weights.js';
import { check } from '../base/errors.js';
import { checkOptions, describe } from '../base/options.js';
import type { Tensor } from '../base/tensor.js';
import type { FitOptions } from './fit.js';
import type { FitState } from './fitState.js';
import type { Inputs, Targets } from './inputs.js';
import type { InputScale } from './inputScale.js';
import type { Logs, Session, Totals } from './session.js';
import {
  applyGradients as apply,
  checkTrainable,
  gradientsOf,
  meansOf,
  prepare,
  train,
  type PreparedExamples,
} from './steps.js';

/** A Model. */
export interface BatchTrained {
  readonly seed: number;
  /** @internal */
  readonly inputScale: InputScale;
  readonly parameters: readonly Variable[];
  fitState: (() => FitState) | null;
  /** The session that trains, planned for this batch size (default: as it is). @internal */
  training(batchSize?: number): Session;
  /** A copy of it, on the calling thread alone, for at least so many examples. @internal */
  trainingCopy(count: number): Session;
}

/** What each example of a batch, or each of a class, counts in the loss, as in fit. */
export type BatchOptions = Pick<FitOptions, 'sampleWeight' | 'classWeight'>;

/** One batch, checked. */
export function prepareBatch(model: BatchTrained, x: Inputs, y: Targets, who: string): PreparedExamples {
  const examples = prepare(model.training(), x, y, who);
  model.inputScale[model.inputScale.trained ? 'compare' : 'observe'](examples.xs, `${who}'s x`);
  return examples;
}

/** The same with its weights; none of them may count, as in a batch of a generator. */
async function prepareWeighed(
  model: BatchTrained,
  x: Inputs,
  y: Targets,
  options: BatchOptions,
  who: string,
): Promise<PreparedExamples> {
  checkOptions(options, ['sampleWeight', 'classWeight'], who);
  const [sampleWeight, classWeight] = [options.sampleWeight ?? undefined, options.classWeight ?? undefined];
  const weighs = (sampleWeight ?? classWeight) !== undefined;
  const loaded = weighs ? await import('./exampleWeights.js') : null;
  const examples = prepareBatch(model, x, y, who);
  if (!loaded) return examples;
  const user = { who, classWeight, data: {}, stream: true, check, describe };
  return { ...examples, weights: loaded.weighing(model.training(), user).weigh(examples, sampleWeight) };
}

/** One optimizer step; the batch's loss and metrics from before it. */
export async function trainOnBatch(model: BatchTrained, x: Inputs, y: Targets, options: BatchOptions): Promise<Logs> {
  const examples = await prepareWeighed(model, x, y, options, 'trainOnBatch');
  const { count } = examples;
  const session = model.training(Math.max(count, model.training().batchSize));
  checkTrainable(session, 'trainOnBatch');
  model.fitState = null;
  return session.lock.write(() => {
    const totals: Totals = {};
    session.seed = model.seed;
    train(session, examples, null, 0, count, totals);
    return meansOf(session, totals, count);
  });
}

/** One optimizer step with these gradients, a tensor for each weight. */
export async function applyGradients(model: BatchTrained, gradients: readonly Tensor[]): Promise<void> {
  const session = model.training();
  checkTrainable(session, 'applyGradients');
  const weights = weightsOf(model.parameters);
  checkWeights(
    gradients,
    weights.map((weight) => ({ ...weight, minimum: -Infinity })),
    'applyGradients',
  );
  const all = new Float32Array(countOf(model.parameters, 'weight'));
  joinWeights(gradients, weights, all);
  model.fitState = null;
  await session.lock.write(() => apply(session, all));
}

/** Gradients of the mean loss; nothing is learned. */
export async function gradients(
  model: BatchTrained,
  x: Inputs,
  y: Targets,
  options: BatchOptions,
): Promise<Tensor<Float32Array>[]> {
  const examples = await prepareWeighed(model, x, y, options, 'gradients');
  const own = model.training();
  const session = examples.count > own.batchSize ? model.trainingCopy(examples.count) : own;
  session.seed = model.seed;
  return splitWeights(gradientsOf(session, examples), weightsOf(model.parameters));
}
