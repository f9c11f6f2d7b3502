// A random layer of every kind, with random options. A kind that is added to src/layers/classes.ts is missed here by the compiler.
import { layers, regularizers, type Shape, type SymbolicTensor } from '../../src/index.js';
import type { Activation } from '../../src/layers/activation.js';
import type * as classes from '../../src/layers/classes.js';
import type { Decisions } from './decisions.js';

export type LayerClass = keyof typeof classes;

interface Kind {
  /** 'several': two inputs or more. */
  readonly takes: 'images' | 'vectors' | 'anything' | 'several';
  /** How often, among those that take the same. */
  readonly share: number;
  make(d: Decisions, shape: Shape): layers.Layer;
}

/** How often each is drawn, where it is not 'linear' or ReLU. */
export const activations: Readonly<Record<Exclude<Activation, 'linear' | 'relu'>, number>> = {
  ...{
    sigmoid: 2,
    tanh: 2,
    softmax: 1,
    elu: 1,
    exponential: 1,
    gelu: 1,
    geluApproximate: 1,
    hardSigmoid: 1,
    hardSilu: 1,
  },
  ...{
    hardSwish: 1,
    leakyRelu: 1,
    logSoftmax: 1,
    mish: 1,
    relu6: 1,
    selu: 1,
    silu: 1,
    softplus: 1,
    softsign: 1,
    swish: 1,
  },
};
const others = Object.entries(activations).flatMap(([name, share]) =>
  Array<Activation>(share).fill(name as keyof typeof activations),
);
const rates = [0, 0.2, 0.5, 0.8];
const interpolations = ['nearest', 'bilinear'] as const;

type Pair = [number, number];

/** Penalties on a few layers' outputs and weights. */
const penalties = (d: Decisions, ...weights: readonly string[]): object =>
  Object.fromEntries(
    ['activity', ...weights]
      .filter(() => d.below(24) === 0)
      .map((name) => [
        `${name}Regularizer`,
        d.pick([() => regularizers.l2({ l2: 0.02 }), () => regularizers.l1({ l1: 0.03 }), () => 'l1l2'])(),
      ]),
  );

const often = (d: Decisions): boolean => d.below(4) > 0;
const pair = (d: Decisions, most: number, least = 1): Pair => [
  least + d.below(most - least + 1),
  least + d.below(most - least + 1),
];
const sides = (d: Decisions, most: number): [Pair, Pair] => [pair(d, most, 0), pair(d, most, 0)];
const strides = (d: Decisions) => d.pick([1, 1, 2, pair(d, 3)]);
const padding = (d: Decisions) => d.pick(['valid', 'same', 'same'] as const);
const pool = (d: Decisions) => ({ poolSize: pair(d, 4), strides: pair(d, 3), padding: padding(d) });

/** For an `activation` option: mostly linear or ReLU. */
export function someActivation(d: Decisions): Activation {
  const choice = d.below(6);
  return choice < 3 ? 'linear' : choice === 3 ? 'relu' : d.pick(others);
}

const convolution = (d: Decisions) => ({
  kernelSize: d.pick([3, 5, pair(d, 5)]),
  strides: strides(d),
  padding: d.below(4) > 0 ? padding(d) : d.pick([1, pair(d, 2, 0), sides(d, 2)]),
  dilationRate: often(d) ? 1 : pair(d, 3),
  activation: someActivation(d),
  useBias: often(d),
  ...penalties(d, 'bias'),
});
const filters = (d: Decisions): number => d.pick([4, 8, 12, 1 + d.below(17)]);
/** What divides the number of channels. */
const groups = (d: Decisions, channels: number): number =>
  d.pick(Array.from({ length: channels }, (_, i) => i + 1).filter((size) => channels % size === 0));
/** Not 'nearest', which rounding may send to another pixel. */
const sampling = (d: Decisions) => ({
  fillMode: d.pick(['constant', 'nearest', 'reflect', 'wrap'] as const),
  fillValue: d.pick([0, 0.5]),
});
const hasColors = ([, , channels]: Shape): boolean => channels === 1 || channels === 3;
const affine = (d: Decisions) => ({ epsilon: d.pick([1e-3, 1e-2, 0.1]), center: often(d), scale: often(d) });

