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
