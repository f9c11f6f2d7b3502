// Data sets for any host: the built-in digits, MNIST's files, a picture of a digit. Re-exports only.
export { builtinDigits, type BuiltinDigitsOptions } from './digits.js';
export { type Dataset, type Examples } from './dataset.js';
export { prepareDigit, type GrayPicture, type PreparedDigit } from './digitImage.js';
