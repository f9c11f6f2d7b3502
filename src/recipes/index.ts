// What npm run train and the demo page share: settings, data, records and identities of a run. Re-exports only.
/**
 * What `npm run train` and the interactive page share, for any host: recipes, the split, the records and the SHA-256 of a run, so that a run can begin in one and end in the other.
 *
 * ```js
 * import { recipes, splitForRun } from 'wasm-cnn/recipes';
 * ```
 *
 * @module wasm-cnn/recipes
 */
export { classifierFor } from '../data/classifier/facts.js';
export {
  classifierFactsOf,
  countAfterSplit,
  countBeforeSplit,
  dataFactsOf,
  drawnCountFor,
  runDataSha256,
  splitForRun,
  withDrawnDigits,
  withTestImages,
  type DataFacts,
  type RunSplit,
} from './data.js';
export { datasetBytes, sha256Of, weightsBytes } from './identity.js';
export {
  epochRecords,
  runRecord,
  type EpochCurve,
  type EpochRecord,
  type EpochRecords,
  type RunRecord,
} from './records.js';
export type { Recipe, RecipeForm } from './recipe.js';
export {
  areSettingsOf,
  averagingOf,
  compileRun,
  makeEarlyStopping,
  recipeOf,
  recipes,
  stepsOf,
  usualSettings,
  type RecipeName,
  type RunFacts,
  type RunSettings,
} from './settings.js';
