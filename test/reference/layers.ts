// The reference of every layer, under its class name, a line each.
export { averagePooling2d as AveragePooling2D } from './averagePooling2d.js';
export { batchNormalization as BatchNormalization } from './batchNormalization.js';
export {
  activation as Activation,
  conv2d as Conv2D,
  dense as Dense,
  dropout as Dropout,
  flatten as Flatten,
  maxPooling2d as MaxPooling2D,
} from './basicLayers.js';
export { layerNormalization as LayerNormalization } from './layerNormalization.js';
export {
  elu as ELU,
  leakyReLU as LeakyReLU,
  prelu as PReLU,
  relu as ReLU,
  softmax as Softmax,
} from './activationLayers.js';
export {
  conv2dTranspose as Conv2DTranspose,
  depthwiseConv2d as DepthwiseConv2D,
  separableConv2d as SeparableConv2D,
} from './convolutions.js';
export { concatenate as Concatenate } from './concatenate.js';
export {
  globalAveragePooling2d as GlobalAveragePooling2D,
  globalMaxPooling2d as GlobalMaxPooling2D,
} from './globalPooling2d.js';
export {
  add as Add,
  average as Average,
  maximum as Maximum,
  minimum as Minimum,
  multiply as Multiply,
  subtract as Subtract,
} from './merge.js';
export {
  centerCrop as CenterCrop,
  cropping2d as Cropping2D,
  permute as Permute,
  reshape as Reshape,
  resizing as Resizing,
  upSampling2d as UpSampling2D,
  zeroPadding2d as ZeroPadding2D,
} from './shapes.js';
export { gaussianNoise as GaussianNoise, spatialDropout2d as SpatialDropout2D } from './noise.js';
export { normalization as Normalization, rescaling as Rescaling } from './rescaling.js';
export {
  randomAffine as RandomAffine,
  randomFlip as RandomFlip,
  randomRotation as RandomRotation,
  randomShear as RandomShear,
  randomTranslation as RandomTranslation,
  randomZoom as RandomZoom,
} from './randomAffine.js';
export {
  randomBrightness as RandomBrightness,
  randomContrast as RandomContrast,
  randomCrop as RandomCrop,
  randomElasticTransform as RandomElasticTransform,
  randomErasing as RandomErasing,
} from './augmentation.js';
export {
  randAugment as RandAugment,
  randomColorDegeneration as RandomColorDegeneration,
  randomGrayscale as RandomGrayscale,
  randomInvert as RandomInvert,
  randomPosterization as RandomPosterization,
  randomSharpness as RandomSharpness,
  solarization as Solarization,
} from './randAugment.js';
