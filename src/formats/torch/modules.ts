// Layers as lines of a PyTorch module: what __init__ makes, and what forward() says. Images are [n, channels, height, width] there.
import type { Shape } from '../../base/shape.js';

export interface LayerToWrite {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Shapes of its first call, without the batch's axis. */
  readonly input: Shape;
  readonly output: Shape;
  /** The attribute of the module. */
  readonly name: string;
}

export interface Lines {
  /** Code behind `self.name = `; missing where the layer has no module. */
  readonly make?: string;
  /** The output, of these inputs. */
  readonly call: (...x: string[]) => string;
}

type Writer = (layer: LayerToWrite) => Lines | null;
type Pair = readonly [number, number];

const pair = (value: unknown): Pair =>
  Array.isArray(value) ? (value as unknown as Pair) : [Number(value), Number(value)];
const tuple = (values: readonly number[]): string => `(${values.join(', ')})`;
const python = (value: boolean): string => (value ? 'True' : 'False');
/** Exact in f64, as Python reads it. */
const number = (value: unknown): string => String(value);

const ACTIVATIONS: Readonly<Record<string, (x: string) => string>> = {
  linear: (x) => x,
  relu: (x) => `F.relu(${x})`,
  relu6: (x) => `F.relu6(${x})`,
  sigmoid: (x) => `torch.sigmoid(${x})`,
  tanh: (x) => `torch.tanh(${x})`,
  softmax: (x) => `F.softmax(${x}, 1)`,
  logSoftmax: (x) => `F.log_softmax(${x}, 1)`,
  elu: (x) => `F.elu(${x})`,
  selu: (x) => `F.selu(${x})`,
  exponential: (x) => `torch.exp(${x})`,
  gelu: (x) => `F.gelu(${x})`,
  geluApproximate: (x) => `F.gelu(${x}, approximate="tanh")`,
  hardSigmoid: (x) => `F.hardsigmoid(${x})`,
  hardSilu: (x) => `F.hardswish(${x})`,
  hardSwish: (x) => `F.hardswish(${x})`,
  leakyRelu: (x) => `F.leaky_relu(${x}, 0.2)`,
  mish: (x) => `F.mish(${x})`,
  silu: (x) => `F.silu(${x})`,
  swish: (x) => `F.silu(${x})`,
  softplus: (x) => `F.softplus(${x})`,
  softsign: (x) => `F.softsign(${x})`,
};

const activated = (config: LayerToWrite['config'], y: string): string =>
  ACTIVATIONS[String(config['activation'] ?? 'linear')]!(y);

interface Around {
  /** The module's option. */
  readonly padding: string;
  /** Before it, where the sides differ: left, right, top, bottom. */
  readonly pad: readonly number[] | null;
}

/** The padding of a window; 'same' as TensorFlow has it for this input. */
function around({ config, input, output }: LayerToWrite, window: unknown): Around {
  const { padding } = config;
  const [sizes, strides, dilations] = [pair(window), pair(config['strides']), pair(config['dilationRate'] ?? 1)];
  const sides = [0, 1].map((axis): Pair => {
    if (padding === 'valid') return [0, 0];
    if (Array.isArray(padding)) return pair(padding[axis]);
    const reach = (sizes[axis]! - 1) * dilations[axis]! + 1;
    const all = Math.max((output[axis]! - 1) * strides[axis]! + reach - input[axis]!, 0);
    return [Math.floor(all / 2), all - Math.floor(all / 2)];
  });
  const [[top, bottom], [left, right]] = sides as [Pair, Pair];
  return top === bottom && left === right
    ? { padding: tuple([top, left]), pad: null }
    : { padding: '0', pad: [left, right, top, bottom] };
}

const padded = ({ pad }: Around, x: string, value = ''): string => (pad ? `F.pad(${x}, ${tuple(pad)}${value})` : x);

function convolution(layer: LayerToWrite, inputs: number, outputs: number, groups: number): Lines {
  const { config, name } = layer;
  const place = around(layer, config['kernelSize']);
  const sizes = `${tuple(pair(config['kernelSize']))}, stride=${tuple(pair(config['strides']))}, padding=${place.padding}`;
  const rest = `dilation=${tuple(pair(config['dilationRate'] ?? 1))}, groups=${groups}, bias=${python(config['useBias'] !== false)}`;
  return {
    make: `nn.Conv2d(${inputs}, ${outputs}, ${sizes}, ${rest})`,
    call: (x) => activated(config, `self.${name}(${padded(place, x)})`),
  };
}

