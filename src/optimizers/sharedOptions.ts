// What all optimizers have: weight decay, clipping of gradients, and the moving average of the weights, as Keras has
// them (https://keras.io/api/optimizers/): first the gradients are clipped, then the weights decay, then the optimizer makes its step, and
// then the average moves. Kernels: assembly/weightDecay.ts, clipping.ts, movingAverage.ts
import { check } from '../base/errors.js';
import { checkBoolean, checkNumber, checkOptions, describe } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import { trainedOf, type Variable } from '../graph/variable.js';
import { makeSchedule, type LearningRate } from '../schedules/schedule.js';
import type { Optimizer } from './optimizer.js';

export interface SharedOptions {
  /** A number, a schedule over the steps, or a function of the step. */
  learningRate?: LearningRate;
  /** Before each step a weight loses learningRate · weightDecay of itself. Default null, none; of adamw 0.004. */
  weightDecay?: number | null;
  /** Weights whose names ('conv2d/bias') contain one of these do not decay: ['bias', 'gamma', 'beta']. Default []. */
  excludeFromWeightDecay?: readonly string[];
  /** The largest norm of a weight tensor's gradient, to which a longer one is shortened. One of the three, at most. */
  clipnorm?: number | null;
  /** The largest absolute value of an element of a gradient. */
  clipvalue?: number | null;
  /** The largest norm of the gradients of all weights together. */
  globalClipnorm?: number | null;
  /** Whether fit() ends with the moving average of the weights over the steps. Default false. */
  useEma?: boolean;
  /** The average's share that stays at each step. Default 0.99. */
  emaMomentum?: number;
  /** After so many steps the weights become their average, too. Default null, never. */
  emaOverwriteFrequency?: number | null;
}

/** What is an optimizer's own. Its slots and scalars come before those that all have. */
export interface Rule extends Pick<
  Optimizer,
  'className' | 'slots' | 'nonNegative' | 'scalars' | 'step' | 'moreKernels'
> {
  /** Names its options, in errors. */
  readonly who: string;
  readonly learningRate: number;
  readonly weightDecay?: number | null;
  readonly begin?: NonNullable<Optimizer['begin']>;
  /** Its own options, with their defaults. */
  readonly options: Record<string, unknown>;
}

const names = [
  'learningRate',
  'weightDecay',
  'excludeFromWeightDecay',
  'clipnorm',
  'clipvalue',
  'globalClipnorm',
  'useEma',
  'emaMomentum',
  'emaOverwriteFrequency',
] as const;

/** Throws at an option that neither all have nor this one; to be called before the options are read. */
export function checkNames(options: unknown, own: readonly string[], who: string): void {
  checkOptions(options, [names[0], ...own, ...names.slice(1)], who);
}

/** Scalars of all, at their places among the 16: the optimizer's own come before. */
const [DECAY, CLIP, EMA, EMA_REST, OVERWRITE] = [11, 12, 13, 14, 15];

/** Weights whose squares one task adds up. */
const NORM_PIECE = 16384;

/** Pieces of each trained weight, in order: the sums of their squares are f64s, one after another. */
function normPieces(variables: readonly Variable[]): { readonly variable: Variable; readonly from: number }[] {
  return trainedOf(variables).flatMap((variable) =>
    Array.from({ length: Math.ceil(variable.size / NORM_PIECE) }, (_, i) => ({ variable, from: i * NORM_PIECE })),
  );
}

const sumsOfSquares: Pick<Optimizer, 'scratch' | 'beforeUpdate'> = {
  scratch: (variables) => 2 * normPieces(variables).length,
  beforeUpdate: ({ variables, gradients, scratch }) =>
    normPieces(variables).map(({ variable: { offset, size }, from }, i) => (kernels) => {
      const count = Math.min(NORM_PIECE, size - from);
      kernels.sumOfSquares(scratch + 8 * i, gradients + 4 * (offset + from), count);
    }),
};

