// Every layer that a model file may name, under Keras' class name, a line each: an allow-list, nothing is looked up anywhere else.
export { activation as Activation } from './activation.js';
export { elu as ELU, leakyReLU as LeakyReLU, relu as ReLU, softmax as Softmax } from './activation.js';
export { averagePooling2d as AveragePooling2D } from './averagePooling2d.js';
export { batchNormalization as BatchNormalization } from './batchNormalization.js';
export { conv2d as Conv2D } from './conv2d.js';
export { conv2dTranspose as Conv2DTranspose } from './conv2dTranspose.js';
export { dense as Dense } from './dense.js';
export { depthwiseConv2d as DepthwiseConv2D } from './depthwiseConv2d.js';
export { dropout as Dropout } from './dropout.js';
export { flatten as Flatten } from './flatten.js';
export { layerNormalization as LayerNormalization } from './layerNormalization.js';
export { maxPooling2d as MaxPooling2D } from './maxPooling2d.js';
export { prelu as PReLU } from './prelu.js';
export { separableConv2d as SeparableConv2D } from './separableConv2d.js';
