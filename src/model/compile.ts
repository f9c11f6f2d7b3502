// What compile() is told, and what that becomes.
import type { Numerics } from '../engine/build.js';
import type { WorkerFactory } from '../engine/workers.js';
import { check } from '../base/errors.js';
import { makeLoss, type Loss, type LossName } from '../losses/index.js';
import { makeMetric, type Metric, type MetricFunction, type MetricName } from '../metrics/index.js';
import { checkOptimizer, makeOptimizer } from '../optimizers/makeOptimizer.js';
import type { Optimizer, OptimizerName } from '../optimizers/optimizer.js';
import { checkNumber, checkOptions, describe, isRecord } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import type { Background } from '../training/executor.js';
import type { Compiled, CompiledOutput } from '../training/session.js';

/** Something for the one output; or for several, in their order or by their names. */
export type PerOutput<T> = T | readonly T[] | Readonly<Record<string, T>>;

/** Editors complete the names; any text compiles, as in options that are put together elsewhere, and is checked when it is used. */
type Known<Name> = Name | (string & Record<never, never>);

type GivenMetric = Known<MetricName> | Metric | MetricFunction;

/** Options of `model.compile`. */
export interface CompileOptions {
  /** 'adam', or adam({ learningRate: … }). */
  readonly optimizer: Known<OptimizerName> | Optimizer;
  /** 'categoricalCrossentropy', or losses.huber({ delta: … }); for several outputs one each, null for one without. */
  readonly loss: PerOutput<Known<LossName> | Loss | null>;
  /** What each output's loss is multiplied by in the sum that is trained; default 1. */
  readonly lossWeights?: PerOutput<number>;
  /** 'accuracy', metrics.precision({ … }), or a function of your own; for several outputs an array each, or one for all that have a loss. */
  readonly metrics?: readonly GivenMetric[] | PerOutput<readonly GivenMetric[]>;
  /** Examples of a step of fit(), for which memory is planned; default 32. */
  readonly batchSize?: number;
  /** Worker threads, e.g. workers() of wasm-cnn/node; without them one thread does everything. The bits are the same. */
  readonly workers?: WorkerFactory;
  /** 'exact' (default): bit-identical on every host. 'fused': faster, with other results (see Numerics). */
  readonly numerics?: Numerics;
  /** A thread in which fit() makes its steps; null: the calling one. Default: null, but on a page background(). */
  readonly background?: Background | null;
  /** Kernels of loadKernels() in place of those that are built in. */
  readonly wasm?: WebAssembly.Module;
}

/** What says how a model is to run, and not what it is. */
export type HostOptions = Pick<CompileOptions, 'workers' | 'numerics' | 'background' | 'wasm'>;

export function checkHost({ workers, numerics = 'exact', background = null }: HostOptions, who: string): void {
  check(
    workers === undefined || typeof workers?.open === 'function',
    () =>
      `${who}'s workers must be what workers() of wasm-cnn/node or wasm-cnn/browser gives, got ${describe(workers)}; write workers(${typeof workers === 'number' ? workers : 2}) for ${typeof workers === 'number' ? workers : 2} threads, or leave it out for one`,
  );
  check(
    numerics === 'exact' || numerics === 'fused',
    () => `${who}'s numerics must be 'exact' or 'fused', got ${describe(numerics)}`,
  );
  check(
    background === null || typeof background.open === 'function',
    () => `${who}'s background must be what background() of wasm-cnn/node gives, or null, got ${describe(background)}`,
  );
}

/** Throws at an option that is not one, or names nothing. `outputs` are the names of the model's. */
export function compiledOf(options: CompileOptions, outputs: readonly string[]): Compiled {
  checkOptions(
    options,
    ['optimizer', 'loss', 'lossWeights', 'metrics', 'batchSize', 'workers', 'numerics', 'background', 'wasm'],
    'compile',
  );
  checkHost(options, 'compile');
  const { loss, lossWeights, metrics = [], batchSize = 32, numerics = 'exact' } = options;
  const optimizer = typeof options.optimizer === 'string' ? makeOptimizer(options.optimizer) : options.optimizer;
  checkOptimizer(optimizer);
  check(
    Array.isArray(metrics) || isRecord(metrics),
    () => `compile needs its metrics as an array, got ${describe(metrics)}`,
  );
  const isLoss = (value: unknown): boolean => typeof value === 'string' || (isRecord(value) && 'build' in value);
  const given = perOutput<Known<LossName> | Loss | null>(
    loss,
    outputs,
    'loss',
    (value) => value === null || isLoss(value),
  );
  const weights = perOutput<number>(lossWeights ?? 1, outputs, 'lossWeights', (value) => typeof value === 'number');
  const isList = (value: unknown): boolean => Array.isArray(value) && !value.some((each) => Array.isArray(each));
  const lists = perOutput<readonly GivenMetric[]>(metrics, outputs, 'metrics', isList);
  const made = outputs.map((name, i): CompiledOutput | null => {
    check(
      given[i] !== undefined || outputs.length === 1,
      () => `compile's loss has none for ${name}; give it one, or null, with which it is not trained`,
    );
    if (given[i] === null) {
      for (const [what, named] of Object.entries({ lossWeights, metrics }))
        check(
          !isRecord(named) || !Object.hasOwn(named, name),
          () => `compile's ${what} has ${name}, whose loss is null; leave it out`,
        );
      return null;
    }
    const weight = weights[i] ?? 1;
    checkNumber(
      weight,
      (value) => value >= 0 && Math.fround(value) < Infinity,
      `compile's lossWeights of ${name} must be at least 0`,
    );
    return { name, loss: makeLoss(given[i]!), weight, metrics: metricsOf(lists[i] ?? []) };
  });
  check(
    made.some((output) => output !== null && output.weight > 0),
    () => `compile needs a loss that weighs more than 0 for one output; there is ${outputs.join(', ')}`,
  );
  return { optimizer, outputs: made, batchSize: checkWhole(batchSize, 'batchSize'), numerics };
}

function metricsOf(list: readonly GivenMetric[]): readonly Metric[] {
  const made = list.map(makeMetric);
  const names = made.map(({ name }) => name);
  check(
    new Set(names).size === names.length,
    () => `compile's metrics name one twice: ${names.join(', ')}; leave one out`,
  );
  return made;
}

/** One of `given` for each output: the same for all, one each in order, or by name; undefined where a name is left out. */
function perOutput<T>(
  given: PerOutput<T>,
  outputs: readonly string[],
  what: string,
  isOne: (value: unknown) => boolean,
): readonly (T | undefined)[] {
  if (isOne(given) || (outputs.length === 1 && !Array.isArray(given) && !isRecord(given)))
    return outputs.map(() => given as T);
  if (Array.isArray(given)) {
    check(
      given.length === outputs.length,
      () => `compile needs its ${what} for ${outputs.length} outputs (${outputs.join(', ')}), got ${given.length}`,
    );
    return given as readonly T[];
  }
  check(isRecord(given), () => `compile needs its ${what} for ${outputs.join(', ')}, got ${describe(given)}`);
  const unknown = Object.keys(given).find((name) => !outputs.includes(name));
  check(
    unknown === undefined,
    () => `compile's ${what}: '${unknown}' is no output of the model; its outputs are ${outputs.join(', ')}`,
  );
  return outputs.map((name) => (given as Record<string, T>)[name]);
}