function pooling(layer: LayerToWrite, kind: 'max' | 'avg'): Lines {
  const window = layer.config['poolSize'];
  const place = around(layer, window);
  const sizes = `${tuple(pair(window))}, stride=${tuple(pair(layer.config['strides']))}`;
  if (kind === 'max')
    return {
      call: (x) => `F.max_pool2d(${padded(place, x, ', value=-torch.inf')}, ${sizes}, padding=${place.padding})`,
    };
  if (!place.pad)
    return { call: (x) => `F.avg_pool2d(${x}, ${sizes}, padding=${place.padding}, count_include_pad=False)` };
  // The mean of the values alone, over the share of the window that they are.
  const mean = (x: string): string => `F.avg_pool2d(${padded(place, x)}, ${sizes})`;
  return { call: (x) => `${mean(x)} / ${mean(`torch.ones_like(${x})`)}` };
}

const merge =
  (join: (...x: string[]) => string): Writer =>
  () => ({ call: join });

const nested = (name: string, x: readonly string[]): string =>
  x.slice(1).reduce((sum, each) => `torch.${name}(${sum}, ${each})`, x[0]!);

const norm = ({ config }: LayerToWrite): boolean => config['center'] === config['scale'];

/** Writers by Keras' class names; null where these options have no counterpart. */
export const writers: Readonly<Record<string, Writer>> = {
  Conv2D: (layer) =>
    convolution(layer, layer.input[2]!, Number(layer.config['filters']), Number(layer.config['groups'] ?? 1)),
  DepthwiseConv2D: (layer) => convolution(layer, layer.input[2]!, layer.output[2]!, layer.input[2]!),
  SeparableConv2D(layer) {
    const { config, input, name } = layer;
    const wide = input[2]! * Number(config['depthMultiplier'] ?? 1);
    const depthwise = { ...layer, config: { ...config, activation: 'linear', useBias: false } };
    const { make, call } = convolution(depthwise, input[2]!, wide, input[2]!);
    const pointwise = `nn.Conv2d(${wide}, ${config['filters']}, 1, bias=${python(config['useBias'] !== false)})`;
    return {
      make: `nn.ModuleDict({"depthwise": ${make}, "pointwise": ${pointwise}})`,
      call: (x) =>
        activated(
          config,
          `self.${name}["pointwise"](${call(x).replace(`self.${name}(`, `self.${name}["depthwise"](`)})`,
        ),
    };
  },
  Conv2DTranspose({ config, input, output, name }) {
    const [kernel, strides] = [pair(config['kernelSize']), pair(config['strides'])];
    if (config['outputPadding'] != null) return null;
    const full = [0, 1].map((axis) => (input[axis]! - 1) * strides[axis]! + kernel[axis]!);
    const extra = full.map((size, axis) => Math.max(0, output[axis]! - size));
    const before = full.map((size, axis) => Math.floor(Math.max(0, size - output[axis]!) / 2));
    const [top, left] = before as [number, number];
    const sizes = `${tuple(kernel)}, stride=${tuple(strides)}, output_padding=${tuple(extra)}`;
    return {
      make: `nn.ConvTranspose2d(${input[2]}, ${output[2]}, ${sizes}, bias=${python(config['useBias'] !== false)})`,
      call: (x) =>
        activated(config, `self.${name}(${x})[:, :, ${top}:${top + output[0]!}, ${left}:${left + output[1]!}]`),
    };
  },
  Dense: ({ config, input, name }) => ({
    make: `nn.Linear(${input[0]}, ${config['units']}, bias=${python(config['useBias'] !== false)})`,
    call: (x) => activated(config, `self.${name}(${x})`),
  }),
  BatchNormalization(layer) {
    const { config, input, name } = layer;
    if (!norm(layer)) return null;
    const options = `eps=${number(config['epsilon'])}, momentum=${number(1 - Number(config['momentum']))}, affine=${python(config['scale'] === true)}`;
    return {
      make: `nn.BatchNorm${input.length === 3 ? 2 : 1}d(${input.at(-1)}, ${options})`,
      call: (x) => `self.${name}(${x})`,
    };
  },
  LayerNormalization(layer) {
    const { config, input, name } = layer;
    if (!norm(layer)) return null;
    const make = `nn.LayerNorm(${input.at(-1)}, eps=${number(config['epsilon'])}, elementwise_affine=${python(config['scale'] === true)})`;
    const isImage = input.length === 3;
    return {
      make,
      call: (x) => (isImage ? `self.${name}(${x}.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)` : `self.${name}(${x})`),
    };
  },
  Normalization: ({ input, name }) => ({ make: `Normalization(${input.at(-1)})`, call: (x) => `self.${name}(${x})` }),
  Rescaling: ({ config }) => ({ call: (x) => `${x} * ${number(config['scale'])} + ${number(config['offset'])}` }),
  PReLU: ({ input, name }) => ({ make: `nn.PReLU(${input.at(-1)})`, call: (x) => `self.${name}(${x})` }),
  MaxPooling2D: (layer) => pooling(layer, 'max'),
  AveragePooling2D: (layer) => pooling(layer, 'avg'),
  GlobalAveragePooling2D: ({ config }) => ({
    call: (x) => `${x}.mean((2, 3), keepdim=${python(config['keepDims'] === true)})`,
  }),
  GlobalMaxPooling2D: ({ config }) => ({
    call: (x) => `${x}.amax((2, 3), keepdim=${python(config['keepDims'] === true)})`,
  }),
  Flatten: () => ({ call: (x) => `${x}.flatten(1)` }),
  Dropout: ({ config, name }) => ({ make: `nn.Dropout(${number(config['rate'])})`, call: (x) => `self.${name}(${x})` }),
  SpatialDropout2D: ({ config, name }) => ({
    make: `nn.Dropout2d(${number(config['rate'])})`,
    call: (x) => `self.${name}(${x})`,
  }),
  Activation: ({ config }) => ({ call: (x) => activated(config, x) }),
  Softmax: () => ({ call: (x) => ACTIVATIONS['softmax']!(x) }),
  ReLU({ config }) {
    const { maxValue, negativeSlope, threshold } = config;
    if (threshold !== 0 || (maxValue !== null && negativeSlope !== 0)) return null;
    if (maxValue !== null) return { call: (x) => `${x}.clamp(0, ${number(maxValue)})` };
    return { call: (x) => `F.leaky_relu(${x}, ${number(negativeSlope)})` };
  },
  LeakyReLU: ({ config }) => ({ call: (x) => `F.leaky_relu(${x}, ${number(config['negativeSlope'])})` }),
  ELU: ({ config }) => ({ call: (x) => `F.elu(${x}, ${number(config['alpha'])})` }),
  Add: merge((...x) => `(${x.join(' + ')})`),
  Subtract: merge((...x) => `(${x.join(' - ')})`),
  Multiply: merge((...x) => `(${x.join(' * ')})`),
  Average: merge((...x) => `((${x.join(' + ')}) / ${x.length})`),
  Maximum: merge((...x) => nested('maximum', x)),
  Minimum: merge((...x) => nested('minimum', x)),
  Concatenate: ({ config, output }) =>
    config['axis'] === -1 || config['axis'] === output.length
      ? { call: (...x) => `torch.cat((${x.join(', ')}), 1)` }
      : null,
  ZeroPadding2D({ config }) {
    const [vertical, horizontal] = config['padding'] as [Pair, Pair];
    return { call: (x) => `F.pad(${x}, ${tuple([...horizontal, ...vertical])})` };
  },
  Cropping2D({ config, output }) {
    const [[top], [left]] = config['cropping'] as [Pair, Pair];
    return { call: (x) => `${x}[:, :, ${top}:${top + output[0]!}, ${left}:${left + output[1]!}]` };
  },
  UpSampling2D: ({ config }) => ({
    call: (x) =>
      `F.interpolate(${x}, scale_factor=${tuple(pair(config['size']))}, mode="${config['interpolation']}"${config['interpolation'] === 'bilinear' ? ', align_corners=False' : ''})`,
  }),
};

/** Layers that do nothing but while training here, and are left out. */
export const isAugmentation = (className: string): boolean => /^Random/.test(className);
