// The Node edge: data sets, files and pictures. Re-exports only.
export {} from '../hostTypes.js';
export { background } from './background.js';
export { openCanvas, type CanvasLibrary } from './canvas.js';
export { checkpointFolder, loadNewestCheckpoint, type LoadedCheckpoint } from './checkpointFolder.js';
export { enableFused } from './fused.js';
export { loadModelFile, saveModelFile } from './modelFile.js';
export { openDataset, type OpenDatasetOptions } from './openDataset.js';
export { readPng } from './png.js';
export { workers } from './workers.js';
export { prepareDigit, type GrayPicture, type PreparedDigit } from '../data/digitImage.js';
export { drawConfusionMatrix } from '../plots/confusionMatrix.js';
export { drawDigitSteps } from '../plots/digitSteps.js';
export { drawSampleGrid } from '../plots/sampleGrid.js';
export { drawTrainingCurves } from '../plots/trainingCurves.js';
