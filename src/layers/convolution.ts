// What every convolution has: a window with strides and padding, an activation, a bias.
import { check } from '../base/errors.js';
import { LARGEST, type Shape } from '../base/shape.js';
import { checkActivation, type Activation } from './activation.js';
import { checkBias, type Bias, type BiasOptions } from './bias.js';
import { checkImage, checkLayerOptions, type LayerOptions, type WeightRules } from './layer.js';
import {
  checkSize2d,
  checkZeros,
  copyOfPadding,
  windows,
  type Padding,
  type Sides,
  type Size2d,
  type Windows,
  type Zeros,
} from './window.js';

export interface ConvolutionOptions extends LayerOptions, BiasOptions, WeightRules<'bias'> {
  kernelSize: Size2d;
  /** Default 1. */
  strides?: Size2d;
  /** 'valid', 'same', or the zeros around the image: a number, [vertical, horizontal] or [[top, bottom], [left, right]]. Default 'valid'. */
  padding?: Padding | Zeros;
  /** Distance between the pixels that the kernel sees. Default 1. */
  dilationRate?: Size2d;
  /** Default 'linear'. */
  activation?: Activation;
}

/** The options, checked. */
export interface Convolution extends Bias {
  readonly kernelSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding | Sides;
  readonly dilationRate: readonly [number, number];
  readonly activation: Activation;
}

const known = ['kernelSize', 'strides', 'padding', 'dilationRate', 'activation', 'useBias', 'biasInitializer'];

/** `own`: names of the options that this kind has beside them. */
export function checkConvolution(options: ConvolutionOptions, own: readonly string[], kind: string): Convolution {
  checkLayerOptions(options, [...own, ...known], kind);
  const kernelSize = checkSize2d(options.kernelSize, `${kind}'s kernelSize`);
  const dilationRate = checkSize2d(options.dilationRate ?? 1, `${kind}'s dilationRate`);
  check(
    reach({ kernelSize, dilationRate }).every((size) => size < LARGEST),
    () =>
      `${kind}'s kernel of ${kernelSize.join(' × ')} is too large with a dilationRate of ${dilationRate.join(' × ')}`,
  );
  return {
    kernelSize,
    strides: checkSize2d(options.strides ?? 1, `${kind}'s strides`),
    padding: checkZeros(options.padding ?? 'valid', kind),
    dilationRate,
    activation: checkActivation(options.activation ?? 'linear', kind),
    ...checkBias(options, kind),
  };
}

/** Pixels from the kernel's first to its last, both ways. */
function reach({ kernelSize, dilationRate }: Pick<Convolution, 'kernelSize' | 'dilationRate'>): [number, number] {
  return [(kernelSize[0] - 1) * dilationRate[0] + 1, (kernelSize[1] - 1) * dilationRate[1] + 1];
}

/** The windows over an image [height, width, channels]; throws one sentence where it is none, or too small. */
export function convolutionWindows(convolution: Convolution, input: Shape, who: string): Windows {
  checkImage(input, who);
  return windows(input, reach(convolution), convolution.strides, convolution.padding, who);
}

export function convolutionConfig(convolution: Convolution): Record<string, unknown> {
  const { kernelSize, strides, padding, dilationRate, activation, useBias, biasInitializer } = convolution;
  return {
    kernelSize: [...kernelSize],
    strides: [...strides],
    padding: copyOfPadding(padding),
    dilationRate: [...dilationRate],
    activation,
    useBias,
    biasInitializer,
  };
}
