// Data sets for any host: the built-in digits, MNIST's files, a picture of a digit. Re-exports only.
/**
 * Data sets for any host: the built-in digits, MNIST's files from their bytes, splits, and MNIST's image of a picture of a digit.
 *
 * ```js
 * import { builtinDigits, stratifiedSplit } from 'wasm-cnn/data';
 * ```
 *
 * @module wasm-cnn/data
 */
export { builtinDigits, europeanDigits, type BuiltinDigitsOptions } from './digits/digits.js';
export { digitStrokes } from './digits/digitStrokes.js';
export type { ClassLabels, Dataset, Examples, GivenExamples, TestedDataset } from './dataset.js';
export { kFold, type KFoldOptions } from './folds.js';
export { stratifiedSplit, type Split, type StratifiedSplitOptions } from './split.js';
export { dataSha256 } from './dataSha256.js';
export { isGzip, longestIdxHeader, readIdxHeader, type IdxHeader, type IdxKind } from './idx.js';
export { datasetFromIdx, mnistFiles, mnistSha256, type IdxFile, type MnistFile, type MnistPart } from './mnist.js';
export { normalizeDigit, type NormalizedDigit } from './digitImage/normalizeDigit.js';
export { prepareDigit, prepareDigitAsync, type GrayPicture, type PreparedDigit } from './digitImage/digitImage.js';
export { verdictOf, type Verdict } from './verdict.js';
