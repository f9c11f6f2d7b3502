// The work that fit orders: steps of an epoch, and a validation after it. Made here on the calling thread; background/ has it made elsewhere.
import { epochOrder } from './batches.js';
import type { Threads } from '../engine/engine.js';
import type { FitState } from './fitState.js';
import type { Tensor } from '../base/tensor.js';
import type { Labels } from './labels.js';
import type { InputScale } from './inputScale.js';
import type { Inputs, Targets } from './inputs.js';
import type { OwnBytes } from '../base/hostTypes.js';
import type { ModelArchive } from '../formats/archive.js';
import type { Plan } from '../compiler/plan.js';
import type { Variable } from '../graph/variable.js';
import type { Compiled, Logs, Trainer } from './trainer.js';

/** A tensor for each input, and labels for each loss; checked, plain objects. */
export type PlainExamples = readonly [xs: readonly Tensor[], labels: readonly Labels[]];

export interface StepsData {
  readonly examples: PlainExamples;
  readonly validation: PlainExamples | undefined;
}

/** What decides the numbers, beside data and model. */
export type StepsSettings = Pick<FitState, 'seed' | 'shuffle'>;

export interface Steps {
  readonly threads: Threads;
  /** One step on examples [start, start + count) of the epoch's order. Gives `totals` with their loss and metrics added. */
  train(epoch: number, start: number, count: number, totals: Logs): Promise<Logs>;
  /** Loss and metrics of the validation data. */
  evaluate(): Promise<Logs>;
  /** Nothing is ordered any more. */
  end(): void;
}

/** A model as fit, its callbacks and its background know it. */
export interface TrainedModel {
  readonly name: string;
  readonly seed: number;
  /** Set it to true in a callback to end fit() after the current batch. */
  stopTraining: boolean;
  fitState: (() => FitState) | null;
  readonly inputScale: InputScale;
  readonly compiled: Compiled | null;
  readonly plan: Plan | null;
  readonly parameters: readonly Variable[];
  readonly step: number;
  readonly threads: Threads;
  readonly wasm: WebAssembly.Module | undefined;
  training(batchSize?: number): Trainer;
  openSteps(data: StepsData, settings: StepsSettings): Promise<Steps>;
  predict(x: Inputs): Promise<Tensor<Float32Array>>;
  evaluate(x: Inputs, y: Targets): Promise<Logs>;
  countParams(): number;
  getWeights(): Tensor<Float32Array>[];
  setWeights(weights: readonly Tensor[]): void;
  setWeightsInTurn(weights: readonly Tensor[]): Promise<void>;
  /** As plain data, with the optimizer's state. */
  pack(): ModelArchive;
  save(options?: { readonly includeOptimizer?: boolean; readonly facts?: unknown }): OwnBytes;
}

/** Another thread that makes the steps: background() of wasm-cnn/node, or of a page. */
export interface Background {
  /** The model is compiled, and stays with the caller; the steps are made on so many threads. */
  open(model: TrainedModel, data: StepsData, settings: StepsSettings, threads: number): Promise<Steps>;
}

/** Waits for the trainer's threads. The event loop has its turn between two steps. */
export async function stepsHere(
  trainer: Trainer,
  { examples: [xs, labels], validation: held }: StepsData,
  { seed, shuffle }: StepsSettings,
): Promise<Steps> {
  const examples = trainer.examples(xs, labels, 'fit');
  const validation = held && trainer.examples(...held, "fit's validationData");
  let ordered = -1;
  let order: Uint32Array;
  await trainer.engine.ready();
  return {
    threads: trainer.engine.threads,
    async train(epoch, start, count, totals) {
      if (epoch !== ordered) order = epochOrder(examples.count, seed, epoch, shuffle);
      ordered = epoch;
      await trainer.pause();
      await trainer.turns.write(() => {
        trainer.seed = seed;
        trainer.train(examples, order, start, count, totals);
      });
      return totals;
    },
    evaluate: () => trainer.evaluate(validation!),
    end() {},
  };
}
