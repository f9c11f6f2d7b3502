// The networks of recordKeras.py, as models of the public API whose layers have Keras' names.
import * as assert from 'uvu/assert';
import { input, layers, model as functional, type Model, type SymbolicTensor } from '../../src/index.js';
import { kerasWeights, mobileNetwork, normalizedNetwork, residualNetwork, type KerasNetwork } from './golden.js';

const { add, batchNormalization, conv2d, dense, depthwiseConv2d, globalAveragePooling2d, layerNormalization } = layers;

const activation = (x: SymbolicTensor, name: 'relu' | 'relu6' | 'tanh'): SymbolicTensor =>
  layers.activation({ activation: name }).apply(x);

function normalized(x: SymbolicTensor): SymbolicTensor {
  x = conv2d({ filters: 8, kernelSize: 3, padding: 'same', useBias: false, name: 'conv1' }).apply(x);
  x = activation(batchNormalization({ name: 'norm1' }).apply(x), 'relu');
  x = conv2d({ filters: 12, kernelSize: 3, strides: 2, padding: 'same', name: 'conv2' }).apply(x);
  x = activation(batchNormalization({ momentum: 0.8, name: 'norm2' }).apply(x), 'relu');
  x = layers.maxPooling2d().apply(x);
  x = activation(batchNormalization({ scale: false, epsilon: 1e-2, name: 'norm3' }).apply(x), 'tanh');
  x = dense({ units: 6, useBias: false, name: 'dense1' }).apply(layers.flatten().apply(x));
  x = activation(batchNormalization({ center: false, name: 'norm4' }).apply(x), 'tanh');
  return dense({ units: 4, activation: 'softmax', name: 'dense2' }).apply(
    layerNormalization({ name: 'norm5' }).apply(x),
  );
}

const head = (x: SymbolicTensor): SymbolicTensor =>
  dense({ units: 4, activation: 'softmax', name: 'head' }).apply(globalAveragePooling2d().apply(x));

/** A convolution and its batch normalization, with Keras' defaults. */
function convolve(x: SymbolicTensor, name: string, filters: number, kernelSize: number, more: object = {}) {
  const { strides = 1, center = true } = more as { strides?: number; center?: boolean };
  x = conv2d({ filters, kernelSize, strides, padding: 'same', useBias: false, name: `${name}_conv` }).apply(x);
  return batchNormalization({ center, name: `${name}_norm` }).apply(x);
}

function residual(image: SymbolicTensor): SymbolicTensor {
  let x = activation(convolve(image, 'stem', 4, 3), 'relu');
  for (const [name, filters, strides] of [
    ['a', 4, 1],
    ['b', 8, 2],
  ] as const) {
    const inner = activation(convolve(x, `${name}1`, filters, 3, { strides }), 'relu');
    const skip = strides === 1 ? x : convolve(x, `${name}_skip`, filters, 1, { strides });
    x = activation(add().apply([convolve(inner, `${name}2`, filters, 3), skip]), 'relu');
  }
  return head(x);
}

function mobile(image: SymbolicTensor): SymbolicTensor {
  let x = activation(convolve(image, 'stem', 4, 3), 'relu6');
  for (const [name, filters, strides] of [
    ['a', 4, 1],
    ['b', 6, 2],
  ] as const) {
    let inner = activation(convolve(x, `${name}_expand`, 16, 1), 'relu6');
    inner = depthwiseConv2d({
      kernelSize: 3,
      strides,
      padding: 'same',
      useBias: false,
      name: `${name}_depthwise_conv`,
    }).apply(inner);
    inner = activation(batchNormalization({ name: `${name}_depthwise_norm` }).apply(inner), 'relu6');
    inner = convolve(inner, `${name}_project`, filters, 1, { center: name === 'b' });
    x = strides === 1 ? add().apply([x, inner]) : inner;
  }
  return head(x);
}

/** Keras' names of the model's parameters. */
export const kerasNames = ({ parameters }: Model): string[] =>
  parameters.map(({ name }) =>
    name
      .replace('/', '.')
      .replace('depthwiseKernel', 'kernel')
      .replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`),
  );

export interface KerasModel {
  readonly name: string;
  readonly record: KerasNetwork;
  /** With the recorded network's first weights. */
  readonly make: () => Model;
}

function kerasModel(name: string, record: KerasNetwork, body: (x: SymbolicTensor) => SymbolicTensor): KerasModel {
  const make = (): Model => {
    const image = input({ shape: record.shape });
    const model = functional({ inputs: image, outputs: body(image) });
    const values = kerasWeights(record);
    const names = kerasNames(model);
    assert.equal([...names].sort(), [...values.keys()].sort());
    model.setWeights(names.map((each, i) => ({ data: values.get(each)!, shape: model.parameters[i]!.shape })));
    return model;
  };
  return { name, record, make };
}

export const kerasModels: readonly KerasModel[] = [
  kerasModel('normalized network', normalizedNetwork, normalized),
  kerasModel('residual network', residualNetwork, residual),
  kerasModel('MobileNet blocks', mobileNetwork, mobile),
];
