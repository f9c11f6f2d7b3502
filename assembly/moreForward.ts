// The kernels of more.ts that predictions call: they come with the layers that need them.
export { averagePooling2dForward } from './averagePooling';
export { preluForward } from './piecewiseActivations';
export { batchNormMovingAffine, batchNormForward, scaleColumns } from './batchNormalization';
export { layerNormForward } from './layerNormalization';
export { mergeForward, copyRows } from './merge';
export { permute } from './permute';
export { resizeNearestForward, resizeBilinearForward } from './resize';
export { scaleAndShift, normalizeColumns, inverseDeviation } from './rescale';
