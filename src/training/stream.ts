// Batches that come while fit, evaluate or predict runs: read from a source ahead of the step, or taken from a generator. Loaded when there
// is one. It imports types alone: a bundler would else take what it shares with the first script of a page into a script of its own.
import type { Shape } from '../base/shape.js';
import type { Tensor } from '../base/tensor.js';
import type { Batch, Feed } from './feed.js';
import type { PlainExamples } from './steps.js';
import type { SampleWeight } from './exampleWeights.js';
import type { Inputs, Targets } from './inputs.js';
import type { Labels } from './labels.js';
import type { BatchIterator, Batches, Source } from './source.js';

/** Batches that are being read while one is used. */
const AHEAD = 2;

/** What it asks of fit, evaluate or predict. */
export interface StreamUser {
  /** Begins its errors: 'fit'. */
  readonly who: string;
  /** Examples of a step. */
  readonly batchSize: number;
  /** Batches of a step; of a generator so many are taken for each. Default 1. */
  readonly gradientAccumulationSteps?: number;
  /** Steps an epoch; all that there are unless told. */
  readonly steps?: number | undefined;
  /** Shape of one example of each input of the model. */
  readonly shapes: readonly Shape[];
  /** Throws the sentence unless the condition holds. */
  check(condition: boolean, sentence: () => string): void;
  /** Throws unless so many examples make so many steps. */
  checkSteps(steps: number, count: number, batchSize: number, who: string): void;
  /** The order of an epoch of so many examples. */
  order(count: number, epoch: number): Uint32Array;
  /** The classes' factors, where fit has classWeight: they are part of the data's identity. */
  readonly factors: Float32Array | null;
  /** Checks a batch. */
  prepare(
    x: Inputs,
    y: Targets,
    sampleWeight?: SampleWeight,
  ): { readonly examples: PlainExamples; readonly count: number };
}

/** A feed of a source's examples, in the epoch's order. */
export function sourceFeed(
  source: Source,
  { who, batchSize, steps, shapes, check, checkSteps, order: orderOf, factors, prepare }: StreamUser,
): Feed {
  const { count, shape = [], dtype = 'uint8', targetShape = [] } = source;
  check(
    Number.isSafeInteger(count) && count > 0,
    () => `${who}'s source needs a count of at least 1, got ${String(count)}`,
  );
  const [needed, given] = [shapes, [shape]].map((all) => all.map((each) => `[n, ${each.join(', ')}]`).join(' and '));
  check(given === needed, () => `${who} needs x ${needed}, and its source gives ${given}`);
  if (steps !== undefined) checkSteps(steps, count, batchSize, who);
  const end = steps === undefined ? count : Math.min(count, steps * batchSize);
  const kinds = { uint8: Uint8Array, float32: Float32Array };
  check(
    Object.hasOwn(kinds, dtype),
    () => `${who}'s source has dtype '${String(dtype)}'; it must be 'uint8' or 'float32'`,
  );
  const read = async (order: Uint32Array, start: number): Promise<Batch> => {
    const size = Math.min(batchSize, end - start);
    const [xShape, yShape] = [
      [size, ...shape],
      [size, ...targetShape],
    ] as const;
    const x = new kinds[dtype](xShape.reduce((product, length) => product * length));
    const y = new Float32Array(yShape.reduce((product, length) => product * length));
    await source.read(order, start, size, { x, y });
    const { examples } = prepare({ data: x, shape: xShape }, { data: y, shape: yShape });
    return { start, count: size, examples, transfer: [x.buffer, y.buffer] };
  };
  return {
    count,
    held: null,
    ...(source.sha256 && {
      identity: async () => {
        const data = Uint8Array.from(await source.sha256!(), (character) => character.charCodeAt(0));
        return [[{ data, shape: [data.length] }], [], factors ? [factors] : undefined];
      },
    }),
    batches(epoch, seen) {
      const order = orderOf(count, epoch);
      let start = seen;
      return readAhead(() => {
        if (start >= end) return null;
        const batch = read(order, start);
        start += batchSize;
        return batch;
      }, AHEAD);
    },
  };
}

