// Every layer that Keras and wasm-cnn both have: how options are called, which weights it has and in which order. Both directions come
// from this one table.
import { isRecord } from '../../base/options.js';
import { ownValue } from '../../base/ownValue.js';
import { isNothing, noCounterpart, shown, snakeCase, type Json } from './json.js';
import {
  activation,
  constraint,
  initializer,
  plain,
  regularizer,
  word,
  type Codec,
  type Reading,
  type Writing,
} from './values.js';

/** A variable of a layer, at its place in Keras' order. */
interface VariableKind {
  /** Ours: 'depthwiseKernel'. Null where Keras has one that is nothing here, as Normalization's count. */
  readonly ours: string | null;
  /** Keras' and TF.js': 'depthwise_kernel'. */
  readonly name: string;
  /** What Keras 3 calls it, where that is another name. */
  readonly keras3?: string;
  readonly trained: boolean;
}

interface LayerKind {
  /** Options by our names. */
  readonly options: Readonly<Record<string, Codec>>;
  readonly variables?: (config: Json) => readonly VariableKind[];
  /** Keys that may hold one of these values, which change nothing here. */
  readonly fixed?: Readonly<Record<string, readonly unknown[]>>;
  /** Keys that are always written: what the other side takes else is something else. */
  readonly always?: Json;
  /** Why TF.js cannot hold it, or undefined. */
  readonly notInTfjs?: (config: Json) => string | undefined;
}

const weight = (name: string, keras3?: string): VariableKind => ({
  ours: name,
  name: snakeCase(name),
  ...(keras3 !== undefined && { keras3 }),
  trained: true,
});
const statistic = (ours: string | null, name: string): VariableKind => ({ ours, name, trained: false });

/** Options of a weight: its first values, penalty and constraint. */
const ofWeight = (name: string): Record<string, Codec> => ({
  [`${name}Initializer`]: initializer,
  [`${name}Regularizer`]: regularizer,
  [`${name}Constraint`]: constraint,
});

const withBias =
  (...kernels: VariableKind[]) =>
  ({ useBias = true }: Json): readonly VariableKind[] =>
    useBias ? [...kernels, weight('bias')] : kernels;

const bias = { useBias: plain, ...ofWeight('bias') };
const window = { kernelSize: plain, strides: plain, padding: plain };
const convolution = { ...window, dilationRate: plain, activation, ...bias };
const channelsLast = { data_format: ['channels_last', 'tf', null] };

const none: LayerKind = { options: {} };
const pool: LayerKind = { options: { poolSize: plain, strides: plain, padding: plain }, fixed: channelsLast };
const globalPool: LayerKind = {
  options: { keepDims: { ...plain, key: 'keepdims' } },
  fixed: channelsLast,
};

const normalized = ({ scale = true, center = true }: Json): VariableKind[] => [
  ...(scale ? [weight('gamma')] : []),
  ...(center ? [weight('beta')] : []),
];

/** [3] for 3. Here the last axis is the one, which a layer checks once it knows its input. */
const axis: Codec = {
  read: (value) => (Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value),
  write: (value) => value,
};
const normalization = { axis, epsilon: plain, center: plain, scale: plain, ...ofWeight('beta'), ...ofWeight('gamma') };

const isOne = (value: unknown): boolean => [value].flat().every((each) => each === undefined || each === 1);
const groupsOf = ({ groups }: Json): string | undefined => (isOne(groups) ? undefined : `groups ${shown(groups)}`);
const missing = (): string => 'there is no such layer';

/** A list of numbers for each channel is one of our Normalization; see read.ts. */
const number: Codec = {
  read(value) {
    const [only, ...more] = [plain.read(value, undefined as never)].flat(3) as unknown[];
    return typeof only === 'number' && more.length === 0
      ? only
      : noCounterpart(`one number a channel, ${shown(value)}`);
  },
  write: (value) => value,
};

/** TF.js writes null for -1. */
const reshaped: Codec = {
  read: (value) => (Array.isArray(value) ? value.map((size: unknown) => size ?? -1) : value),
  write: (value) => value,
};

const sampling = {
  interpolation: plain,
  fillMode: plain,
  fillValue: plain,
};

