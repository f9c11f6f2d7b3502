// The public door of the core; re-exports only.
export { sequential, Sequential, type CompileOptions, type SequentialOptions } from './model.js';
export { type FitOptions } from './fit.js';
export { type FitState, type History } from './fitState.js';
export { earlyStopping, modelCheckpoint, type Callbacks, type CallbackState, type EarlyStopping, type EarlyStoppingOptions, type ModelCheckpointOptions } from './callbacks/index.js';
export { type WorkerFactory, type WorkerHandle, type WorkerMessage, type WorkerStart, type WorkerThread, makeWorker } from './engine/workers.js';
export { type Threads } from './engine/engine.js';
export { type Numerics } from './engine/kernels.js';
export { type Logs } from './trainer.js';
export { type Labels } from './labels.js';
export * as layers from './layers/index.js';
export { adam, type AdamOptions, type Optimizer } from './optimizers/index.js';
export { linearDecay, type LinearDecayOptions, type Schedule } from './schedules/index.js';
export { loadModel, type LoadedModel, type LoadOptions } from './checkpoint/load.js';
export { type SaveOptions } from './checkpoint/save.js';
export { type Tensor, type TensorData } from './tensor.js';
export { type Shape } from './shape.js';
export { referenceNetwork, type ReferenceNetworkOptions } from './networks/reference.js';
export { WasmCnnError } from './errors.js';