/** A feed of a generator's batches, in the order in which they come. */
export function generatorFeed(batches: Batches, user: StreamUser): Feed {
  const { who, gradientAccumulationSteps: most = 1, steps, check, prepare } = user;
  const batchSize = user.batchSize / most;
  const begin = (): BatchIterator => {
    const made = typeof batches === 'function' ? batches() : batches;
    check(
      typeof made === 'object' && made !== null && (Symbol.asyncIterator in made || Symbol.iterator in made),
      () => `${who} needs a generator of batches [x, y], or a function that returns one, got ${String(made)}`,
    );
    return Symbol.asyncIterator in made ? made[Symbol.asyncIterator]() : made[Symbol.iterator]();
  };
  const rest = typeof batches === 'function' ? null : begin();
  return {
    count: null,
    held: null,
    async *batches() {
      const iterator = rest ?? begin();
      let [start, taken, given] = [0, 0, 0];
      let ended = false;
      const next = async (): Promise<Part | null> => {
        const { done, value } = await iterator.next();
        ended = done === true;
        if (done) return null;
        check(
          Array.isArray(value as unknown) && (value.length === 2 || value.length === 3),
          () =>
            `${who}'s generator must give batches [x, y] or [x, y, sampleWeight], got ${Array.isArray(value as unknown) ? value.length : typeof value}`,
        );
        const part = prepare(...value);
        const { count } = part;
        // In fit each batch is part of a step; evaluate() splits larger ones, with the same result.
        check(
          who !== 'fit' || count <= batchSize,
          () =>
            `fit's generator gives a batch of ${count}, more than the batchSize of ${batchSize}; give smaller ones, or fit with that batchSize`,
        );
        // The generator may write its next batch into the same arrays, and is asked for it before this one is used.
        return { ...part, examples: joined([part], user) };
      };
      const step = async (): Promise<Batch | null> => {
        const parts: Part[] = [];
        while (!ended && parts.length < most) {
          const part = await next();
          if (part) parts.push(part);
        }
        if (parts.length === 0) return null;
        const count = parts.reduce((sum, part) => sum + part.count, 0);
        const examples = parts.length === 1 ? parts[0]!.examples : joined(parts, user);
        const batch = { start, count, examples, transfer: [] };
        start += count;
        given++;
        return batch;
      };
      try {
        yield* readAhead(() => (taken++ === steps ? null : step()), 1);
      } finally {
        if (!rest) await iterator.return?.();
      }
      check(
        start > 0,
        () => `${who}'s generator gives no batch in an epoch; give a function that returns a generator for each epoch`,
      );
      check(
        steps === undefined || given === steps,
        () =>
          `${who}'s generator ends after ${given} of the ${steps} ${most > 1 ? 'steps' : 'batches'} of an epoch; the model keeps what it has learned; lower stepsPerEpoch, or give a function that returns a generator for each epoch`,
      );
    },
  };
}

type Part = ReturnType<StreamUser['prepare']>;

/** The batches of a step as one, in memory of its own. */
function joined(parts: readonly Part[], { who, check }: StreamUser): PlainExamples {
  const all = parts.map(({ examples }) => examples);
  const join = (tensors: readonly Tensor[]): Tensor => {
    const [{ data: first, shape }] = tensors as readonly [Tensor];
    const formOf = ({ data, shape: [, ...example] }: Tensor): string =>
      `${Object.prototype.toString.call(data).slice(8, -1)} [n, ${example.join(', ')}]`.replace(', ]', ']');
    const forms = [...new Set(tensors.map(formOf))];
    check(
      forms.length === 1,
      () => `${who}'s generator gives ${forms.join(' and ')} in the batches of one step; give them in one form`,
    );
    const sizes = tensors.map(({ data }) => data.length);
    const data = new (first.constructor as new (size: number) => typeof first)(sizes.reduce((a, b) => a + b));
    let at = 0;
    for (const each of tensors) {
      data.set(each.data, at);
      at += each.data.length;
    }
    return { data, shape: [tensors.reduce((sum, each) => sum + each.shape[0]!, 0), ...shape.slice(1)] };
  };
  const isTensor = (labels: Labels): labels is Tensor => 'shape' in labels;
  const joinLabels = (labels: readonly Labels[]): Labels => {
    const tensors = labels.filter(isTensor);
    check(
      tensors.length === 0 || tensors.length === labels.length,
      () => `${who}'s generator gives y as arrays and as tensors in the batches of one step; give it in one form`,
    );
    return tensors.length > 0 ? join(tensors) : labels.flatMap((each) => Array.from(each as ArrayLike<number>));
  };
  const [xs, labels] = all[0]!;
  const isWeighed = all.some(([, , weights]) => weights);
  const weightsOf = (k: number): Float32Array =>
    Float32Array.from(
      parts.flatMap(({ examples, count }) => [...(examples[2]?.[k] ?? new Float32Array(count).fill(1))]),
    );
  return [
    xs.map((_, i) => join(all.map(([each]) => each[i]!))),
    labels.map((_, k) => joinLabels(all.map(([, each]) => each[k]!))),
    isWeighed ? labels.map((_, k) => weightsOf(k)) : undefined,
  ];
}

/** What `start` begins, `depth` of them before they are used, up to the first null. */
async function* readAhead<T>(start: () => Promise<T | null> | null, depth: number): AsyncGenerator<T> {
  const begun: Promise<T | null>[] = [];
  const fill = (): void => {
    while (begun.length < depth) {
      const next = start();
      if (!next) return;
      // Told where it is awaited.
      next.catch(() => {});
      begun.push(next);
    }
  };
  try {
    for (fill(); begun.length > 0;) {
      const item = await begun.shift()!;
      if (item === null) return;
      fill();
      yield item;
    }
  } finally {
    await Promise.allSettled(begun);
  }
}
