// Pictures on any canvas: a page's, node-canvas', @napi-rs/canvas'. Needs chart.js. Re-exports only.
export { drawAugmentedBatch, type AugmentedBatchPlotOptions } from './augmentedBatch.js';
export { drawContactSheet, type ContactSheetOptions } from './contactSheet.js';
export { drawConfusionMatrix } from './confusionMatrix.js';
export { drawDigitSteps } from './digitSteps.js';
export { drawLearningRate, type LearningRateFigures, type LearningRateOptions } from './learningRate.js';
export { drawSampleGrid } from './sampleGrid.js';
export { drawTrainingCurves } from './trainingCurves.js';