export function makeOfRule(options: SharedOptions, rule: Rule): Optimizer {
  const { who, className } = rule;
  const {
    learningRate = rule.learningRate,
    weightDecay = rule.weightDecay ?? null,
    excludeFromWeightDecay = [],
    clipnorm = null,
    clipvalue = null,
    globalClipnorm = null,
    useEma = false,
    emaMomentum = 0.99,
    emaOverwriteFrequency = null,
  } = options;
  const schedule = makeSchedule(learningRate);
  if (weightDecay !== null)
    checkNumber(
      weightDecay,
      (value) => value >= 0 && Math.fround(value) < Infinity,
      `${who}'s weightDecay must be at least 0, or null`,
    );
  check(
    Array.isArray(excludeFromWeightDecay) && excludeFromWeightDecay.every((name) => typeof name === 'string' && name),
    () =>
      `${who}'s excludeFromWeightDecay must be an array of parts of weights' names, as ['bias', 'gamma'], got ${describe(excludeFromWeightDecay)}`,
  );
  const clips = Object.entries({ clipnorm, clipvalue, globalClipnorm }).filter(([, limit]) => limit !== null);
  for (const [name, limit] of clips)
    checkNumber(
      limit,
      (value) => Math.fround(value) > 0 && Math.fround(value) < Infinity,
      `${who}'s ${name} must be a number above 0, or null`,
    );
  check(
    clips.length <= 1,
    () =>
      `${who} has ${clips.map(([name]) => name).join(' and ')}; only one way of clipping can be used, leave the others out`,
  );
  checkBoolean(useEma, `${who}'s useEma`);
  checkNumber(emaMomentum, (value) => value >= 0 && value <= 1, `${who}'s emaMomentum must lie in [0, 1]`);
  if (emaOverwriteFrequency !== null) checkWhole(emaOverwriteFrequency, `${who}'s emaOverwriteFrequency`);

  const limit = clipnorm ?? clipvalue ?? globalClipnorm ?? 0;
  const byNorm = clipnorm !== null || globalClipnorm !== null;
  const decays = (name: string): boolean => !excludeFromWeightDecay.some((part) => name.includes(part));
  return {
    className,
    slots: [...rule.slots, ...(useEma ? ['average'] : [])],
    nonNegative: rule.nonNegative,
    schedule,
    ...(rule.moreKernels && { moreKernels: rule.moreKernels }),
    byWeight: clipnorm !== null || (weightDecay !== null && excludeFromWeightDecay.length > 0),
    begin(slots, weights) {
      rule.begin?.(slots, weights);
      // Weights that are trained later have one, too.
      if (useEma) slots.at(-1)!.set(weights.subarray(0, slots.at(-1)!.length));
    },
    scalars(t, rate) {
      const scalars = new Array<number>(16).fill(0);
      for (const [i, value] of rule.scalars(t, rate).entries()) scalars[i] = value;
      scalars[DECAY] = rate * (weightDecay ?? 0);
      scalars[CLIP] = limit;
      // The average begins at the first step's weights.
      const momentum = t === 1 ? 0 : emaMomentum;
      [scalars[EMA], scalars[EMA_REST]] = [momentum, 1 - momentum];
      scalars[OVERWRITE] = emaOverwriteFrequency !== null && t % emaOverwriteFrequency === 0 ? 1 : 0;
      return scalars;
    },
    ...(byNorm && sumsOfSquares),
    step(kernels, weights, slots, gradients, scalars, count, plan, from) {
      const variable = plan.variables.find(({ offset, size, role }) => role === 'weight' && from < offset + size)!;
      if (clipvalue !== null) kernels.clipValues(gradients, scalars + 4 * CLIP, count);
      if (byNorm) {
        const pieces = normPieces(plan.variables);
        const first = clipnorm === null ? 0 : pieces.findIndex((piece) => piece.variable === variable);
        const parts = clipnorm === null ? pieces.length : Math.ceil(variable.size / NORM_PIECE);
        kernels.clipByNorm(gradients, plan.scratch + 8 * first, scalars + 4 * CLIP, count, parts);
      }
      if (weightDecay !== null && decays(variable.name)) kernels.decayWeights(weights, scalars + 4 * DECAY, count);
      rule.step(kernels, weights, slots, gradients, scalars, count, plan, from);
      if (useEma) kernels.moveAverage(slots.at(-1)!, weights, scalars + 4 * EMA, count);
    },
    ...(useEma && { average: 'average' }),
    getConfig: () => ({
      learningRate: schedule.getConfig(),
      ...rule.options,
      weightDecay,
      excludeFromWeightDecay: [...excludeFromWeightDecay],
      ...{ clipnorm, clipvalue, globalClipnorm, useEma, emaMomentum, emaOverwriteFrequency },
    }),
  };
}

/** Throws unless it is in [0, 1). */
export function checkShare(value: unknown, what: string): void {
  checkNumber(value, (share) => share >= 0 && share < 1, `${what} must lie in [0, 1)`);
}

/** Throws unless it is above 0 in f32, in which kernels have it. */
export function checkEpsilon(value: unknown, who: string): void {
  checkNumber(
    value,
    (epsilon) => Math.fround(epsilon) > 0 && epsilon < 1,
    `${who}'s epsilon must lie between 1e-45 and 1`,
  );
}
