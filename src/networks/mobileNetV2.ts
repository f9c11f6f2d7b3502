// MobileNetV2 (Sandler et al. 2018, https://arxiv.org/abs/1801.04381), with the topology of torchvision.
import { check } from '../base/errors.js';
import { describe } from '../base/options.js';
import * as layers from '../layers/index.js';
import type { SymbolicTensor } from '../layers/layer.js';
import { input, model, type Functional } from '../model/functional.js';
import type { NetworkOptions } from './options.js';

/** Images of [224, 224, 3] and 1000 classes by default. */
export interface MobileNetV2Options extends NetworkOptions {
  /** Width: multiplies all numbers of channels. Default 1. */
  readonly alpha?: number;
  /** Dropout before the last layer; default 0.2. */
  readonly dropout?: number;
}

/** Expansion, channels, blocks, stride of the first block. */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** The next multiple of 8, but no less than 90 % of it. */
function channelsOf(width: number): number {
  const rounded = Math.max(8, Math.floor((width + 4) / 8) * 8);
  return rounded < 0.9 * width ? rounded + 8 : rounded;
}

const normalize = (x: SymbolicTensor): SymbolicTensor =>
  layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 }).apply(x);

const relu6 = (x: SymbolicTensor): SymbolicTensor => layers.activation({ activation: 'relu6' }).apply(x);

function convolve(x: SymbolicTensor, filters: number, kernelSize = 1, strides = 1): SymbolicTensor {
  const padding = (kernelSize - 1) / 2;
  const options = { filters, kernelSize, strides, padding, useBias: false, kernelInitializer: 'heNormal' } as const;
  return normalize(layers.conv2d(options).apply(x));
}

/** Widened, convolved channel by channel, narrowed without activation; with a skip where the shape stays. */
function block(x: SymbolicTensor, expansion: number, filters: number, strides: number): SymbolicTensor {
  const channels = x.shape.at(-1)!;
  const wide = expansion === 1 ? x : relu6(convolve(x, channels * expansion));
  const options = { kernelSize: 3, strides, padding: 1, useBias: false, depthwiseInitializer: 'heNormal' } as const;
  const filtered = relu6(normalize(layers.depthwiseConv2d(options).apply(wide)));
  const y = convolve(filtered, filters);
  return strides === 1 && channels === filters ? layers.add().apply([x, y]) : y;
}

/** Not compiled. */
export function mobileNetV2({
  alpha = 1,
  inputShape = [224, 224, 3],
  classes = 1000,
  dropout = 0.2,
  seed,
}: MobileNetV2Options = {}): Functional {
  check(
    typeof alpha === 'number' && alpha > 0 && alpha < 100,
    () => `mobileNetV2's alpha must be a number above 0, got ${describe(alpha)}`,
  );
  const x = input({ shape: inputShape });
  let y = relu6(convolve(x, channelsOf(32 * alpha), 3, 2));
  for (const [expansion, channels, blocks, strides] of STAGES) {
    for (let i = 0; i < blocks; i++) y = block(y, expansion, channelsOf(channels * alpha), i === 0 ? strides : 1);
  }
  y = relu6(convolve(y, channelsOf(1280 * Math.max(1, alpha))));
  const features = layers.dropout({ rate: dropout }).apply(layers.globalAveragePooling2d().apply(y));
  const outputs = layers.dense({ units: classes, activation: 'softmax' }).apply(features);
  return model({ name: 'mobileNetV2', inputs: x, outputs, seed });
}
