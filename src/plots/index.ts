// Pictures on any canvas: a page's, node-canvas', @napi-rs/canvas'. Needs chart.js. Re-exports only.
/**
 * Pictures on any canvas, a page's, node-canvas' or @napi-rs/canvas': samples, training curves, a confusion matrix. Needs chart.js.
 *
 * ```js
 * import { drawSampleGrid, drawTrainingCurves } from 'wasm-cnn/plots';
 * ```
 *
 * @module wasm-cnn/plots
 */
export { drawAugmentedBatch, type AugmentedBatchPlotOptions } from './augmentedBatch.js';
export { drawContactSheet, type ContactSheetOptions } from './contactSheet.js';
export { drawConfusionMatrix } from './confusionMatrix.js';
export { drawDigitSteps } from './digitSteps.js';
export { drawLearningRate, type LearningRateFigures, type LearningRateOptions } from './learningRate.js';
export { drawSampleGrid } from './sampleGrid.js';
export { drawTrainingCurves } from './trainingCurves.js';
