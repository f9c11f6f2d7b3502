// Sweeps over hyperparameters, seeds and folds, in one process or on many machines: wasm-cnn/sweep. Re-exports only.
/**
 * Sweeps over hyperparameters, seeds and folds, in one process or on many machines.
 *
 * ```js
 * import { folderStore, sweep } from 'wasm-cnn/sweep';
 * ```
 *
 * @module wasm-cnn/sweep
 */
export { folderStore } from './folderStore.js';
export {
  sweep,
  type OnServer,
  type RunSweepOptions,
  type Sweep,
  type SweepOptions,
  type SweepResult,
} from './sweep.js';
export type { WatchedSweep, WatchedTrial, TrialReport, TrialState } from './watched.js';
export type { Plan, SweepDefinition, Task, Trial, TrialBasis, TrialResult } from '../../sweep/plan.js';
export type { CheckpointStore, TrialFitOptions, TrialForm, TrialProgress } from '../../sweep/runTrial.js';
export type { Rung, Search } from '../../sweep/search.js';
export type { Config, Dimension, Space, Value } from '../../sweep/space.js';
export type { SettingSummary, SweepTable, TableRow } from '../../sweep/table.js';
