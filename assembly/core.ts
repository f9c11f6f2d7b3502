// The kernels that every bundle has, a line each. Pointers and sizes in, memory written, nothing kept.
export { gemm, packPanels } from './gemm';
export { denseRowForward } from './denseRow';
export { conv2dFlippedPanels, conv2dForward, conv2dBackwardWeights, conv2dBackwardInput } from './conv2d';
export {
  depthwiseConv2dForward, depthwiseConv2dBackwardInput, depthwiseConv2dBackwardWeights, sumRepeatedChannels,
} from './depthwiseConv2d';
export { pointwiseConv2d, pointwiseConv2dBackwardWeights } from './pointwiseConv2d';
export {
  groupedConv2dPanels, groupedConv2dForward, groupedConv2dBackwardWeights, groupedConv2dBackwardInput,
} from './groupedConv2d';
export { maxPooling2dForward, maxPooling2dForwardByAxis, maxPooling2dBackward } from './pooling';
export {
  reluForward, reluBackward, sigmoidForward, sigmoidBackward, tanhForward, tanhBackward, softmaxForward,
  softmaxBackward,
} from './activations';
export { logSoftmaxForward, logSoftmaxBackward } from './activations';
export {
  clippedReluForward, clippedReluBackward, hardSigmoidForward, hardSigmoidBackward,
} from './piecewiseActivations';
export { hardSwishForward, hardSwishBackward } from './piecewiseActivations';
export {
  exponentialForward, exponentialBackward, eluForward, eluBackward, softplusForward, softplusBackward,
} from './smoothActivations';
export {
  softsignForward, softsignBackward, siluForward, siluBackward, mishForward, mishBackward,
} from './smoothActivations';
export { geluForward, geluBackward, geluApproximateForward, geluApproximateBackward } from './smoothActivations';
export { softmaxCrossEntropyForward, softmaxCrossEntropyBackward } from './softmaxCrossEntropy';
export {
  meanSquaredErrorForward, meanSquaredErrorBackward, meanAbsoluteErrorForward, meanAbsoluteErrorBackward,
  huberForward, huberBackward, sigmoidCrossEntropyForward, binaryCrossEntropyForward, binaryCrossEntropyBackward,
  categoricalCrossEntropyForward, categoricalCrossEntropyBackward, kullbackLeiblerForward, kullbackLeiblerBackward,
  smoothLabels, meanOfEach, weighExamples,
} from './losses';
export { dropout } from './dropout';
export { repeatRows } from './merge';
export { bytesToFloats } from './rescale';
export { adamStep } from './adam';
export { amsgradStep } from './amsgrad';
export { sgdStep, momentumStep } from './sgd';
export { rmspropStep } from './rmsprop';
export { clipValues, sumOfSquares, clipByNorm } from './clipping';
export { decayWeights } from './weightDecay';
export { moveAverage } from './movingAverage';
export { sumParts, addRows, addBias, add, copy, clear } from './sums';
export { pixelsToFloats } from './pixels';
export { padImage, cropImage } from './padding';
export { conv2dPoolForward, conv2dPoolBackwardOneChannel } from './conv2dPool';
export { conv2dOneChannelForward, conv2dOneChannelBackward } from './conv2dOneChannel';
export { winogradPoolFilters, winogradPoolForward } from './winogradPool';
export {
  winogradFilters, winogradConv2dForward, winogradConv2dBackward,
} from './winogradConv2d';
export { conv2dPoolBackward } from './sparseGradient';
export { sparseConv2dBackward } from './sparseConv2d';
export { transpose } from './transpose';
