// Every callback that comes along.
export { type Callbacks } from './callback.js';
export { earlyStopping, type EarlyStopping, type EarlyStoppingOptions } from './earlyStopping.js';
export { modelCheckpoint, type ModelCheckpointOptions } from './modelCheckpoint.js';
export { pauseSwitch, type PauseSwitch } from './pauseSwitch.js';
