// Executes training steps and validation for fit(): here on the calling thread, in background/ on another one.
import { epochOrder } from './batches.js';
import type { Batch } from './feed.js';
import type { Threads } from '../engine/engine.js';
import type { FitState } from './fitState.js';
import type { Tensor } from '../base/tensor.js';
import type { InputScale } from './inputScale.js';
import type { Inputs, Targets } from './inputs.js';
import type { StepPart } from './mix.js';
import type { OwnBytes } from '../base/hostTypes.js';
import type { ModelArchive } from '../formats/archive.js';
import type { Plan } from '../compiler/plan.js';
import type { Variable } from '../graph/variable.js';
import type { Compiled, Logs, Session, Totals } from './session.js';
import { addUp, prepareAgain, train, type PlainExamples } from './steps.js';

/** What an executor holds from the beginning; null where batches bring their own. */
export interface ExecutorData {
  readonly examples: PlainExamples | null;
  readonly validation: PlainExamples | null;
}

/** What results depend on, beside data and model. */
export type ExecutorSettings = Pick<FitState, 'seed' | 'shuffle' | 'mixUp' | 'cutMix'>;

export interface TrainingExecutor {
  readonly threads: Threads;
  /** One step on a batch of the epoch. Returns `totals` with its loss and metrics added. */
  train(epoch: number, batch: Batch, totals: Totals): Promise<Totals>;
  /** Adds the loss and the metrics of a batch of the validation; null: of all that is held. */
  evaluate(batch: Batch | null, totals: Totals): Promise<Totals>;
  /** Releases the executor; no further calls. */
  end(): void;
}

/** A model as fit, its callbacks and its background know it. */
export interface TrainedModel {
  readonly name: string;
  readonly seed: number;
  /** Set it to true in a callback to end fit() after the current batch. */
  stopTraining: boolean;
  fitState: (() => FitState) | null;
  /** Epochs that fits have begun since compile(): the next one has another order of the examples. */
  epochsBegun: number;
  /** @internal */
  readonly inputScale: InputScale;
  readonly compiled: Compiled | null;
  readonly plan: Plan | null;
  readonly parameters: readonly Variable[];
  readonly step: number;
  /** The learning rate of the next step; setting it replaces the optimizer's, which must be a number, not a schedule. */
  learningRate: number;
  readonly optimizerSlots: ReadonlyMap<string, Float32Array>;
  readonly threads: Threads;
  /** @internal */
  readonly wasm: WebAssembly.Module | undefined;
  /** @internal */
  training(batchSize?: number): Session;
  /** Opens an executor in the background; null where the steps are made on the calling thread. @internal */
  openExecutor(data: ExecutorData, settings: ExecutorSettings): Promise<TrainingExecutor | null>;
  predict(x: Inputs): Promise<Tensor<Float32Array>>;
  evaluate(x: Inputs, y: Targets): Promise<Logs>;
  countParams(): number;
  getWeights(): Tensor<Float32Array>[];
  setWeights(weights: readonly Tensor[]): void;
  setWeightsInTurn(weights: readonly Tensor[]): Promise<void>;
  /** The model as plain data, with the optimizer's state. @internal */
  pack(): ModelArchive;
  save(options?: { readonly includeOptimizer?: boolean; readonly facts?: unknown }): OwnBytes;
}

/** Another thread that executes the steps: background() of wasm-cnn/node, or of a page. */
export interface Background {
  /** The model is compiled, and stays with the caller; the steps run on so many threads. */
  open(model: TrainedModel, data: ExecutorData, settings: ExecutorSettings, threads: number): Promise<TrainingExecutor>;
}

/** Waits for the threads. Yields to the event loop between two steps. */
export async function localExecutor(
  session: Session,
  { examples, validation }: ExecutorData,
  settings: ExecutorSettings,
): Promise<TrainingExecutor> {
  const { seed, shuffle } = settings;
  const mixes = settings.mixUp !== null || settings.cutMix !== null ? await import('./mix.js') : null;
  const [training, validating] = ['fit', "fit's validationData"] as const;
  const own = examples && prepareAgain(session, examples, training);
  const held = validation && prepareAgain(session, validation, validating);
  let orderedEpoch = -1;
  let order: Uint32Array;
  await session.engine.ready();
  return {
    threads: session.engine.threads,
    async train(epoch, { examples: given, start, count }, totals) {
      if (own && epoch !== orderedEpoch) order = epochOrder(own.count, seed, epoch, shuffle);
      orderedEpoch = epoch;
      const batch = given && prepareAgain(session, given, training);
      await session.yieldToEventLoop();
      await session.lock.write(() => {
        session.seed = seed;
        const examples = batch ?? own!;
        const step = session.step + 1;
        const mixed = mixes && ((part: StepPart) => mixes.mix(session.engine, settings, examples, step, part));
        train(session, examples, batch ? null : order, batch ? 0 : start, count, totals, mixed);
      });
      return totals;
    },
    evaluate: (batch, totals) =>
      addUp(session, batch ? prepareAgain(session, batch.examples!, validating) : held!, totals),
    end() {},
  };
}
