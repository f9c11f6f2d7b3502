// Every operator that is mapped to layers, under its name.
import type { Node } from '../node.js';
import type { Reading } from '../reading.js';
import type { Value } from '../value.js';
import * as activations from './activations.js';
import { absolute, arithmetic, negate } from './arithmetic.js';
import { conv, convTranspose } from './convolution.js';
import { gemm, matMul } from './dense.js';
import { batchNormalization, layerNormalization } from './normalization.js';
import { averagePool, globalPool, maxPool, reduction } from './pooling.js';
import { resize } from './resize.js';
import * as parts from './parts.js';
import * as shapes from './shapes.js';

export type Mapping = (
  node: Node,
  inputs: readonly (Value | undefined)[],
  reading: Reading,
) => Value | readonly Value[];

const { activation } = activations;

export const OPS: Readonly<Record<string, Mapping>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  Gemm: gemm,
  MatMul: matMul,
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  ReduceMean: reduction,
  ReduceMax: reduction,
  ReduceSum: reduction,
  Relu: activation,
  Sigmoid: activation,
  Tanh: activation,
  Softplus: activation,
  Softsign: activation,
  HardSwish: activation,
  Mish: activation,
  Exp: activation,
  LeakyRelu: activations.leakyRelu,
  Elu: activations.elu,
  Selu: activations.selu,
  HardSigmoid: activations.hardSigmoid,
  Swish: activations.swish,
  Gelu: activations.gelu,
  Erf: activations.erf,
  Clip: activations.clip,
  Softmax: activations.softmax,
  LogSoftmax: activations.softmax,
  PRelu: activations.prelu,
  Add: arithmetic,
  Sub: arithmetic,
  Mul: arithmetic,
  Div: arithmetic,
  Pow: arithmetic,
  Sum: arithmetic,
  Mean: arithmetic,
  Max: arithmetic,
  Min: arithmetic,
  Neg: negate,
  Abs: absolute,
  Resize: resize,
  Upsample: resize,
  Reshape: shapes.reshape,
  Flatten: shapes.flatten,
  Squeeze: shapes.squeeze,
  Unsqueeze: shapes.unsqueeze,
  Transpose: shapes.transpose,
  Concat: shapes.concat,
  Slice: parts.slices,
  Split: parts.split,
  Gather: parts.gather,
  Pad: parts.pad,
  DepthToSpace: shapes.depthToSpace,
  SpaceToDepth: shapes.spaceToDepth,
  Expand: parts.expand,
  Identity: shapes.same,
  Cast: shapes.cast,
  Dropout: shapes.dropout,
};
