// How a convolution alone, or with ReLU, is computed: the first that applies.
import { lowerConv2d } from './conv2d.js';
import { lowerConv2dOneChannel } from './conv2dOneChannel.js';
import { lowerConv2dWinograd } from './conv2dWinograd.js';
import type { Lowering } from './op.js';
import { lowerPointwiseConv2d } from './pointwiseConv2d.js';

export const convolutions: readonly Lowering[] = [
  lowerConv2dOneChannel,
  lowerConv2dWinograd,
  lowerPointwiseConv2d,
  lowerConv2d,
];
