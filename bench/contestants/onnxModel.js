// A trained reference network of wasm-cnn as an ONNX model.
import { create, toBinary } from '@bufbuild/protobuf';
import { AttributeProto_AttributeType as Attribute, ModelProtoSchema, TensorProto_DataType as Type } from 'onnx-buf';
import { loadModelFile } from '../../build/src/node/files/modelFile.js';

/** The bytes of the model: x f32 [n, 1, 28, 28] → probabilities f32 [n, 10]. */
export async function onnxModel(file) {
  const weights = (await loadModelFile(file)).model.getWeights();
  const [conv1, bias1, conv2, bias2, dense1, bias3, dense2, bias4] = weights.map(({ data }) => data);
  const node = (opType, input, output, attribute = []) => ({ opType, input, output: [output], attribute });
  const ints = (name, ...values) => ({ name, type: Attribute.INTS, ints: values.map(BigInt) });
  const pool = [ints('kernel_shape', 2, 2), ints('strides', 2, 2)];
  const graph = {
    name: 'reference',
    input: [value('x', 'n', 1, 28, 28)],
    output: [value('probabilities', 'n', 10)],
    initializer: [
      tensor('conv1', [32, 1, 3, 3], transposed(conv1, [9, 1, 32], [2, 1, 0])),
      tensor('bias1', [32], bias1),
      tensor('conv2', [64, 32, 3, 3], transposed(conv2, [9, 32, 64], [2, 1, 0])),
      tensor('bias2', [64], bias2),
      // ONNX flattens channel by channel, wasm-cnn position by position.
      tensor('dense1', [1600, 128], transposed(dense1, [25, 64, 128], [1, 0, 2])),
      tensor('bias3', [128], bias3),
      tensor('dense2', [128, 10], dense2),
      tensor('bias4', [10], bias4),
    ],
    node: [
      node('Conv', ['x', 'conv1', 'bias1'], 'c1'),
      node('Relu', ['c1'], 'r1'),
      node('MaxPool', ['r1'], 'p1', pool),
      node('Conv', ['p1', 'conv2', 'bias2'], 'c2'),
      node('Relu', ['c2'], 'r2'),
      node('MaxPool', ['r2'], 'p2', pool),
      node('Flatten', ['p2'], 'f'),
      node('Gemm', ['f', 'dense1', 'bias3'], 'd1'),
      node('Relu', ['d1'], 'r3'),
      node('Gemm', ['r3', 'dense2', 'bias4'], 'logits'),
      node('Softmax', ['logits'], 'probabilities'),
    ],
  };
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: 'wasm-cnn',
      opsetImport: [{ domain: '', version: 13n }],
      graph,
    }),
  );
}

function tensor(name, dims, data) {
  return {
    name,
    dims: dims.map(BigInt),
    dataType: Type.FLOAT,
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

/** A dimension with a name may have any size. */
function value(name, ...dims) {
  const dim = dims.map((size) => ({
    value: typeof size === 'string' ? { case: 'dimParam', value: size } : { case: 'dimValue', value: BigInt(size) },
  }));
  return { name, type: { value: { case: 'tensorType', value: { elemType: Type.FLOAT, shape: { dim } } } } };
}

/** [a, b, c] with its axes in another order. */
function transposed(data, shape, axes) {
  const strides = [shape[1] * shape[2], shape[2], 1];
  const result = new Float32Array(data.length);
  let at = 0;
  for (let i = 0; i < shape[axes[0]]; i++)
    for (let j = 0; j < shape[axes[1]]; j++)
      for (let k = 0; k < shape[axes[2]]; k++)
        result[at++] = data[i * strides[axes[0]] + j * strides[axes[1]] + k * strides[axes[2]]];
  return result;
}
