// Each layer as nodes of ONNX. Augmentation and noise are for training alone and left out.
import type { Shape } from '../../../base/shape.js';
import { writeActivation, writeRelu } from './activations.js';
import type { GraphWriter, LayerOut, Written } from './graphWriter.js';
import { writeCrop, writeResize, writeZeroPadding } from './images.js';
import * as kernels from './kernels.js';

type WriteLayer = (graph: GraphWriter, layer: LayerOut, inputs: readonly Written[], output: Shape) => Written;
type WriteOne = (graph: GraphWriter, layer: LayerOut, x: Written, output: Shape) => Written;

const one =
  (write: WriteOne): WriteLayer =>
  (graph, layer, [x], output) => {
    const y = write(graph, layer, x!, output);
    const { activation } = layer.config;
    return typeof activation === 'string' && layer.className !== 'Activation'
      ? writeActivation(graph, activation, y)
      : y;
  };

const leftOut = one((_graph, _layer, x) => x);

/** A vector for the last axis, as it meets the value where it is. */
function channelVector(graph: GraphWriter, name: string, x: Written, data: Float32Array): string {
  const dims = x.image === undefined ? [data.length] : [data.length, 1, 1];
  return graph.floats(name, dims, data);
}

const writeBatchNormalization: WriteOne = (graph, layer, x) => {
  const channels = x.shape.at(-1)!;
  const vectors = (['gamma', 'beta', 'movingMean', 'movingVariance'] as const).map((name) => {
    const own = layer.weights.get(name)?.data;
    const filled = (): Float32Array => own ?? new Float32Array(channels).fill(name === 'beta' ? 0 : 1);
    return graph.weight(`${layer.name}/${name}`, [channels], filled);
  });
  const { epsilon, momentum } = layer.config as { epsilon: number; momentum: number };
  const attributes = { epsilon: { float: epsilon }, momentum: { float: momentum } };
  const rank = x.shape.length;
  if (rank === 3)
    return { shape: x.shape, image: graph.node('BatchNormalization', [graph.image(x), ...vectors], attributes) };
  if (rank === 1)
    return { shape: x.shape, plain: graph.node('BatchNormalization', [graph.plain(x), ...vectors], attributes) };
  const middle = Array.from({ length: rank - 1 }, (_, i) => i + 1);
  const first = graph.node('Transpose', [graph.plain(x)], { perm: [0, rank, ...middle] });
  const y = graph.node('BatchNormalization', [first, ...vectors], attributes);
  const back = [0, ...middle.map((axis) => axis + 1), 1];
  return { shape: x.shape, plain: graph.node('Transpose', [y], { perm: back }) };
};

const writeLayerNormalization: WriteOne = (graph, layer, x) => {
  const features = x.shape.at(-1)!;
  const gamma = layer.weights.get('gamma')?.data ?? new Float32Array(features).fill(1);
  const beta = layer.weights.get('beta')?.data;
  const inputs = [
    graph.plain(x),
    graph.weight(`${layer.name}/gamma`, [features], () => gamma),
    ...(beta ? [graph.weight(`${layer.name}/beta`, [features], () => beta)] : []),
  ];
  const epsilon = { float: layer.config.epsilon as number };
  return { shape: x.shape, plain: graph.node('LayerNormalization', inputs, { axis: -1, epsilon }) };
};

const writeNormalization: WriteOne = (graph, layer, x) => {
  const [mean, variance] = ['mean', 'variance'].map((name) => layer.weights.get(name)!.data) as [
    Float32Array,
    Float32Array,
  ];
  const { name, as } = graph.either(x);
  // As the layer: a deviation of at least 1e-7.
  const factors = variance.map((value) => 1 / Math.max(Math.fround(Math.sqrt(value)), 1e-7));
  const shifted = graph.node('Sub', [name, channelVector(graph, `${layer.name}/mean`, x, mean)]);
  return as(graph.node('Mul', [shifted, channelVector(graph, `${layer.name}/scale`, x, factors)]));
};

const writeRescaling: WriteOne = (graph, layer, x) => {
  const { scale, offset } = layer.config as { scale: number; offset: number };
  const { name, as } = graph.either(x);
  const scaled = graph.node('Mul', [name, graph.scalar(scale)]);
  return as(offset === 0 ? scaled : graph.node('Add', [scaled, graph.scalar(offset)]));
};

const writePrelu: WriteOne = (graph, layer, x) => {
  const alpha = layer.weights.get('alpha')!;
  const { name, as } = graph.either(x);
  const key = `${layer.name}/alpha`;
  const isImage = x.image !== undefined;
  const [height, width, channels] = alpha.shape as [number, number, number];
  const slope = isImage
    ? graph.weight(`${key}/image`, [channels, height, width], () => {
        const shape = [height, width, 1, channels];
        return kernels.toFirstAxes({ shape, data: alpha.data });
      })
    : graph.weight(key, alpha.shape, () => alpha.data);
  return as(graph.node('PRelu', [name, slope]));
};

