// The Node edge: data sets, files, threads, a canvas. Re-exports only.
/**
 * What Node, Deno and Bun add: data sets and folders of pictures from disk, model files, checkpoints, threads, TensorBoard, a canvas.
 *
 * ```js
 * import { openDataset, saveModelFile, workers } from 'wasm-cnn/node';
 * ```
 *
 * @module wasm-cnn/node
 */
export {} from '../base/hostTypes.js';
export { background } from './threads/background.js';
export { openCanvas, type CanvasLibrary } from './images/canvas.js';
export { csvFile } from './files/csvFile.js';
export { checkpointFolder, loadNewestCheckpoint, type LoadedCheckpoint } from './files/checkpointFolder.js';
export { enableFused } from './threads/fused.js';
export { enableWideVectors, type Vectors } from './threads/wideVectors.js';
export { imageFolder, type ImageFolderOptions } from './dataset/imageFolder.js';
export type { ImageSource } from '../data/imageFolder/imageSource.js';
export { loadModelFile, saveModelFile } from './files/modelFile.js';
export { openDataset, type OpenDatasetOptions } from './dataset/openDataset.js';
export { readImage, readPng } from './images/readImage.js';
export { tensorBoard, type TensorBoard, type TensorBoardOptions } from './files/tensorBoard.js';
export { tfjsFiles } from './files/tfjsFiles.js';
export { workers } from './threads/workers.js';