/** Layers by Keras' class names, which are ours. */
export const LAYERS: Readonly<Record<string, LayerKind>> = {
  Conv2D: {
    options: { filters: plain, groups: plain, ...convolution, ...ofWeight('kernel') },
    variables: withBias(weight('kernel')),
    fixed: channelsLast,
    notInTfjs: groupsOf,
  },
  DepthwiseConv2D: {
    options: { depthMultiplier: plain, ...convolution, ...ofWeight('depthwise') },
    variables: withBias(weight('depthwiseKernel', 'kernel')),
    // What Keras 2 inherits from Conv2D.
    fixed: { ...channelsLast, groups: [1], filters: [null] },
    notInTfjs: ({ dilationRate }) => (isOne(dilationRate) ? undefined : `dilationRate ${shown(dilationRate)}`),
  },
  SeparableConv2D: {
    options: {
      ...{ filters: plain, depthMultiplier: plain, ...convolution },
      ...{ ...ofWeight('depthwise'), ...ofWeight('pointwise') },
    },
    variables: withBias(weight('depthwiseKernel'), weight('pointwiseKernel')),
    fixed: { ...channelsLast, groups: [1] },
  },
  Conv2DTranspose: {
    options: { filters: plain, ...window, outputPadding: plain, activation, ...bias, ...ofWeight('kernel') },
    variables: withBias(weight('kernel')),
    fixed: { ...channelsLast, groups: [1], dilation_rate: [1, [1, 1]] },
    notInTfjs: ({ outputPadding }) => (isNothing(outputPadding) ? undefined : `outputPadding ${shown(outputPadding)}`),
  },
  Dense: {
    options: { units: plain, activation, ...bias, ...ofWeight('kernel') },
    variables: withBias(weight('kernel')),
  },
  BatchNormalization: {
    options: {
      ...{ ...normalization, momentum: plain },
      ...{ movingMeanInitializer: initializer, movingVarianceInitializer: initializer },
    },
    variables: (config) => [
      ...normalized(config),
      statistic('movingMean', 'moving_mean'),
      statistic('movingVariance', 'moving_variance'),
    ],
    fixed: { fused: [true], renorm_momentum: [0.99], mode: [0] },
  },
  LayerNormalization: { options: normalization, variables: normalized },
  Normalization: {
    options: {},
    variables: () => [statistic('mean', 'mean'), statistic('variance', 'variance'), statistic(null, 'count')],
    fixed: { axis: [-1, [-1], 3, [3], 1, [1]] },
    notInTfjs: missing,
  },
  PReLU: {
    options: { sharedAxes: plain, ...ofWeight('alpha') },
    variables: () => [weight('alpha')],
  },
  MaxPooling2D: pool,
  AveragePooling2D: pool,
  GlobalAveragePooling2D: globalPool,
  GlobalMaxPooling2D: globalPool,
  Flatten: { options: {}, fixed: channelsLast },
  Reshape: { options: { targetShape: reshaped } },
  Permute: { options: { dims: plain } },
  ZeroPadding2D: { options: { padding: plain }, fixed: channelsLast },
  Cropping2D: { options: { cropping: plain }, fixed: channelsLast },
  UpSampling2D: {
    options: { size: plain, interpolation: plain },
    fixed: channelsLast,
    notInTfjs: ({ interpolation }) =>
      interpolation === 'bilinear' ? 'bilinear interpolation, whose pixels lie elsewhere there' : undefined,
  },
  Resizing: {
    options: { height: plain, width: plain, interpolation: plain, cropToAspectRatio: plain },
    fixed: channelsLast,
    notInTfjs: () => 'its pixels lie elsewhere there',
  },
  CenterCrop: { options: { height: plain, width: plain }, fixed: channelsLast },
  Dropout: { options: { rate: { ...plain, also: ['p'] } } },
  SpatialDropout2D: { options: { rate: plain }, fixed: channelsLast },
  GaussianNoise: { options: { stddev: { ...plain, also: ['sigma'] } } },
  Activation: { options: { activation } },
  ReLU: {
    options: { maxValue: plain, negativeSlope: plain, threshold: plain },
    notInTfjs: ({ negativeSlope, threshold }) =>
      negativeSlope || threshold ? `a ${negativeSlope ? 'negativeSlope' : 'threshold'} other than 0` : undefined,
  },
  LeakyReLU: {
    options: { negativeSlope: { ...plain, key: { keras3: 'negative_slope', tfjs: 'alpha' } } },
  },
  ELU: {
    options: { alpha: plain },
    notInTfjs: ({ alpha = 1 }) => (alpha === 1 ? undefined : 'an alpha other than 1'),
  },
  // TF.js' default is axis 1. Which one is the last is known with its input; see lastAxes.ts.
  Softmax: { options: {}, fixed: { axis: [-1, [-1], 1, 2, 3] }, always: { axis: -1 } },
  Add: none,
  Average: none,
  Maximum: none,
  Minimum: none,
  Multiply: none,
  Subtract: { options: {}, notInTfjs: missing },
  Concatenate: { options: { axis: plain } },
  Rescaling: { options: { scale: number, offset: number } },
  RandomFlip: { options: { mode: word }, fixed: channelsLast },
  RandomRotation: { options: { factor: plain, ...sampling }, fixed: channelsLast },
  RandomTranslation: { options: { heightFactor: plain, widthFactor: plain, ...sampling }, fixed: channelsLast },
  RandomZoom: { options: { heightFactor: plain, widthFactor: plain, ...sampling }, fixed: channelsLast },
  RandomContrast: { options: { factor: plain, valueRange: plain }, fixed: channelsLast },
  RandomBrightness: { options: { factor: plain, valueRange: plain }, fixed: channelsLast },
};