const writeFlatten: WriteOne = (graph, _, x, shape) => {
  if (x.shape.length === 1) return x;
  const [height = 1, width = 1, channels = 1] = x.shape;
  // With one pixel, or one channel, both orders are the same.
  const isEither = x.image !== undefined && (height * width === 1 || channels === 1);
  return { shape, plain: graph.node('Flatten', [isEither ? x.image! : graph.plain(x)], { axis: 1 }) };
};

const reshaped = (graph: GraphWriter, x: Written, shape: Shape): Written => ({
  shape,
  plain: graph.node('Reshape', [graph.plain(x), graph.ints([0, ...shape])]),
});

const writePermute: WriteOne = (graph, layer, x, shape) => {
  const perm = [0, ...(layer.config.dims as readonly number[])];
  return { shape, plain: graph.node('Transpose', [graph.plain(x)], { perm }) };
};

/** Inputs of one form, whose axes meet; as NumPy aligns them, the last ones beside each other. */
function meeting(graph: GraphWriter, inputs: readonly Written[]) {
  const rank = Math.max(...inputs.map(({ shape }) => shape.length));
  const equal = inputs.map((x) =>
    x.shape.length === rank ? x : reshaped(graph, x, [...Array<number>(rank - x.shape.length).fill(1), ...x.shape]),
  );
  const isImage = rank === 3 && equal.some(({ image }) => image !== undefined);
  return {
    names: equal.map((x) => (isImage ? graph.image(x) : graph.plain(x))),
    as: (name: string, shape: Shape): Written => (isImage ? { shape, image: name } : { shape, plain: name }),
    isImage,
  };
}

const merge =
  (op: string, manyAtOnce: boolean): WriteLayer =>
  (graph, _, inputs, output) => {
    const { names, as } = meeting(graph, inputs);
    const y = manyAtOnce ? graph.node(op, names) : names.reduce((a, b) => graph.node(op, [a, b]));
    return as(y, output);
  };

const writeConcatenate: WriteLayer = (graph, layer, inputs, output) => {
  const { names, as, isImage } = meeting(graph, inputs);
  const given = layer.config.axis as number;
  const axis = given < 0 ? output.length + 1 + given : given;
  return as(graph.node('Concat', names, { axis: isImage ? [0, 2, 3, 1][axis]! : axis }), output);
};

const writeDropout: WriteOne = (graph, layer, x) =>
  graph.each('Dropout', x, {}, graph.scalar(layer.config.rate as number));

/** Writers by class name. */
export const WRITERS: Readonly<Record<string, WriteLayer>> = {
  Activation: one((graph, { config }, x) => writeActivation(graph, config.activation as string, x)),
  ReLU: one((graph, { config }, x) => writeRelu(graph, x, config)),
  LeakyReLU: one((graph, { config }, x) =>
    graph.each('LeakyRelu', x, { alpha: { float: config.negativeSlope as number } }),
  ),
  ELU: one((graph, { config }, x) => graph.each('Elu', x, { alpha: { float: config.alpha as number } })),
  Softmax: one((graph, _, x) => writeActivation(graph, 'softmax', x)),
  PReLU: one(writePrelu),
  Conv2D: one(kernels.writeConv2d),
  DepthwiseConv2D: one(kernels.writeDepthwiseConv2d),
  SeparableConv2D: one(kernels.writeDepthwiseConv2d),
  Conv2DTranspose: one(kernels.writeConv2dTranspose),
  Dense: one(kernels.writeDense),
  MaxPooling2D: one(kernels.writePool),
  AveragePooling2D: one(kernels.writePool),
  GlobalAveragePooling2D: one(kernels.writeGlobalPool),
  GlobalMaxPooling2D: one(kernels.writeGlobalPool),
  BatchNormalization: one(writeBatchNormalization),
  LayerNormalization: one(writeLayerNormalization),
  Normalization: one(writeNormalization),
  Rescaling: one(writeRescaling),
  Flatten: one(writeFlatten),
  Reshape: one((graph, _, x, output) => reshaped(graph, x, output)),
  Permute: one(writePermute),
  ZeroPadding2D: one(writeZeroPadding),
  Cropping2D: one(writeCrop),
  CenterCrop: one(writeResize),
  Resizing: one(writeResize),
  UpSampling2D: one(writeResize),
  Add: merge('Sum', true),
  Subtract: merge('Sub', false),
  Multiply: merge('Mul', false),
  Average: merge('Mean', true),
  Maximum: merge('Max', true),
  Minimum: merge('Min', true),
  Concatenate: writeConcatenate,
  Dropout: one(writeDropout),
  SpatialDropout2D: leftOut,
  GaussianNoise: leftOut,
  RandomAffine: leftOut,
  RandomFlip: leftOut,
  RandomRotation: leftOut,
  RandomShear: leftOut,
  RandomTranslation: leftOut,
  RandomZoom: leftOut,
  RandomBrightness: leftOut,
  RandomContrast: leftOut,
  RandomElasticTransform: leftOut,
  RandomErasing: leftOut,
  RandAugment: leftOut,
  RandomColorDegeneration: leftOut,
  RandomGrayscale: leftOut,
  RandomInvert: leftOut,
  RandomPosterization: leftOut,
  RandomSharpness: leftOut,
  Solarization: leftOut,
  RandomCrop: one(writeCrop),
};
