// The engine in a browser: what 'wasm-cnn' is there. A page's models train in the background, unless compile({ background: null }) says otherwise.
/**
 * What `wasm-cnn` is in a browser: all of `wasm-cnn`, and Web Workers, training in the background and files that a person chose. `wasm-cnn/bundle` is the same in one folder of files, for pages without a bundler.
 *
 * ```js
 * import { sequential, layers, workers } from 'wasm-cnn/browser';
 * ```
 *
 * @module wasm-cnn/browser
 */
import { Model } from '../index.js';
import { background } from './background.js';

export * from '../index.js';
export { background } from './background.js';
export { imageFolder, openDataset } from './data/folders.js';
export type { OpenDatasetOptions, PageDataset } from './data/read.js';
export type { GivenData, GivenItem, LabeledImage } from './data/given.js';
export type { ImageFolderOptions } from '../data/imageFolder/folderOptions.js';
export type { ImageSource } from '../data/imageFolder/imageSource.js';
export { workers } from './workers.js';

// In a worker, and where pages are tested without a browser, the calling thread trains.
if (typeof document !== 'undefined' && typeof Worker !== 'undefined') Model.usualBackground = background();
