// The kernels that come with the layers that need them (an op's moreKernels), a line each.
export { averagePooling2dForward, averagePooling2dBackward } from './averagePooling';
export { preluForward, preluBackward } from './piecewiseActivations';
export {
  batchNormSums, batchNormAffine, batchNormMovingAffine, batchNormUpdateMoving, batchNormForward, scaleColumns,
} from './batchNormalization';
export { batchNormBackwardSums, batchNormSlopes, batchNormBackward } from './batchNormalization';
export { layerNormForward, layerNormBackward } from './layerNormalization';
export { spatialDropout } from './dropout';
export { addNoise } from './noise';
export { mergeForward, addReluBackward, maximumBackward, sumRows, copyRows } from './merge';
export { permute } from './permute';
export { resizeNearestForward, resizeNearestBackward, resizeBilinearForward, resizeBilinearBackward } from './resize';
export { scaleAndShift, normalizeColumns, inverseDeviation } from './rescale';
