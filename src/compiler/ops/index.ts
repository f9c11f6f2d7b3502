// Every lowering, best first: the first one that applies is taken. A kind of node with one lowering alone stands in plain.ts.
import { lowerActivation } from './activation.js';
import { lowerConv2d } from './conv2d.js';
import { lowerConv2dBatchNormalization } from './conv2dBatchNormalization.js';
import { lowerConv2dOneChannel } from './conv2dOneChannel.js';
import { lowerConv2dPoolOneChannel, lowerConv2dPoolWinograd } from './conv2dPool.js';
import { lowerConv2dWinograd } from './conv2dWinograd.js';
import type { Lowering } from './op.js';
import * as plain from './plain.js';
import { lowerPointwiseConv2d } from './pointwiseConv2d.js';
import { lowerSigmoidCrossEntropy, lowerSoftmaxCrossEntropy } from './softmaxCrossEntropy.js';

/** A convolution alone, or with ReLU. */
const convolutions: readonly Lowering[] = [
  lowerConv2dOneChannel,
  lowerConv2dWinograd,
  lowerPointwiseConv2d,
  lowerConv2d,
];

export const lowerings: readonly Lowering[] = [
  lowerConv2dPoolOneChannel,
  lowerConv2dPoolWinograd,
  lowerConv2dBatchNormalization(convolutions),
  ...convolutions,
  lowerSoftmaxCrossEntropy,
  lowerSigmoidCrossEntropy,
  lowerActivation,
  ...Object.values(plain),
];
