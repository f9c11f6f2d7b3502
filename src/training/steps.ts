// What a session does with targets: copies examples into the engine's memory, executes a program, and adds losses and metrics up. A page
// has it when the first model there trains or is evaluated.
import { check } from '../base/errors.js';
import { makeKey } from '../base/random.js';
import type { Tensor } from '../base/tensor.js';
import { evaluateProgram, type ProgramOptions } from '../compiler/program.js';
import { gradientsProgram, segmentProgram, trainProgram, updateProgram } from '../compiler/trainingProgram.js';
import type { Engine } from '../engine/engine.js';
import type { Tally } from '../metrics/index.js';
import { targetsOf, type Inputs, type Targets } from './inputs.js';
import { makeTargets, type Labels, type WriteTarget } from './labels.js';
import type { StepPart } from './mix.js';
import { fillInputs } from './prediction.js';
import { logName, type Logs, type Session, type Totals } from './session.js';

/** A tensor for each input, labels for each loss, and for each loss a weight an example, if they are not all 1; checked, plain objects. */
export type PlainExamples = readonly [
  xs: readonly Tensor[],
  labels: readonly Labels[],
  weights?: readonly Float32Array[] | undefined,
];

/** Checked: a tensor for each input; labels for each loss, and the function that writes them as its targets. */
export interface PreparedExamples {
  readonly xs: readonly Tensor[];
  readonly labels: readonly Labels[];
  readonly count: number;
  readonly writeTargets: readonly WriteTarget[];
  /** For each loss, if they are not all 1: a weight an example. */
  readonly weights: PlainExamples[2];
}

/** Checks x and y once; what follows trusts them. */
export function prepare(
  session: Session,
  x: Inputs,
  y: Targets,
  who: string,
  weights?: PlainExamples[2],
): PreparedExamples {
  check(y !== undefined || !('y' in Object(x)), () => `${who} takes x and y as two arguments; give data.x, data.y`);
  const { xs, count } = session.checkInputs(x, who);
  check(count > 0, () => `${who} needs at least one example, got none`);
  const { compiled, engine, signature } = session;
  const { losses } = engine.plan;
  const names = losses.map(({ output }) => signature.outputs[output]!.name);
  const labels = targetsOf(y, names, who);
  const writeTargets = losses.map(({ output }, k) => {
    const { loss } = compiled!.outputs[output]!;
    return makeTargets(labels[k]!, count, { shape: signature.outputs[output]!.shape, loss }, who);
  });
  return { xs, labels, count, writeTargets, weights };
}

/** Throws where all weights are frozen. */
export function checkTrainable({ engine }: Session, who: string): void {
  const { variables } = engine.plan;
  check(
    variables.length === 0 || variables.some(({ trainable }) => trainable),
    () => `${who} would change nothing: no layer with weights has trainable = true`,
  );
}

/** What a feed gives, which was checked there. */
export function prepareAgain(session: Session, [x, y, weights]: PlainExamples, who: string): PreparedExamples {
  return prepare(session, x, y, who, weights);
}

/** Puts examples order[start …], or start … without an order, into the engine's memory. */
export function fill(
  { engine }: Session,
  { xs, writeTargets, weights }: PreparedExamples,
  order: Uint32Array | null,
  start: number,
  count: number,
): ProgramOptions {
  const { losses } = engine.plan;
  const options = fillInputs(engine, xs, order, start, count);
  for (const [k, write] of writeTargets.entries()) {
    const { size } = losses[k]!.targets;
    const to = engine.losses[k]!;
    for (let i = 0; i < count; i++) {
      const example = order ? order[start + i]! : start + i;
      write(to.targets, i * size, example);
      if (weights) to.weights[i] = weights[k]![example]!;
    }
  }
  return { ...options, weighted: weights !== undefined };
}

/**
 * One step on examples order[start … start + count), or start … without an order: in several batches where they are more than a batch.
 * Adds the examples' loss and metrics to `totals`. `mix` may make other inputs and targets of what is in the engine's memory,
 * and says whether all inputs are floats then.
 */
