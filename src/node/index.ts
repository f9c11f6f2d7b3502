// The Node edge: data sets, files, threads, a canvas. Re-exports only.
export {} from '../hostTypes.js';
export { background } from './background.js';
export { openCanvas, type CanvasLibrary } from './canvas.js';
export { checkpointFolder, loadNewestCheckpoint, type LoadedCheckpoint } from './checkpointFolder.js';
export { enableFused } from './fused.js';
export { loadModelFile, saveModelFile } from './modelFile.js';
export { openDataset, type OpenDatasetOptions } from './openDataset.js';
export { readPng } from './png.js';
export { workers } from './workers.js';
