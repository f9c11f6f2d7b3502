// MobileNetV2 (Sandler et al. 2018, https://arxiv.org/abs/1801.04381), with the topology of torchvision and the layer names of Keras.
import { check } from '../base/errors.js';
import { describe } from '../base/options.js';
import * as layers from '../layers/index.js';
import type { SymbolicTensor } from '../layers/layer.js';
import type { Functional } from '../model/functional.js';
import type { PretrainableOptions } from './options.js';
import { pretrainable, unit } from './pretrainable.js';

/** Images of [224, 224, 3] and 1000 classes by default. */
export interface MobileNetV2Options extends PretrainableOptions {
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

/** PyTorch's defaults. */
const normalization = { momentum: 0.9, epsilon: 1e-5 };

/** The next multiple of 8, but no less than 90 % of it. */
function channelsOf(width: number): number {
  const rounded = Math.max(8, Math.floor((width + 4) / 8) * 8);
  return rounded < 0.9 * width ? rounded + 8 : rounded;
}

/** Widened, convolved channel by channel, narrowed without activation; with a skip where the shape stays. */
function block(x: SymbolicTensor, name: string, expansion: number, filters: number, strides: number): SymbolicTensor {
  const channels = x.shape.at(-1)!;
  const relu6 = (part: string) =>
    ({
      names: [`${name}_${part}`, `${name}_${part}_BN`, `${name}_${part}_relu`],
      activation: 'relu6',
      ...normalization,
    }) as const;
  const wide = expansion === 1 ? x : unit(x, { filters: channels * expansion, ...relu6('expand') });
  const filtered = unit(wide, { kernelSize: 3, strides, ...relu6('depthwise') });
  const y = unit(filtered, { filters, names: [`${name}_project`, `${name}_project_BN`], ...normalization });
  return strides === 1 && channels === filters ? layers.add({ name: `${name}_add` }).apply([x, y]) : y;
}

/** 3,504,872 weights. Not compiled. */
export function mobileNetV2(options: MobileNetV2Options = {}): Functional {
  const { alpha = 1, dropout = 0.2 } = options;
  check(
    typeof alpha === 'number' && alpha > 0 && alpha < 100,
    () => `mobileNetV2's alpha must be a number above 0, got ${describe(alpha)}`,
  );
  const features = (x: SymbolicTensor): SymbolicTensor => {
    const stem = { filters: channelsOf(32 * alpha), kernelSize: 3, strides: 2 };
    let y = unit(x, { ...stem, names: ['Conv1', 'bn_Conv1', 'Conv1_relu'], activation: 'relu6', ...normalization });
    let number = 0;
    for (const [expansion, channels, blocks, strides] of STAGES) {
      for (let i = 0; i < blocks; i++, number++) {
        const name = number === 0 ? 'expanded_conv' : `block_${number}`;
        y = block(y, name, expansion, channelsOf(channels * alpha), i === 0 ? strides : 1);
      }
    }
    const filters = channelsOf(1280 * Math.max(1, alpha));
    return unit(y, { filters, names: ['Conv_1', 'Conv_1_bn', 'out_relu'], activation: 'relu6', ...normalization });
  };
  return pretrainable({ name: 'mobileNetV2', options: ['alpha', 'dropout'], dropout, features }, options);
}