export function train(
  session: Session,
  examples: PreparedExamples,
  order: Uint32Array | null,
  start: number,
  count: number,
  totals: Totals,
  mix: ((part: StepPart) => boolean) | null = null,
): void {
  const { engine, compiled, batchSize } = session;
  const { optimizer } = compiled!;
  const t = beginStep(session);
  const penalty = penaltyOf(session);
  const filled = (from: number, size: number): ProgramOptions => {
    const options = fill(session, examples, order, start + from, size);
    return mix?.({ order, start, count, from, size }) ? { ...options, pixels: false } : options;
  };
  if (count <= batchSize) {
    const options = filled(0, count);
    engine.run(`train ${count} ${options.pixels} ${options.weighted}`, (worker) =>
      trainProgram(engine.plan, optimizer, options, worker),
    );
    addTo(session, totals, options, penalty);
  } else {
    // Added in a binary tree, ((0 + 1) + (2 + 3)) + …, so that machines can share the work: src/parallel/
    const sums: Float32Array[] = [];
    for (let from = 0, number = 1; from < count; from += batchSize, number++) {
      const size = Math.min(batchSize, count - from);
      const options = { ...filled(from, size), from, of: count };
      engine.run(`segment ${from} ${size} of ${count} ${options.pixels} ${options.weighted}`, (worker) =>
        segmentProgram(engine.plan, options, worker),
      );
      addTo(session, totals, options, penalty);
      let sum: Float32Array = engine.gradients.slice();
      for (let left = number; left % 2 === 0; left /= 2) sum = addGradients(sums.pop()!, sum);
      sums.push(sum);
    }
    engine.gradients.set(sums.reduceRight((right, left) => addGradients(left, right)));
    update(session, true);
  }
  session.step = t;
}

/** Adds the second to the first, which it returns. */
export function addGradients(to: Float32Array, from: Float32Array): Float32Array {
  for (let i = 0; i < to.length; i++) to[i]! += from[i]!;
  return to;
}

/** Ends a step with the gradients that the engine has; `penalties`: those on weights are to be added. */
export function update({ engine, compiled }: Session, penalties: boolean): void {
  engine.run(`update ${penalties}`, (worker) => updateProgram(engine.plan, compiled!.optimizer, worker, penalties));
}

/** One step with these gradients, of all weights in a row. */
export function applyGradients(session: Session, gradients: Float32Array): void {
  const t = beginStep(session);
  session.engine.gradients.set(gradients);
  update(session, false);
  session.step = t;
}

/** Writes what the kernels read about the coming step, and returns its number. */
export function beginStep(session: Session): number {
  const { engine, compiled, seed } = session;
  const t = session.step + 1;
  const rate = session.rateOf(t);
  check(
    typeof rate === 'number' && rate >= 0 && Math.fround(rate) < Infinity,
    () => `the learning rate of step ${t} must be a number of at least 0, its schedule gives ${rate}`,
  );
  engine.scalars.set(compiled!.optimizer.scalars(t, rate));
  engine.stepKey[0] = makeKey(seed, 2, t);
  return t;
}

/** One step on one batch, on the calling thread alone: what each kernel call took. */
export function profileStep(
  session: Session,
  examples: PreparedExamples,
  visit: Parameters<Engine['profile']>[1],
): void {
  const { engine, compiled } = session;
  const options = fill(session, examples, null, 0, examples.count);
  session.step = beginStep(session);
  engine.profile(trainProgram(engine.plan, compiled!.optimizer, options, 0), visit);
}

/** Gradients of one batch, a view that the next step overwrites. */
export function gradientsOf(session: Session, examples: PreparedExamples): Float32Array {
  const { engine } = session;
  const { count } = examples;
  const options = fill(session, examples, null, 0, count);
  beginStep(session);
  engine.run(`gradients ${count} ${options.pixels} ${options.weighted}`, (worker) =>
    gradientsProgram(engine.plan, options, worker),
  );
  return engine.gradients;
}

