// Every lowering, best first: the first one that applies is taken.
import { lowerActivation } from './activation.js';
import { lowerConv2d } from './conv2d.js';
import { lowerConv2dOneChannel } from './conv2dOneChannel.js';
import { lowerConv2dPoolOneChannel, lowerConv2dPoolWinograd } from './conv2dPool.js';
import { lowerConv2dWinograd } from './conv2dWinograd.js';
import { lowerDense } from './dense.js';
import { lowerDropout } from './dropout.js';
import { lowerFlatten } from './flatten.js';
import { lowerMaxPooling2d } from './maxPooling2d.js';
import type { Lowering } from './op.js';
import { lowerSoftmaxCrossEntropy } from './softmaxCrossEntropy.js';

export const lowerings: readonly Lowering[] = [
  lowerConv2dPoolOneChannel,
  lowerConv2dPoolWinograd,
  lowerConv2dOneChannel,
  lowerConv2dWinograd,
  lowerConv2d,
  lowerMaxPooling2d,
  lowerDense,
  lowerSoftmaxCrossEntropy,
  lowerActivation,
  lowerDropout,
  lowerFlatten,
];
