// The kernels that come with the layers and optimizers that need them (moreKernels), a line each.
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
export { nadamStep } from './nadam';
export { adagradStep } from './adagrad';
export { adadeltaStep } from './adadelta';
export { lionStep } from './lion';
export { addPenaltySlopes, penaltyOfEach, constrainNorms, keepNonNegative } from './regularization';
export { drawAffine, warpAffineForward, warpAffineBackward, warpByFieldForward, warpByFieldBackward } from './warp';
export { drawElastic } from './elastic';
export { randomCropForward, randomCropBackward, eraseRandomly, adjustForward, adjustBackward } from './augment';
export { drawRandAugment, randAugmentForward, randAugmentBackward } from './randAugment';
