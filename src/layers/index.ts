// Every layer, under the names of TF.js, a line each; classes.ts has them under Keras' class names, for files.
/**
 * The layers alone, under their names in TensorFlow.js. With `import * as layers from 'wasm-cnn/layers'` esbuild, too, leaves out layers that are not used.
 *
 * ```js
 * import * as layers from 'wasm-cnn/layers';
 * ```
 *
 * @module wasm-cnn/layers
 */
export { activation, type ActivationOptions } from './activation.js';
export { elu, leakyReLU, relu, softmax } from './activation.js';
export type { EluOptions, LeakyReLUOptions, ReluOptions } from './activation.js';
export { averagePooling2d, type AveragePooling2dOptions } from './averagePooling2d.js';
export { batchNormalization, type BatchNormalizationOptions } from './batchNormalization.js';
export { concatenate, type ConcatenateOptions } from './concatenate.js';
export { conv2d, type Conv2dOptions } from './conv2d.js';
export { conv2dTranspose, type Conv2dTransposeOptions } from './conv2dTranspose.js';
export { dense, type DenseOptions } from './dense.js';
export { depthwiseConv2d, type DepthwiseConv2dOptions } from './depthwiseConv2d.js';
export { dropout, type DropoutOptions } from './dropout.js';
export { flatten } from './flatten.js';
export { globalAveragePooling2d, globalMaxPooling2d, type GlobalPooling2dOptions } from './globalPooling2d.js';
export type { Layer, LayerOptions } from './layer.js';
export { layerNormalization, type LayerNormalizationOptions } from './layerNormalization.js';
export { maxPooling2d, type MaxPooling2dOptions } from './maxPooling2d.js';
export { prelu, type PreluOptions } from './prelu.js';
export { separableConv2d, type SeparableConv2dOptions } from './separableConv2d.js';
export { add, average, maximum, minimum, multiply, subtract } from './merge.js';
export { cropping2d, zeroPadding2d, type Cropping2dOptions, type Sides, type ZeroPadding2dOptions } from './crop.js';
export { permute, reshape, type PermuteOptions, type ReshapeOptions } from './reshape.js';
export {
  centerCrop,
  resizing,
  upSampling2d,
  type CenterCropOptions,
  type ResizingOptions,
  type UpSampling2dOptions,
} from './resize.js';
export { gaussianNoise, spatialDropout2d, type GaussianNoiseOptions } from './noise.js';
export {
  normalization,
  rescaling,
  type NormalizationLayer,
  type NormalizationOptions,
  type RescalingOptions,
} from './rescaling.js';
export {
  randAugment,
  randomColorDegeneration,
  randomGrayscale,
  randomInvert,
  randomPosterization,
  randomSharpness,
  solarization,
  type RandAugmentOptions,
  type RandomColorDegenerationOptions,
  type RandomGrayscaleOptions,
  type RandomInvertOptions,
  type RandomPosterizationOptions,
  type RandomSharpnessOptions,
  type SolarizationOptions,
} from './randAugment.js';
export {
  randomAffine,
  randomFlip,
  randomRotation,
  randomShear,
  randomTranslation,
  randomZoom,
  type Factor,
  type FlipMode,
  type RandomAffineOptions,
  type RandomFlipOptions,
  type RandomRotationOptions,
  type RandomShearOptions,
  type RandomTranslationOptions,
  type RandomZoomOptions,
  type SamplingOptions,
} from './randomAffine.js';
export {
  randomBrightness,
  randomContrast,
  type RandomBrightnessOptions,
  type RandomContrastOptions,
  type ValueRangeOptions,
} from './randomContrast.js';
export { randomCrop, type RandomCropOptions } from './randomCrop.js';
export { randomElasticTransform, type RandomElasticTransformOptions } from './randomElasticTransform.js';
export { randomErasing, type RandomErasingOptions } from './randomErasing.js';
