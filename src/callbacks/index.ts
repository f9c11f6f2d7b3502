// Every callback that comes along.
export type { Callbacks } from './callback.js';
export { csvLogger, type CSVLogger, type CSVLoggerOptions } from './csvLogger.js';
export { earlyStopping, type EarlyStopping, type EarlyStoppingOptions } from './earlyStopping.js';
export { lambdaCallback } from './lambdaCallback.js';
export {
  learningRateScheduler,
  type LearningRateScheduler,
  type LearningRateSchedulerOptions,
} from './learningRateScheduler.js';
export { maxTime, type MaxTime, type MaxTimeOptions } from './maxTime.js';
export { modelCheckpoint, type ModelCheckpointOptions } from './modelCheckpoint.js';
export type { MonitorOptions } from './monitor.js';
export { pauseSwitch, type PauseSwitch } from './pauseSwitch.js';
export { reduceLROnPlateau, type ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './reduceLROnPlateau.js';
export { swa, type SWA, type SWAOptions } from './swa.js';
