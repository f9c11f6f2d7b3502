// ResNet-18 and ResNet-50 (He et al. 2015, https://arxiv.org/abs/1512.03385) as torchvision has them: in a bottleneck the 3 × 3 convolution
// has the stride. Layer names are Keras'.
import * as layers from '../layers/index.js';
import type { SymbolicTensor } from '../layers/layer.js';
import type { Functional } from '../model/functional.js';
import type { PretrainableOptions } from './options.js';
import { pretrainable, unit } from './pretrainable.js';

const weightsFrom = 'loadTorch() of wasm-cnn/formats/torch reads those of torchvision';

/** PyTorch's defaults. */
const normalization = { momentum: 0.9, epsilon: 1e-5 };
/** Before the last 1 × 1 convolution of a bottleneck, a quarter of its filters. */
const WIDER = 4;

const relu = (x: SymbolicTensor, name: string): SymbolicTensor =>
  layers.activation({ activation: 'relu', name }).apply(x);

interface Block {
  readonly name: string;
  /** Filters of its 3 × 3 convolutions. */
  readonly width: number;
  readonly strides: number;
  readonly bottleneck: boolean;
}

/** Convolutions beside a skip; where the shape changes, the skip is a 1 × 1 convolution. */
function block(x: SymbolicTensor, { name, width, strides, bottleneck }: Block): SymbolicTensor {
  const parts = (i: number): [string, string, string] => [`${name}_${i}_conv`, `${name}_${i}_bn`, `${name}_${i}_relu`];
  const filters = bottleneck ? WIDER * width : width;
  const inner = { ...normalization, activation: 'relu' } as const;
  const outer = (i: number) => ({ ...normalization, names: [parts(i)[0], parts(i)[1]] }) as const;
  const same = strides === 1 && x.shape.at(-1) === filters;
  const skip = same ? x : unit(x, { filters, strides, ...outer(0) });
  let y = x;
  if (bottleneck) {
    y = unit(y, { filters: width, names: parts(1), ...inner });
    y = unit(y, { filters: width, kernelSize: 3, strides, names: parts(2), ...inner });
    y = unit(y, { filters, ...outer(3) });
  } else {
    y = unit(y, { filters, kernelSize: 3, strides, names: parts(1), ...inner });
    y = unit(y, { filters, kernelSize: 3, ...outer(2) });
  }
  return relu(layers.add({ name: `${name}_add` }).apply([skip, y]), `${name}_out`);
}

function resNet(
  name: string,
  blocks: readonly number[],
  bottleneck: boolean,
  options: PretrainableOptions,
): Functional {
  const features = (x: SymbolicTensor): SymbolicTensor => {
    const stem = { filters: 64, kernelSize: 7, strides: 2, activation: 'relu', ...normalization } as const;
    let y = unit(x, { ...stem, names: ['conv1_conv', 'conv1_bn', 'conv1_relu'] });
    // Behind a ReLU zeros are no more than a maximum's padding.
    y = layers.zeroPadding2d({ padding: 1, name: 'pool1_pad' }).apply(y);
    y = layers.maxPooling2d({ poolSize: 3, strides: 2, name: 'pool1_pool' }).apply(y);
    for (const [stage, count] of blocks.entries()) {
      const width = [64, 128, 256, 512][stage]!;
      for (let i = 0; i < count; i++) {
        const strides = i === 0 && stage > 0 ? 2 : 1;
        y = block(y, { name: `conv${stage + 2}_block${i + 1}`, width, strides, bottleneck });
      }
    }
    return y;
  };
  return pretrainable({ name, weightsFrom, features }, options);
}

/** 11,689,512 weights. Images of [224, 224, 3] and 1000 classes by default. Not compiled. */
export function resNet18(options: PretrainableOptions = {}): Functional {
  return resNet('resNet18', [2, 2, 2, 2], false, options);
}

/** 25,557,032 weights. Images of [224, 224, 3] and 1000 classes by default. Not compiled. */
export function resNet50(options: PretrainableOptions = {}): Functional {
  return resNet('resNet50', [3, 4, 6, 3], true, options);
}
