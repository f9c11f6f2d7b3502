// Lowerings of one kind of node each that no other lowering computes, so that their order is of no account: a line each.
export { lowerAveragePooling2d } from './averagePooling2d.js';
export { lowerBatchNormalization } from './batchNormalization.js';
export { lowerConv2dTranspose } from './conv2dTranspose.js';
export { lowerDense } from './dense.js';
export { lowerDepthwiseConv2d } from './depthwiseConv2d.js';
export { lowerDropout } from './dropout.js';
export { lowerFlatten } from './flatten.js';
export { lowerGroupedConv2d } from './groupedConv2d.js';
export { lowerLoss, lowerSmoothLabels } from './loss.js';
export { lowerLayerNormalization } from './layerNormalization.js';
export { lowerMaxPooling2d } from './maxPooling2d.js';
export { lowerPrelu } from './prelu.js';