function shuffled(d: Decisions, length: number): number[] {
  const left = Array.from({ length }, (_, i) => i + 1);
  return left.map(() => 0).map(() => left.splice(d.below(left.length), 1)[0]!);
}

const merge = (make: () => layers.Layer): Kind => ({ takes: 'several', share: 1, make });

export const kinds: Readonly<Record<LayerClass, Kind>> = {
  Activation: {
    takes: 'anything',
    share: 4,
    make: (d) => layers.activation({ activation: d.pick(['linear', 'relu', 'relu', ...others]) }),
  },
  ELU: { takes: 'anything', share: 1, make: (d) => layers.elu({ alpha: d.pick([1, 0.5]) }) },
  LeakyReLU: {
    takes: 'anything',
    share: 1,
    make: (d) => layers.leakyReLU({ negativeSlope: d.pick([0.3, 0.01]) }),
  },
  ReLU: {
    takes: 'anything',
    share: 1,
    make: (d) =>
      layers.relu({
        ...{ maxValue: d.pick([null, 1, 6]), negativeSlope: d.pick([0, 0.1]) },
        threshold: d.pick([0, 0, 0.25]),
      }),
  },
  Softmax: { takes: 'anything', share: 1, make: () => layers.softmax() },
  AveragePooling2D: { takes: 'images', share: 2, make: (d) => layers.averagePooling2d(pool(d)) },
  BatchNormalization: {
    takes: 'anything',
    share: 4,
    make: (d) => layers.batchNormalization({ momentum: d.pick([0.99, 0.9, 0.5, 0, 1]), ...affine(d) }),
  },
  Concatenate: {
    takes: 'several',
    share: 3,
    make: (d) => layers.concatenate({ axis: d.pick([-1, -1, 1, 2]) }),
  },
  Conv2D: {
    takes: 'images',
    share: 6,
    make(d, shape) {
      if (d.below(3) > 0) return layers.conv2d({ filters: filters(d), ...convolution(d), ...penalties(d, 'kernel') });
      const parts = groups(d, shape[2]!);
      return layers.conv2d({ groups: parts, filters: parts * (1 + d.below(4)), ...convolution(d) });
    },
  },
  Conv2DTranspose: {
    takes: 'images',
    share: 3,
    make(d) {
      const steps = pair(d, 3);
      return layers.conv2dTranspose({
        ...{ filters: filters(d), kernelSize: pair(d, 5), strides: steps, padding: padding(d) },
        outputPadding: often(d) ? null : [d.below(steps[0]), d.below(steps[1])],
        ...{ activation: someActivation(d), useBias: often(d) },
      });
    },
  },
  Dense: {
    takes: 'vectors',
    share: 12,
    make: (d) =>
      layers.dense({
        ...{ units: d.pick([8, 16, 1 + d.below(40)]), activation: someActivation(d), useBias: often(d) },
        ...penalties(d, 'kernel', 'bias'),
      }),
  },
  DepthwiseConv2D: {
    takes: 'images',
    share: 5,
    make: (d) =>
      layers.depthwiseConv2d({
        ...{ depthMultiplier: often(d) ? 1 : 1 + d.below(3), ...convolution(d) },
        ...penalties(d, 'depthwise'),
      }),
  },
  Dropout: { takes: 'anything', share: 1, make: (d) => layers.dropout({ rate: d.pick(rates) }) },
  Flatten: { takes: 'anything', share: 1, make: () => layers.flatten() },
  LayerNormalization: {
    takes: 'anything',
    share: 1,
    make: (d) => layers.layerNormalization({ ...affine(d), ...penalties(d, 'beta', 'gamma') }),
  },
  MaxPooling2D: {
    takes: 'images',
    share: 3,
    make: (d) => (d.below(2) === 0 ? layers.maxPooling2d() : layers.maxPooling2d(pool(d))),
  },
  PReLU: {
    takes: 'anything',
    share: 1,
    make: (d, shape) => layers.prelu({ sharedAxes: d.pick([null, shape.length === 3 ? [1, 2] : [1]]) }),
  },
  SeparableConv2D: {
    takes: 'images',
    share: 2,
    make: (d) => layers.separableConv2d({ filters: filters(d), depthMultiplier: 1 + d.below(2), ...convolution(d) }),
  },
  GlobalAveragePooling2D: {
    takes: 'images',
    share: 1,
    make: (d) => layers.globalAveragePooling2d({ keepDims: d.below(2) === 1 }),
  },
  GlobalMaxPooling2D: {
    takes: 'images',
    share: 1,
    make: (d) => layers.globalMaxPooling2d({ keepDims: d.below(2) === 1 }),
  },
  Add: { ...merge(() => layers.add()), share: 3 },
  Average: merge(() => layers.average()),
  Maximum: merge(() => layers.maximum()),
  Minimum: merge(() => layers.minimum()),
  Multiply: { ...merge(() => layers.multiply()), share: 2 },
  Subtract: merge(() => layers.subtract()),
  Cropping2D: { takes: 'images', share: 1, make: (d) => layers.cropping2d({ cropping: sides(d, 2) }) },
  ZeroPadding2D: { takes: 'images', share: 1, make: (d) => layers.zeroPadding2d({ padding: sides(d, 2) }) },
  Permute: { takes: 'anything', share: 1, make: (d, shape) => layers.permute({ dims: shuffled(d, shape.length) }) },
  Reshape: {
    takes: 'anything',
    share: 1,
    make: (d, shape) =>
      layers.reshape({ targetShape: d.pick([[-1], [1, 1, -1], [-1, shape.at(-1)!], [...shape].reverse()]) }),
  },
  CenterCrop: {
    takes: 'images',
    share: 1,
    make: (d) => layers.centerCrop({ height: 1 + d.below(6), width: 1 + d.below(6) }),
  },
  Resizing: {
    takes: 'images',
    share: 1,
    make: (d) =>
      layers.resizing({
        ...{ height: 1 + d.below(7), width: 1 + d.below(7), cropToAspectRatio: d.below(2) === 1 },
        interpolation: d.pick(interpolations),
      }),
  },
  UpSampling2D: {
    takes: 'images',
    share: 1,
    make: (d) => layers.upSampling2d({ size: pair(d, 3), interpolation: d.pick(interpolations) }),
  },
  GaussianNoise: { takes: 'anything', share: 1, make: (d) => layers.gaussianNoise({ stddev: 0.1 * d.below(3) }) },
  SpatialDropout2D: { takes: 'images', share: 1, make: (d) => layers.spatialDropout2d({ rate: d.pick(rates) }) },
  RandomAffine: {
    takes: 'images',
    share: 1,
    make: (d) =>
      layers.randomAffine({
        ...{ flip: d.pick([null, 'horizontal', 'horizontalAndVertical'] as const), rotation: d.pick([0, 0.1, 1]) },
        ...{ translation: d.pick([0, 0.2, { height: 1 }]), zoom: d.pick([0, 0.3, { width: [-0.5, 1] }] as const) },
        ...{ shear: d.pick([0, 0.2, { x: 1 }]), ...sampling(d) },
      }),
  },
  RandomBrightness: {
    takes: 'images',
    share: 1,
    make: (d) => layers.randomBrightness({ factor: d.pick([0, 0.2, [-0.5, 0.1]] as const), valueRange: [-3, 3] }),
  },
  RandomContrast: {
    takes: 'images',
    share: 1,
    make: (d) => layers.randomContrast({ factor: d.pick([0, 0.5, [0.9, 0.2]] as const), valueRange: [-3, 3] }),
  },
  RandomCrop: {
    takes: 'images',
    share: 1,
    make: (d, [height, width]) =>
      layers.randomCrop({
        ...{ height: d.pick([height!, 1 + d.below(6)]), width: d.pick([width!, 1 + d.below(6)]) },
        padding: d.pick([0, 1, [0, 2]] as const),
      }),
  },
  RandomElasticTransform: {
    takes: 'images',
    share: 1,
    make: (d) =>
      layers.randomElasticTransform({
        ...{ factor: d.pick([1, 0.5]), scale: d.pick([1, 0.1, [0.5, 1]] as const), alpha: d.pick([null, 5]) },
        ...{ sigma: d.pick([null, 1.5]), ...sampling(d) },
      }),
  },
  RandomErasing: {
    takes: 'images',
    share: 1,
    make: (d) =>
      layers.randomErasing({
        ...{ factor: d.pick([1, 0.5]), scale: d.pick([0.2, [0.02, 0.9]] as const) },
        fillValue: d.pick([null, 0.5]),
      }),
  },
  RandomFlip: {
    takes: 'images',
    share: 1,
    make: (d) => layers.randomFlip({ mode: d.pick(['horizontal', 'vertical', 'horizontalAndVertical'] as const) }),
  },
  RandomRotation: {
    takes: 'images',
    share: 1,
    make: (d) => layers.randomRotation({ factor: d.pick([0, 0.05, 0.3]), ...sampling(d) }),
  },
  RandomShear: {
    takes: 'images',
    share: 1,
    make: (d) =>
      layers.randomShear({ xFactor: d.pick([0, 0.3, [0.1, 0.6]] as const), yFactor: d.pick([0, 0.2]), ...sampling(d) }),
  },
  RandomTranslation: {
    takes: 'images',
    share: 1,
    make: (d) =>
      layers.randomTranslation({
        ...{ heightFactor: d.pick([0, 0.2, 1]), widthFactor: d.pick([0.3, [-0.1, 0.4]] as const) },
        ...sampling(d),
      }),
  },
  RandomZoom: {
    takes: 'images',
    share: 1,
    make: (d) =>
      layers.randomZoom({
        heightFactor: d.pick([0.2, [-0.4, 0.1]] as const),
        widthFactor: d.pick([null, 0.5]),
        ...sampling(d),
      }),
  },
  RandAugment: {
    takes: 'images',
    share: 2,
    make: (d) =>
      layers.randAugment({
        ...{ numOps: d.pick([1, 2, 3]), factor: d.pick([0.5, 0.1, [0.2, 0.9]] as const), valueRange: [-3, 3] },
        ...sampling(d),
      }),
  },
  RandomColorDegeneration: {
    takes: 'images',
    share: 2,
    make: (d, shape) =>
      hasColors(shape)
        ? layers.randomColorDegeneration({ factor: d.pick([0.5, [0.2, 1]] as const), valueRange: [-3, 3] })
        : layers.randomInvert({ valueRange: [-3, 3] }),
  },
  RandomGrayscale: {
    takes: 'images',
    share: 2,
    make: (d, shape) =>
      hasColors(shape)
        ? layers.randomGrayscale({ factor: d.pick([0, 0.5, 1]) })
        : layers.randomSharpness({ factor: 1 }),
  },
  RandomInvert: {
    takes: 'images',
    share: 1,
    make: (d) => layers.randomInvert({ factor: d.pick([0, 0.5, 1]), valueRange: [-3, 3] }),
  },
  RandomPosterization: {
    takes: 'images',
    share: 1,
    make: (d) => layers.randomPosterization({ factor: d.pick([4, 1, [3, 8]] as const), valueRange: [-3, 3] }),
  },
  RandomSharpness: {
    takes: 'images',
    share: 1,
    make: (d) => layers.randomSharpness({ factor: d.pick([0.5, 1, [0.7, 0.9]] as const), valueRange: [-3, 3] }),
  },
  Solarization: {
    takes: 'images',
    share: 1,
    make: (d) =>
      layers.solarization({
        ...{ additionFactor: d.pick([0, 0.3]), thresholdFactor: d.pick([0, 0.9, [0.4, 0.6]] as const) },
        valueRange: [-3, 3],
      }),
  },
  Normalization: {
    takes: 'anything',
    share: 1,
    make: () => layers.normalization({ mean: 0.2, variance: 0.6 }),
  },
  Rescaling: {
    takes: 'anything',
    share: 1,
    make: (d) => layers.rescaling({ scale: d.pick([-1.5, 0.5, 2]), offset: d.pick([0, 0.3]) }),
  },
};

