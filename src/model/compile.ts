// What compile() is told, and what that becomes.
import type { Numerics } from '../engine/kernels.js';
import type { WorkerFactory } from '../engine/workers.js';
import { check } from '../base/errors.js';
import { makeLoss, type Loss } from '../losses/index.js';
import { makeMetric, type Metric } from '../metrics/index.js';
import { checkOptimizer, makeOptimizer, type Optimizer } from '../optimizers/index.js';
import { checkOptions, describe } from '../base/options.js';
import type { Background } from '../training/steps.js';
import type { Compiled } from '../training/trainer.js';

export interface CompileOptions {
  /** 'adam', or adam({ learningRate: … }). */
  readonly optimizer: string | Optimizer;
  /** 'categoricalCrossentropy', or losses.huber({ delta: … }). */
  readonly loss: string | Loss;
  /** 'accuracy', or metrics.topKCategoricalAccuracy({ k: … }). */
  readonly metrics?: readonly (string | Metric)[];
  /** What memory is planned for; default 32. fit() with another size plans anew. */
  readonly batchSize?: number;
  /** Worker threads, e.g. workers() of wasm-cnn/node; without them one thread does everything. The bits are the same. */
  readonly workers?: WorkerFactory;
  /** 'exact' (default): the same bits on every host. 'fused': faster, with bits of its own (see Numerics). */
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
    workers === undefined || typeof workers?.start === 'function',
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

/** Throws at an option that is not one, or names nothing. */
export function compiledOf(options: CompileOptions): Compiled {
  checkOptions(
    options,
    ['optimizer', 'loss', 'metrics', 'batchSize', 'workers', 'numerics', 'background', 'wasm'],
    'compile',
  );
  checkHost(options, 'compile');
  const { loss, metrics = [], numerics = 'exact' } = options;
  const optimizer = typeof options.optimizer === 'string' ? makeOptimizer(options.optimizer) : options.optimizer;
  checkOptimizer(optimizer);
  check(Array.isArray(metrics), () => `compile needs its metrics as an array, got ${describe(metrics)}`);
  const made = metrics.map(makeMetric);
  const names = made.map(({ name }) => name);
  check(
    new Set(names).size === names.length,
    () => `compile's metrics name one twice: ${names.join(', ')}; leave one out`,
  );
  return { optimizer, loss: makeLoss(loss), metrics: made, numerics };
}
