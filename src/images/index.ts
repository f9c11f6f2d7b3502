// 'wasm-cnn/images': bytes of image files → pixels → inputs of a network, the same on every host. Re-exports only.
/**
 * Bytes of PNG, JPEG, WebP, GIF and BMP files to pixels, and pixels to inputs of a network: the same bytes on every host.
 *
 * ```js
 * import { decodeImage, imageToInput } from 'wasm-cnn/images';
 * ```
 *
 * @module wasm-cnn/images
 */
export {} from '../base/hostTypes.js';
export { classifierFacts, type ClassifierFacts, type ClassifierFactsOptions } from './classifierFacts.js';
export { decodeImage, type DecodeOptions } from './decode.js';
export { imageInput, imageToInput, type ImageInput, type ImageInputOptions } from './imageInput.js';
export { drawingOf } from './drawing.js';
export type { Picture } from './picture.js';
export { WasmCnnError } from '../base/errors.js';
