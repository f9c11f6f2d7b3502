// The public door of the core; re-exports only.
// The kernels come first, as they are no source code: gzip then sees all of the code in one piece.
/**
 * The engine, for any host: Node, Deno, Bun, pages and workers. Models, training, saved models, and namespaces of layers, losses, metrics, optimizers and schedules.
 *
 * ```js
 * import { sequential, layers, adam, loadModel } from 'wasm-cnn';
 * ```
 *
 * @module wasm-cnn
 */
export {} from './engine/modules/core.generated.js';
export {} from './base/hostTypes.js';
export { Model } from './model/model.js';
export { cloneModel, type CloneOptions } from './model/cloneModel.js';
export { ModelLayer } from './model/modelLayer.js';
export { sequential, Sequential, type SequentialOptions } from './model/sequential.js';
export { input, model, Functional, type FunctionalOptions, type InputOptions } from './model/functional.js';
export type { SymbolicTensor } from './layers/layer.js';
export type { Inputs, Targets } from './training/inputs.js';
export type { CompileOptions } from './model/compile.js';
export type { EvaluateOptions } from './training/evaluate.js';
export type { FitOptions } from './training/fit.js';
export type { BatchOptions } from './training/onBatch.js';
export type { Batches, Source, SourceBatch } from './training/source.js';
export type { CallbackState, FitState, History } from './training/fitState.js';
export * from './callbacks/index.js';
export {
  type WorkerFactory,
  type WorkerHandle,
  type WorkerHost,
  type WorkerMessage,
  type WorkerStart,
  type WorkerThread,
  makeWorker,
} from './engine/workers.js';
export { makeWorkerFactory } from './engine/workerPool.js';
export type { Threads } from './engine/engine.js';
export type { Numerics } from './engine/build.js';
export { loadKernels, type KernelsSource } from './engine/loadKernels.js';
export type { Background, TrainedModel } from './training/executor.js';
export { augmentedBatch, type AugmentedBatchOptions } from './training/augmentedBatch.js';
export { profile, type ProfileRow } from './training/profile.js';
export type { Logs } from './training/session.js';
export type { Labels } from './training/labels.js';
/** All losses, for compile(). */
export * as losses from './losses/index.js';
/** All metrics, for compile(). */
export * as metrics from './metrics/index.js';
/** What brings a layer's weights back after each step: kernelConstraint, biasConstraint … */
export * as constraints from './constraints/index.js';
/** Penalties on a layer's weights or outputs, added to the loss: kernelRegularizer, biasRegularizer … */
export * as regularizers from './regularizers/index.js';
/** What a layer's weights are before training: kernelInitializer, biasInitializer … */
export * as initializers from './initializers/index.js';
/** All layers, for sequential() and model(). */
export * as layers from './layers/index.js';
/** All optimizers, for compile(). */
export * as optimizers from './optimizers/all.js';
/** Learning rates that change from step to step, for an optimizer. */
export * as schedules from './schedules/all.js';
export { adam, type AdamOptions } from './optimizers/adam.js';
export type { Optimizer, OptimizerName } from './optimizers/optimizer.js';
export type { LossName } from './losses/index.js';
export type { MetricName } from './metrics/index.js';
export { linearDecay, type LinearDecayOptions } from './schedules/linearDecay.js';
export type { LearningRate, Schedule } from './schedules/schedule.js';
export type { Classification, Classifications, Classify, ClassifyOptions } from './data/classifier/classify.js';
export type { ImageLike } from './images/pictureOf.js';
export { loadModel, type LoadedModel, type LoadOptions } from './model/load.js';
export type { SaveOptions } from './model/pack.js';
export type { Tensor, TensorData } from './base/tensor.js';
export type { Shape } from './base/shape.js';
export { networks } from './networks/index.js';
export {
  decodePredictions,
  preprocessInput,
  type DecodedPrediction,
  type DecodeOptions,
  type Scale,
} from './networks/preprocessing.js';
export type { PretrainableOptions } from './networks/options.js';
export type { LoadedWeights, LoadWeightsOptions } from './model/loadWeights.js';
export { referenceNetwork, type ReferenceNetworkOptions } from './networks/reference.js';
export * from './understanding/index.js';
export { WasmCnnError } from './base/errors.js';