const shares = (takes: Kind['takes']): readonly Kind[] =>
  Object.values(kinds).flatMap((kind) => (kind.takes === takes ? Array<Kind>(kind.share).fill(kind) : []));
const byTakes = {
  images: shares('images'),
  vectors: shares('vectors'),
  anything: shares('anything'),
  several: shares('several'),
};

/** A layer of one input of this shape. */
export function someLayer(d: Decisions, shape: Shape): layers.Layer {
  const own = shape.length === 3 ? byTakes.images : shape.length === 1 ? byTakes.vectors : [];
  const list = own.length > 0 && d.below(5) > 1 ? own : byTakes.anything;
  return d.pick(list).make(d, shape);
}

/** A layer of several inputs. */
export function someMerge(d: Decisions): layers.Layer {
  return d.pick(byTakes.several).make(d, []);
}

/** Each applied to what the one before made. */
function applied(x: SymbolicTensor, ...list: readonly layers.Layer[]): SymbolicTensor[] {
  const made = [x];
  for (const layer of list) made.push(layer.apply(made.at(-1)!));
  return made.slice(1);
}

/** Layers that ops take in together, or that stand together in the networks that people use: all values, the last one its output. */
export function someBlock(
  d: Decisions,
  x: SymbolicTensor,
  frozen: (layer: layers.Layer) => layers.Layer,
): readonly SymbolicTensor[] {
  const { shape } = x;
  const { Conv2D, DepthwiseConv2D, BatchNormalization, Dense, Flatten } = kinds;
  const norm = (): layers.Layer => frozen(BatchNormalization.make(d, shape));
  const relu = (): layers.Layer => layers.activation({ activation: d.pick(['relu', 'relu', 'relu6', 'silu']) });
  if (shape.length !== 3) {
    const flat = shape.length === 1 ? [] : [Flatten.make(d, shape)];
    return applied(x, ...flat, frozen(Dense.make(d, shape)), norm(), relu());
  }
  const channels = shape[2]!;
  const three = (size: number, options: Partial<layers.Conv2dOptions> = {}): layers.Layer =>
    frozen(layers.conv2d({ filters: size, kernelSize: 3, padding: 'same', useBias: often(d), ...options }));
  const one = (size: number, activation: Activation = 'linear'): layers.Layer =>
    frozen(layers.conv2d({ filters: size, kernelSize: 1, activation, useBias: often(d) }));
  switch (d.below(8)) {
    case 0:
      return applied(x, three(d.pick([4, 8, 16]), { padding: padding(d), activation: 'relu' }), layers.maxPooling2d());
    case 1: {
      const branch = applied(x, three(channels), norm(), relu(), three(channels), norm());
      const sum = layers.add().apply([x, branch.at(-1)!]);
      return [...branch, sum, layers.activation({ activation: 'relu' }).apply(sum)];
    }
    case 2: {
      const mean = layers.globalAveragePooling2d({ keepDims: true });
      const branch = applied(x, mean, one(2, 'relu'), one(channels, 'sigmoid'));
      return [...branch, layers.multiply().apply([x, branch.at(-1)!])];
    }
    case 3:
      return applied(x, three(8), relu(), three(8, { strides: d.pick([1, 2]) }), relu());
    default: {
      const first = d.pick([
        () => three(d.pick([4, 8, 16]), { padding: padding(d), strides: d.pick([1, 2]) }),
        () => one(filters(d)),
        () => frozen(Conv2D.make(d, shape)),
        () => frozen(DepthwiseConv2D.make(d, shape)),
      ]);
      return applied(x, first(), norm(), ...(often(d) ? [relu()] : []));
    }
  }
}
