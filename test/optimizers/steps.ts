// Steps of optimizers with given gradients: on an engine, in the kernels, and in f64 by the formulas.
import { layers, optimizers, sequential, type Model, type Optimizer } from '../../src/index.js';
import { trainProgram } from '../../src/compiler/trainingProgram.js';
import type { WorkerFactory } from '../../src/index.js';
import { optimizerStep, type Common, type State, type Tensor } from '../reference/optimizers.js';

export type Options = Record<string, unknown>;

/** Keras' defaults; options that are true are 1. */
const defaults: Record<string, { readonly learningRate: number; readonly [option: string]: number }> = {
  sgd: { learningRate: 0.01, momentum: 0, nesterov: 0 },
  rmsprop: { learningRate: 0.001, rho: 0.9, momentum: 0, epsilon: 1e-7, centered: 0 },
  adam: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, amsgrad: 0 },
  adamw: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, amsgrad: 0, weightDecay: 0.004 },
  nadam: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  adagrad: { learningRate: 0.001, initialAccumulatorValue: 0.1, epsilon: 1e-7 },
  adadelta: { learningRate: 0.001, rho: 0.95, epsilon: 1e-7 },
  lion: { learningRate: 0.001, beta1: 0.9, beta2: 0.99 },
};

export function make(name: string, options: Options): Optimizer {
  return (optimizers as unknown as Record<string, (options: Options) => Optimizer>)[name]!(options);
}

/** A dense layer: its kernel and bias are the weights. */
export function denseModel(inputs: number, units: number, optimizer: Optimizer, workers?: WorkerFactory): Model {
  const model = sequential({ inputShape: [inputs], layers: [layers.dense({ units })] });
  model.compile({ optimizer, loss: 'meanSquaredError', batchSize: 1, ...(workers && { workers }) });
  return model;
}

/** The steps of the model's optimizer with these gradients of all weights, one after another. */
export function runSteps(model: Model, gradients: readonly Float32Array[], each: (t: number) => void = () => {}): void {
  const session = model.training();
  const { engine, compiled } = session;
  const { optimizer } = compiled!;
  for (const g of gradients) {
    const t = ++session.step;
    engine.gradients.set(g);
    engine.scalars.set(optimizer.scalars(t, optimizer.schedule.at(t)));
    engine.run('update alone', (worker) =>
      trainProgram(engine.plan, optimizer, { count: 1, pixels: false }, worker).filter(
        ({ name }) => name === 'norms' || name === 'update',
      ),
    );
    each(t);
  }
}

/** The same in f64, of tensors `sizes` long; weights after each step, and what the optimizer keeps. */
export function referenceSteps(
  name: string,
  options: Options,
  start: ArrayLike<number>,
  gradients: readonly ArrayLike<number>[],
  sizes: Readonly<Record<string, number>>,
  rateOf: (t: number) => number = () => (options['learningRate'] as number) ?? defaults[name]!.learningRate,
): { readonly weights: number[][]; readonly states: readonly State[] } {
  const own = Object.fromEntries(
    Object.entries({ ...defaults[name], ...options }).map(([key, value]) => [key, Number(value)]),
  );
  let at = 0;
  const tensors = Object.entries(sizes).map(([tensor, size]) => {
    const from = at;
    at += size;
    const w = Float64Array.from(start).slice(from, from + size);
    return { name: tensor, w, from, size, state: {} as State };
  });
  const weights = gradients.map((g, i) => {
    const step = tensors.map(({ from, size, ...tensor }): Tensor => ({
      ...tensor,
      g: Float64Array.from(g).slice(from, from + size),
    }));
    const { weightDecay = null } = { ...defaults[name], ...options } as { weightDecay?: number | null };
    optimizerStep(
      name,
      step,
      i + 1,
      { ...(options as unknown as Common), learningRate: rateOf(i + 1), weightDecay },
      own,
    );
    return tensors.flatMap(({ w }) => [...w]);
  });
  return { weights, states: tensors.map(({ state }) => state) };
}
