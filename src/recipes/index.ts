// What npm run train and the demo page share: settings, data, records and identities of a run. Re-exports only.
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
} from './data.js';
export { datasetBytes, sha256Of, weightsBytes } from './identity.js';
export { epochRecords, runRecord, type EpochRecord, type EpochRecords, type RunRecord } from './records.js';
export type { Recipe } from './recipe.js';
export {
  areSettingsOf,
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