/** Keys that say nothing of what a layer computes, or are read elsewhere. */
const SAID_ELSEWHERE: readonly string[] = [
  ...[
    'name',
    'trainable',
    'dtype',
    'seed',
    'autocast',
    'batch_input_shape',
    'batch_shape',
    'input_shape',
    'batch_size',
  ],
  ...['input_dtype', 'input_dim', 'noise_shape'],
];

/** Options that every layer has. */
const OF_ALL: Readonly<Record<string, Codec>> = { activityRegularizer: regularizer };

const keyOf = (ours: string, { key }: Codec, version: 'keras3' | 'tfjs'): string =>
  typeof key === 'string' ? key : (key?.[version] ?? snakeCase(ours));

/** Our options of a layer of this class, whose configuration is Keras'; throws NoCounterpart. */
export function readOptions(className: string, given: Json, reading: Reading): Json {
  const { options, fixed = {} } = LAYERS[className]!;
  const known = new Set(SAID_ELSEWHERE);
  const config: Json = {};
  for (const [ours, codec] of Object.entries({ ...options, ...OF_ALL })) {
    const keys = [keyOf(ours, codec, 'keras3'), keyOf(ours, codec, 'tfjs'), ...(codec.also ?? [])];
    for (const key of keys) known.add(key);
    const key = keys.find((each) => Object.hasOwn(given, each));
    if (key === undefined) continue;
    const value = codec.read(given[key], reading);
    if (value !== undefined && value !== null) config[ours] = value;
  }
  for (const [key, value] of Object.entries(given)) {
    const allowed = ownValue(fixed, key);
    // First weights are no matter where there are weights: Keras 2's SeparableConv2D has those of a kernel that it has not.
    const isGood = allowed
      ? allowed.some((each) => JSON.stringify(each) === JSON.stringify(value))
      : known.has(key) || isNothing(value) || key.endsWith('_initializer');
    if (!isGood) noCounterpart(`${key} ${shown(value)}`);
  }
  if (!isNothing(given.noise_shape)) noCounterpart(`noise_shape ${shown(given.noise_shape)}`);
  return config;
}

/** Keras' options of a layer; throws NoCounterpart. */
export function writeOptions(className: string, config: Json, writing: Writing): Json {
  const { version } = writing;
  const kind = ownValue(LAYERS, className) ?? noCounterpart('there is no such layer');
  const reason = version === 'tfjs' ? kind.notInTfjs?.(config) : undefined;
  if (reason !== undefined) noCounterpart(reason);
  const written: Json = { ...kind.always };
  for (const [ours, codec] of Object.entries({ ...kind.options, ...OF_ALL })) {
    const value = config[ours];
    if (value === undefined || (ours === 'groups' && version === 'tfjs')) continue;
    written[keyOf(ours, codec, version)] = value === null ? null : codec.write(value, writing);
  }
  return written;
}

/** The variables of a layer of ours, in Keras' order. */
export function variablesOf(className: string, config: unknown): readonly VariableKind[] {
  return LAYERS[className]?.variables?.(isRecord(config) ? config : {}) ?? [];
}
