// A model of ours → one of layers that each have one counterpart in the format: explicit padding becomes a layer of its own, and so on.
import { sizeOf, type Shape } from '../../base/shape.js';
import { deserializeLayer } from '../../layers/deserialize.js';
import type { ModelConfig } from '../archive.js';
import { freeName, NORMALIZATION_EPSILON, type Json, type KerasVersion } from './json.js';
import { HARD_SIGMOID_SCALE, type OurLayer } from './values.js';

/** Layers that do nothing in predictions. */
const AUGMENTATION = /^(Random\w+|RandAugment|Solarization)$/;

export interface LoweredLayer extends OurLayer {
  /** Variables that have another name in the archive: { movingMean: 'mean' }. */
  readonly targets?: Readonly<Record<string, string>>;
}

export interface Lowered {
  readonly inputs: readonly { readonly name: string; readonly shape: Shape }[];
  readonly layers: readonly LoweredLayer[];
  readonly calls: readonly { readonly layer: number; readonly inputs: readonly number[]; readonly shape: Shape }[];
  readonly outputs: readonly number[];
}

/** What a chain leaves unsaid. */
export function graphOf({
  inputShape,
  inputs,
  calls,
  outputs,
  layers,
}: ModelConfig): Required<Pick<ModelConfig, 'inputs' | 'calls' | 'outputs'>> {
  return inputShape === undefined
    ? { inputs: inputs!, calls: calls!, outputs: outputs! }
    : {
        inputs: [{ name: 'input', shape: inputShape }],
        calls: layers.map((_, i) => ({ layer: i, inputs: [i] })),
        outputs: [{ name: 'output', tensor: layers.length }],
      };
}

export function lower(model: ModelConfig, version: KerasVersion, notes: Set<string>): Lowered {
  const { inputs, calls, outputs } = graphOf(model);
  const made = model.layers.map(({ className, name, config }) => deserializeLayer(className, { ...config, name }));
  const layers: LoweredLayer[] = [];
  const names = new Set(model.layers.map(({ name }) => name));
  const places = new Map<number, readonly number[]>();
  const lowered: { layer: number; inputs: readonly number[]; shape: Shape }[] = [];
  const shapes: Shape[] = inputs.map(({ shape }) => shape);
  const tensors = inputs.map((_, i) => i);
  for (const call of calls) {
    const { className, name, config } = model.layers[call.layer]!;
    const given = call.inputs.map((input) => shapes[input]!);
    const output = made[call.layer]!.outputShape(given, name);
    const own: OurLayer = { className, name, config: config as Json };
    if (!places.has(call.layer)) {
      const parts = partsOf(own, given[0]!, output, version, notes).map((part) =>
        part.name === name ? part : { ...part, name: freeName(part.name, names) },
      );
      places.set(
        call.layer,
        parts.map((part) => layers.push(part) - 1),
      );
    }
    let taken: readonly number[] = call.inputs.map((input) => tensors[input]!);
    let shape: readonly Shape[] = given;
    for (const layer of places.get(call.layer)!) {
      const part = layers[layer]!;
      const next = deserializeLayer(part.className, part.config).outputShape(shape, name);
      taken = [inputs.length + lowered.push({ layer, inputs: taken, shape: next }) - 1];
      shape = [next];
    }
    shapes.push(output);
    tensors.push(taken[0]!);
  }
  return { inputs, layers, calls: lowered, outputs: outputs.map(({ tensor }) => tensors[tensor]!) };
}

/** The layers in a row that this one is there; none where it is left out. */
function partsOf(
  layer: OurLayer,
  input: Shape,
  output: Shape,
  version: KerasVersion,
  notes: Set<string>,
): readonly LoweredLayer[] {
  const { className, name, config } = layer;
  const part = (kind: string, options: Json, ending: string): OurLayer => ({
    className: kind,
    name: name + ending,
    config: options,
  });
  if (className === 'RandomCrop' || (className === 'CenterCrop' && version === 'tfjs'))
    return cropped(layer, input, output);
  if (AUGMENTATION.test(className)) {
    notes.add(`${name} (${className}) is left out; it changes training alone`);
    return [];
  }
  if (Array.isArray(config.padding) && 'kernelSize' in config)
    return [
      part('ZeroPadding2D', { padding: config.padding }, '_pad'),
      ...partsOf({ ...layer, config: { ...config, padding: 'valid' } }, input, output, version, notes),
    ];
  if (version === 'keras3') return [layer];
  if (className === 'SpatialDropout2D') {
    notes.add(`${name} (${className}) is left out, as TF.js has none; it changes training alone`);
    return [];
  }
  if (className === 'Normalization') {
    notes.add(`${name} (Normalization) is written as a frozen BatchNormalization, as TF.js has none`);
    const options = { axis: -1, epsilon: NORMALIZATION_EPSILON, center: false, scale: false, trainable: false };
    const targets = { movingMean: 'mean', movingVariance: 'variance' };
    return [{ className: 'BatchNormalization', name, config: options, targets }];
  }
  if (config.keepDims === true)
    return [
      { className, name, config: { ...config, keepDims: false } },
      part('Reshape', { targetShape: [...output] }, '_reshape'),
    ];
  const tail =
    config.activation === 'hardSigmoid'
      ? [
          part('Rescaling', { scale: 1 / HARD_SIGMOID_SCALE, offset: 0 }, '_scale'),
          part('Activation', { activation: 'hardSigmoid' }, '_activation'),
        ]
      : config.activation === 'leakyRelu'
        ? [part('LeakyReLU', { negativeSlope: 0.2 }, '_activation')]
        : [];
  if (tail.length === 0) return [layer];
  return className === 'Activation'
    ? [...tail.slice(0, -1), { ...tail.at(-1)!, name }]
    : [{ ...layer, config: { ...config, activation: 'linear' } }, ...tail];
}

/** The middle, of an image that is larger; zeros around it, where it is smaller. Of one that a CenterCrop enlarges, itself. */
function cropped(layer: OurLayer, input: Shape, output: Shape): readonly OurLayer[] {
  const { className, name } = layer;
  const sides = (lack: number): [number, number] => [Math.floor(lack / 2), lack - Math.floor(lack / 2)];
  const differences = [0, 1].map((axis) => input[axis]! - output[axis]!);
  const [crop, pad] = [differences.map((each) => Math.max(each, 0)), differences.map((each) => Math.max(-each, 0))];
  if (className === 'CenterCrop' && sizeOf(pad) + pad[0]! + pad[1]! > 0) return [layer];
  return [
    ...(pad.some(Boolean)
      ? [{ className: 'ZeroPadding2D', name: `${name}_pad`, config: { padding: pad.map(sides) } }]
      : []),
    ...(crop.some(Boolean) ? [{ className: 'Cropping2D', name, config: { cropping: crop.map(sides) } }] : []),
  ];
}
