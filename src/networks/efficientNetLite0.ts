// EfficientNet-Lite0 (https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite): EfficientNet-B0 without squeeze and
// excitation, with ReLU6. Layer names are Keras' of EfficientNet.
import { check } from '../base/errors.js';
import { describe } from '../base/options.js';
import * as layers from '../layers/index.js';
import type { SymbolicTensor } from '../layers/layer.js';
import type { Functional } from '../model/functional.js';
import type { PretrainableOptions } from './options.js';
import { pretrainable, unit } from './pretrainable.js';

/** Images of [224, 224, 3] and 1000 classes by default. */
export interface EfficientNetLite0Options extends PretrainableOptions {
  /** Dropout before the last layer; default 0.2. */
  readonly dropout?: number;
  /** 'tensorflow' (default): 'same' padding, and epsilon 1e-3; 'pytorch': symmetric padding, and epsilon 1e-5, as timm's own efficientnet_lite0 has. */
  readonly variant?: keyof typeof VARIANTS;
}

const VARIANTS = {
  tensorflow: { momentum: 0.99, epsilon: 1e-3, padding: 'same' },
  pytorch: { momentum: 0.9, epsilon: 1e-5, padding: undefined },
} as const;

/** Expansion, kernel, channels, blocks, stride of the first block. */
const STAGES = [
  [1, 3, 16, 1, 1],
  [6, 3, 24, 2, 2],
  [6, 5, 40, 2, 2],
  [6, 3, 80, 3, 2],
  [6, 5, 112, 3, 1],
  [6, 5, 192, 4, 2],
  [6, 3, 320, 1, 1],
] as const;

/** 4,652,008 weights. Not compiled. */
export function efficientNetLite0(options: EfficientNetLite0Options = {}): Functional {
  const { dropout = 0.2, variant = 'tensorflow' } = options;
  check(
    Object.hasOwn(VARIANTS, variant),
    () => `efficientNetLite0's variant must be 'tensorflow' or 'pytorch', got ${describe(variant)}`,
  );
  const linear = VARIANTS[variant];
  const relu6 = { ...linear, activation: 'relu6' } as const;

  /** Widened, convolved channel by channel, narrowed without activation; with a skip where the shape stays. */
  function block(x: SymbolicTensor, name: string, [expansion, kernelSize, filters]: Size, strides: number) {
    const channels = x.shape.at(-1)!;
    const expand = [`${name}_expand_conv`, `${name}_expand_bn`, `${name}_expand_activation`] as const;
    const wide = expansion === 1 ? x : unit(x, { ...relu6, filters: channels * expansion, names: expand });
    const depthwise = [`${name}_dwconv`, `${name}_bn`, `${name}_activation`] as const;
    const filtered = unit(wide, { ...relu6, kernelSize, strides, names: depthwise });
    const y = unit(filtered, { ...linear, filters, names: [`${name}_project_conv`, `${name}_project_bn`] });
    return strides === 1 && channels === filters ? layers.add({ name: `${name}_add` }).apply([x, y]) : y;
  }

  const features = (x: SymbolicTensor): SymbolicTensor => {
    const stem = ['stem_conv', 'stem_bn', 'stem_activation'] as const;
    let y = unit(x, { ...relu6, filters: 32, kernelSize: 3, strides: 2, names: stem });
    for (const [stage, [expansion, kernelSize, channels, blocks, strides]] of STAGES.entries()) {
      for (let i = 0; i < blocks; i++) {
        const name = `block${stage + 1}${'abcd'[i]}`;
        y = block(y, name, [expansion, kernelSize, channels], i === 0 ? strides : 1);
      }
    }
    return unit(y, { ...relu6, filters: 1280, names: ['top_conv', 'top_bn', 'top_activation'] });
  };
  return pretrainable({ name: 'efficientNetLite0', options: ['dropout', 'variant'], dropout, features }, options);
}

type Size = readonly [expansion: number, kernelSize: number, filters: number];
