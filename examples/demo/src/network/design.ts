// What network the person wants: a list of layers that can be changed, and the model that it makes.
import { layers, networks, sequential, type Model } from 'wasm-cnn';
import { digitsForm, type Form } from './form.js';

export type LayerKind = 'conv2d' | 'maxPooling2d' | 'flatten' | 'dropout' | 'dense' | 'activation';

export interface LayerDesign {
  readonly kind: LayerKind;
  /** The layer's options, as its function in `layers` takes them. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface Design {
  /** The model's name. */
  readonly name: string;
  readonly layers: readonly LayerDesign[];
}

/** An option that the page has a field for. */
export interface Field {
  readonly option: string;
  readonly label: string;
  readonly min: number;
  /** 'any': not only whole numbers. */
  readonly step: number | 'any';
  readonly max?: number;
}

export const fields: Readonly<Record<LayerKind, readonly Field[]>> = {
  conv2d: [
    { option: 'filters', label: 'filters', min: 1, step: 1 },
    { option: 'kernelSize', label: 'px wide', min: 1, step: 1 },
  ],
  maxPooling2d: [{ option: 'poolSize', label: 'px wide', min: 1, step: 1 }],
  flatten: [],
  dropout: [{ option: 'rate', label: 'rate', min: 0, step: 'any', max: 0.99 }],
  dense: [{ option: 'units', label: 'units', min: 1, step: 1 }],
  activation: [],
};

export const words: Readonly<Record<LayerKind, string>> = {
  conv2d: 'convolution',
  maxPooling2d: 'pooling',
  flatten: 'flatten',
  dropout: 'dropout',
  dense: 'dense',
  activation: 'activation',
};

const fresh: Readonly<Record<LayerKind, LayerDesign['config']>> = {
  conv2d: { filters: 16, kernelSize: 3, activation: 'relu' },
  maxPooling2d: { poolSize: 2 },
  flatten: {},
  dropout: { rate: 0.25 },
  dense: { units: 64, activation: 'relu' },
  activation: { activation: 'relu' },
};
const flatten: LayerDesign = { kind: 'flatten', config: {} };
/** A probability for each class, whatever comes before; fitted() says how many. */
export const readout: LayerDesign = { kind: 'dense', config: { units: 10, activation: 'softmax' } };

export type PresetName = 'small' | 'reference' | 'classic' | 'dense';

/** For ten digits; {@link fitted} makes them fit other data. */
export const presets: Readonly<Record<PresetName, Design>> = {
  small: complete({
    name: 'small',
    layers: [
      { kind: 'conv2d', config: { filters: 8, kernelSize: 5, activation: 'relu' } },
      newLayer('maxPooling2d'),
      newLayer('conv2d'),
      newLayer('maxPooling2d'),
      flatten,
      readout,
    ],
  }),
  reference: designOf(networks.reference()),
  classic: designOf(networks.classic()),
  dense: complete({ name: 'dense', layers: [flatten, newLayer('dense'), readout] }),
};

export function newLayer(kind: LayerKind): LayerDesign {
  return { kind, config: fresh[kind] };
}

/** The design of an existing model. */
export function designOf(model: Model): Design {
  return {
    name: model.name,
    layers: model.layers.map(({ layer }) => ({ kind: layer.kind as LayerKind, config: layer.getConfig() })),
  };
}

/** With all options, as a saved model names them: so it is known when it comes back. */
function complete(design: Design): Design {
  return designOf(buildModel(design, digitsForm, 0));
}

/** With as many probabilities at the end as there are classes. */
export function fitted({ name, layers: list }: Design, { classes }: Form): Design {
  const last = list.findLastIndex(({ kind }) => kind === 'dense');
  const { kind, config } = list[last] ?? readout;
  return { name, layers: last < 0 ? list : list.with(last, { kind, config: { ...config, units: classes } }) };
}

/** Throws the engine's sentence where the layers do not fit. Not compiled. */
export function buildModel({ name, layers: list }: Design, { inputShape }: Form, seed: number): Model {
  return sequential({
    name,
    seed,
    inputShape,
    layers: list.map(({ kind, config }) => layers[kind](config as never)),
  });
}

/** What a field shows: of [3, 3] the 3. */
export function fieldValue({ config }: LayerDesign, { option }: Field): number {
  const value = config[option];
  return Number(Array.isArray(value) ? value[0] : value);
}

export function withField(layer: LayerDesign, { option }: Field, value: number): LayerDesign {
  const config = { ...layer.config, [option]: value };
  // A saved pooling layer names its strides, which were those of its window.
  if (layer.kind === 'maxPooling2d' && option === 'poolSize') delete (config as Record<string, unknown>)['strides'];
  return { ...layer, config };
}
