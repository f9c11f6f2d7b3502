// What each example counts in the loss: fit's sampleWeight and classWeight. Loaded when there is one. It imports types alone, as stream.ts
// does, and for the same reason.
import type { Tensor } from '../base/tensor.js';
import type { Session } from './session.js';
import type { PreparedExamples } from './steps.js';

/** Factors of a loss by class, of its number or of its name where the data have names: { 0: 1, 1: 5 }. */
export type ClassWeight = Readonly<Record<string, number>>;

type Weights = ArrayLike<number> | Tensor;

/** A number an example, as an array or a tensor [n]; for several outputs that have a loss one for all, an array in their order, or an object by their names. */
export type SampleWeight = Weights | readonly Weights[] | Readonly<Record<string, Weights>>;

interface WeighingUser {
  /** Begins its errors: 'fit'. */
  readonly who: string;
  readonly classWeight?: ClassWeight | undefined;
  /** Weights given beside the data, where those have none. */
  readonly sampleWeight?: SampleWeight | undefined;
  /** A source may name the classes. */
  readonly data: unknown;
  /** Whether examples come batch by batch: then one batch may count nothing. */
  readonly stream: boolean;
  check(condition: boolean, sentence: () => string): asserts condition;
  describe(value: unknown): string;
}

export interface Weighing {
  /** The classes' factors, where those count. */
  readonly factors: Float32Array | null;
  /** For each loss a weight an example; undefined where all are 1. */
  weigh(examples: PreparedExamples, sampleWeight: SampleWeight | undefined): readonly Float32Array[] | undefined;
}

/** Whether it has names of its own, which a Map has not. */
const isObject = (value: unknown): value is Record<string, unknown> =>
  Object.prototype.toString.call(value) === '[object Object]';

const isUsable = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && Number.isFinite(Math.fround(value));

export function weighing(session: Session, user: WeighingUser): Weighing {
  const { who, classWeight, sampleWeight: given, stream } = user;
  const check: WeighingUser['check'] = user.check;
  check(
    given === undefined || !stream,
    () => `${who}'s sampleWeight is for arrays; let a generator give batches [x, y, sampleWeight]`,
  );
  const factors = classWeight === undefined ? null : factorsOf(session, user, classWeight);
  const checkSum = (weights: Float32Array, what: string): void =>
    check(
      stream || weights.some((weight) => weight > 0),
      () => `${who}'s ${what} adds up to 0 over all examples; give some of them more`,
    );
  return {
    factors,
    weigh(examples, own = given) {
      if (own === undefined && !factors) return undefined;
      check(
        own === undefined || !factors,
        () => `${who} has classWeight and sampleWeight; give one of them, with their products as sampleWeight`,
      );
      if (factors) {
        const weights = weightsByClass(session, examples, factors);
        checkSum(weights, 'classWeight');
        return [weights];
      }
      const weights = weightsOf(session, user, own!, examples.count);
      for (const each of weights) checkSum(each, 'sampleWeight');
      return weights;
    },
  };
}

/** A factor for each class. */
function factorsOf(session: Session, user: WeighingUser, classWeight: ClassWeight): Float32Array {
  const { who, data, describe } = user;
  const check: WeighingUser['check'] = user.check;
  const { losses } = session.engine.plan;
  check(
    isObject(classWeight),
    () => `${who}'s classWeight must be an object such as { 0: 1, 1: 5 }, got ${describe(classWeight)}`,
  );
  check(
    losses.length === 1,
    () => `${who}'s classWeight is for a model of one loss, this one has ${losses.length}; use sampleWeight`,
  );
  const { output, targets } = losses[0]!;
  const { loss } = session.compiled!.outputs[output]!;
  const { shape } = session.signature.outputs[output]!;
  const classes = loss.targets === 'classes' && targets.size === shape.at(-1) ? targets.size : 2;
  check(
    loss.targets !== 'values' && (classes === targets.size || targets.size === 1),
    () =>
      `${who}'s classWeight is for a loss of one class an example, and the targets of ${loss.name} are [n, ${shape.join(', ')}] ${loss.targets}; use sampleWeight, one weight an example`,
  );
  const { classNames: names = null } = data as { readonly classNames?: readonly string[] | null };
  const factors = new Float32Array(classes).fill(1);
  for (const [key, factor] of Object.entries(classWeight)) {
    const named = names?.indexOf(key) ?? -1;
    const index = named >= 0 ? named : /^\d+$/.test(key) ? Number(key) : -1;
    check(
      index >= 0 && index < classes,
      () =>
        `${who}'s classWeight has '${key}', which is no class; classes are ${names?.join(', ') ?? `0 to ${classes - 1}`}`,
    );
    check(
      isUsable(factor),
      () => `${who}'s classWeight of ${key} must be a number of at least 0, got ${describe(factor)}`,
    );
    factors[index] = factor;
  }
  return factors;
}

/** Each example's factor, for labels of any form: a row of probabilities belongs to its most probable class. */
function weightsByClass(
  session: Session,
  { count, writeTargets }: PreparedExamples,
  factors: Float32Array,
): Float32Array {
  const { size } = session.engine.plan.losses[0]!.targets;
  const row = new Float32Array(size);
  return new Float32Array(count).map((_, example) => {
    writeTargets[0]!(row, 0, example);
    return factors[size === 1 ? Math.round(row[0]!) : row.indexOf(Math.max(...row))]!;
  });
}

function weightsOf(session: Session, user: WeighingUser, given: SampleWeight, count: number): readonly Float32Array[] {
  const { who, describe } = user;
  const check: WeighingUser['check'] = user.check;
  const names = session.engine.plan.losses.map(({ output }) => session.signature.outputs[output]!.name);
  const read = (weights: unknown, what: string): Float32Array => {
    const { data: values = weights, shape } = (weights ?? {}) as { data?: unknown; shape?: readonly number[] };
    check(
      Array.isArray(values) || (ArrayBuffer.isView(values) && 'length' in values),
      () => `${who}'s ${what} must be an array of a number an example, got ${describe(weights)}`,
    );
    const numbers = values as ArrayLike<number>;
    check(
      numbers.length === count && (!shape || shape[0] === count),
      () =>
        `${who} has ${count} examples but a ${what} of ${shape ? `[${shape.join(', ')}]` : numbers.length}; give one number an example`,
    );
    for (let i = 0; i < count; i++)
      check(
        isUsable(numbers[i]),
        () => `${who}'s ${what} of example ${i} must be a number of at least 0, got ${describe(numbers[i])}`,
      );
    return Float32Array.from(numbers);
  };
  if (isObject(given) && !('data' in given && 'shape' in given)) {
    const keys = Object.keys(given);
    check(
      keys.length === names.length && names.every((name) => keys.includes(name)),
      () => `${who} needs sampleWeight for ${names.join(', ')}, got ${keys.join(', ') || 'none'}`,
    );
    return names.map((name) => read(given[name], `sampleWeight of ${name}`));
  }
  if (Array.isArray(given) && typeof given[0] === 'object') {
    check(
      given.length === names.length,
      () => `${who} needs sampleWeight for ${names.join(', ')}, got ${given.length} arrays`,
    );
    return names.map((name, i) => read(given[i], names.length > 1 ? `sampleWeight of ${name}` : 'sampleWeight'));
  }
  const all = read(given, 'sampleWeight');
  return names.map(() => all);
}