/** Totals of no examples: a name for all that is added up. */
export function emptyTotals({ engine, compiled, figures }: Session): Totals {
  const totals: Totals = { loss: 0 };
  for (const [k, { output }] of engine.plan.losses.entries()) {
    const { outputs } = compiled!;
    if (outputs.length > 1) totals[logName(compiled!, outputs[output]!, 'loss')] = 0;
    for (const [name, figure] of figures[k]!)
      totals[name] = typeof figure === 'function' ? 0 : new Array<number>(figure.size).fill(0);
  }
  return totals;
}

/** Names of the logs of a step: the whole loss, each output's where there are several, and metrics. */
export function logNames(session: Session): string[] {
  return Object.keys(meansOf(session, emptyTotals(session), 1));
}

/** The penalties on the weights as they are; as in Keras, of those that are trained. */
export function penaltyOf({ engine: { plan, weights } }: Session): number {
  return plan.variables.reduce(
    (sum, { regularizer, trainable, offset, size }) =>
      regularizer && trainable ? sum + regularizer.penalty(weights, offset, size) : sum,
    0,
  );
}

/** Example by example, so that a sum over many batches does not depend on their size. */
export function addTo(session: Session, totals: Totals, { count, weighted }: ProgramOptions, penalty: number): void {
  const { engine, compiled, figures } = session;
  const { losses, penalties, outputs, plan } = engine;
  if (totals.loss === undefined) Object.assign(totals, emptyTotals(session));
  const add = (name: string, of: (example: number) => number): void => {
    let sum = totals[name] as number;
    for (let i = 0; i < count; i++) sum += of(i);
    totals[name] = sum;
  };
  const lossOf = (k: number, i: number): number => (weighted ? losses[k]!.weights[i]! : 1) * losses[k]!.losses[i]!;
  add('loss', (i) => {
    let loss = penalty;
    for (const [k, { weight }] of plan.losses.entries()) loss += weight * lossOf(k, i);
    for (const values of penalties) loss += values[i]!;
    return loss;
  });
  for (const [k, { output, targets: port }] of plan.losses.entries()) {
    const { targets } = losses[k]!;
    if (compiled!.outputs.length > 1) add(logName(compiled!, compiled!.outputs[output]!, 'loss'), (i) => lossOf(k, i));
    for (const [name, figure] of figures[k]!)
      if (typeof figure === 'function') add(name, (i) => figure(outputs[output]!, targets, i * port.size));
      else
        for (let i = 0; i < count; i++) figure.add(totals[name] as number[], outputs[output]!, targets, i * port.size);
  }
}

export function meansOf({ figures }: Session, totals: Totals, count: number): Logs {
  const logs: Record<string, number> = {};
  for (const [name, sum] of Object.entries(totals)) {
    if (typeof sum === 'number') logs[name] = sum / count;
    else {
      const tally = figures.flat().find(([own]) => own === name)![1] as Tally;
      const { endings = [''] } = tally;
      for (const [i, figure] of tally.figures(sum).entries()) logs[name + endings[i]!] = figure;
    }
  }
  return logs as Logs;
}

/** Adds the loss and the metrics of examples to `totals`; nothing is learned. */
export async function addUp(session: Session, examples: PreparedExamples, totals: Totals): Promise<Totals> {
  const { engine, lock, batchSize } = session;
  return lock.read(async () => {
    const penalty = penaltyOf(session);
    for (let start = 0; start < examples.count; start += batchSize) {
      const options = fill(session, examples, null, start, Math.min(batchSize, examples.count - start));
      engine.predict(`evaluate ${options.count} ${options.pixels}`, (worker) =>
        evaluateProgram(engine.plan, options, worker),
      );
      addTo(session, totals, options, penalty);
      await session.yieldToEventLoop();
    }
    return totals;
  });
}
