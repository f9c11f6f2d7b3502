// A model that has learned other classes: its new last layer is trained alone first, on what all others make of the images.
import { check } from '../../base/errors.js';
import { formatShape, sizeOf } from '../../base/shape.js';
import { formatCount } from '../../base/table.js';
import type { Tensor } from '../../base/tensor.js';
import type { Examples } from '../../data/dataset.js';
import type { ModelConfig } from '../../formats/archive.js';
import type { Model } from '../../model/model.js';
import { modelConfigOf } from '../../model/pack.js';
import { buildModel } from '../../model/unpack.js';
import { compileRun, type RunSettings } from '../../recipes/index.js';
import { workers } from '../threads/workers.js';
import { formatEpoch } from './epochProgress.js';
import type { RunData } from './runData.js';

/** The learning rate of all layers of a trained model: small steps keep what it has learned. Usual for fine-tuning with Adam. */
export const TUNING_RATE = 1e-4;
/** A new last layer is trained alone at so many times the learning rate. */
export const HEAD_FACTOR = 10;
const [HEAD_STEPS, LEAST_EPOCHS, MOST_EPOCHS] = [1000, 10, 100];
/** Images whose features are computed at once: an interruption waits for no more. */
const AT_ONCE = 256;
/** Most features that are kept, in bytes: those of a convolution are images. */
const MOST_FEATURES = 2 ** 31;

/** Epochs of a new last layer unless told: they cost little beside one epoch of all layers. */
export function usualHeadEpochs(count: number, batchSize: number): number {
  return Math.max(LEAST_EPOCHS, Math.min(MOST_EPOCHS, Math.ceil(HEAD_STEPS / Math.ceil(count / batchSize))));
}

/** How the last layer did after it was trained alone, with all others as they came. */
export interface HeadRecord {
  readonly epochs: number;
  readonly loss: number;
  readonly accuracy: number;
  /** Absent where nothing is held out, as valAccuracy is. */
  readonly valLoss?: number;
  readonly valAccuracy?: number;
  /** Features included. */
  readonly seconds: number;
}

export interface Graph extends ModelConfig {
  readonly inputs: NonNullable<ModelConfig['inputs']>;
  readonly calls: NonNullable<ModelConfig['calls']>;
  readonly outputs: NonNullable<ModelConfig['outputs']>;
}

/** A chain, too, as a graph. */
export function graphOf(config: ModelConfig): Graph {
  const { inputShape, inputName = 'input', ...rest } = config;
  if (config.calls) return config as Graph;
  return {
    ...rest,
    inputs: [{ name: inputName, shape: inputShape! }],
    calls: config.layers.map((_, i) => ({ layer: i, inputs: [i] })),
    outputs: [{ name: 'output', tensor: config.layers.length }],
  };
}

type LayerConfig = ModelConfig['layers'][number];

/** A number for each class goes through these as such. */
const POOLS = ['GlobalAveragePooling2D', 'AveragePooling2D'];
const PASSED = [...POOLS, 'Softmax', 'Activation', 'ReLU', 'Flatten', 'Reshape', 'Dropout'];

export interface LastLayers {
  /** Numbers of their calls: of the last layer with weights, of what is behind it, up to the output. */
  readonly calls: readonly number[];
  readonly layers: readonly LayerConfig[];
  /** What the output is of: 'softmax', 'sigmoid' …, or 'linear', logits, which an average of ReLU's is, too, as SqueezeNet has it. */
  readonly activation: string;
  /** Which of the layers has that activation; null where none has. */
  readonly activated: number | null;
}

/** What gives the first output. */
export function lastLayersOf({ layers, inputs, calls, outputs }: Graph): LastLayers {
  const numbers: number[] = [];
  for (let tensor = outputs[0]!.tensor; tensor >= inputs.length;) {
    const number = tensor - inputs.length;
    const call = calls[number]!;
    numbers.unshift(number);
    if (!PASSED.includes(layers[call.layer]!.className)) break;
    tensor = call.inputs[0]!;
  }
  const last = numbers.map((number) => layers[calls[number]!.layer]!);
  let [activation, activated]: [string, number | null] = ['linear', null];
  for (const [i, { className, config }] of last.entries()) {
    const own = { Softmax: 'softmax', ReLU: 'relu' }[className] ?? (config as { activation?: unknown }).activation;
    if (typeof own === 'string' && own !== 'linear') [activation, activated] = [own, i];
    else if (own !== undefined && typeof own !== 'string') [activation, activated] = [String(className), i];
    else if (activation === 'relu' && POOLS.includes(className)) [activation, activated] = ['linear', null];
  }
  return { calls: numbers, layers: last, activation, activated };
}

/** The model with a softmax behind its output. */
export function withSoftmax(config: ModelConfig): ModelConfig {
  const names = config.layers.map(({ name }) => name);
  let name = 'softmax';
  for (let number = 1; names.includes(name); number++) name = `softmax_${number}`;
  const layers = [...config.layers, { className: 'Softmax', name, config: {} }];
  if (!config.calls) return { ...config, layers };
  const { inputs, calls, outputs } = graphOf(config);
  return {
    ...config,
    layers,
    calls: [...calls, { layer: layers.length - 1, inputs: [outputs[0]!.tensor] }],
    outputs: [{ ...outputs[0]!, tensor: inputs.length + calls.length }],
  };
}

/** Statistics of few images, or of small batches of them, would spoil those that a pretrained model has. Call it before compile(). */
export function freezeNormalization(model: Model): void {
  for (const { layer } of model.layers) if (layer.className === 'BatchNormalization') layer.trainable = false;
}

/**
 * Trains the last layer by the run's recipe, at HEAD_FACTOR times its learning rate: the features of all images are computed once. Everything
 * else stays as it is. The same weights for any number of threads.
 */
export async function trainHead(
  model: Model,
  { train, validation }: Pick<RunData, 'train' | 'validation'>,
  settings: RunSettings & { readonly headEpochs: number },
  threads: number,
  signal?: AbortSignal,
): Promise<HeadRecord> {
  const began = performance.now();
  const { headEpochs: epochs, learningRate, seed, numerics } = settings;
  console.log(
    `The last layer first: ${epochs} epoch${epochs === 1 ? '' : 's'} on the features of ${formatCount(train.y.length)} images, all other layers as they are; interrupted before its end, it begins again when the run is resumed`,
  );
  const { trunk, head } = splitAtHead(model);
  if (trunk) trunk.predictsWith = { workers: workers(threads), numerics };
  const featuresOf = async ({ x }: Examples): Promise<Tensor> => (trunk ? predictInParts(trunk, x, signal) : x);
  const x = await featuresOf(train);
  const validationX = validation && (await featuresOf(validation));
  compileRun(head, { ...settings, epochs, learningRate: HEAD_FACTOR * learningRate }, train.y.length, workers(threads));
  const { history } = await head.fit(x, train.y, {
    ...{ epochs, seed, signal, verbose: 0 },
    ...(validationX && { validationData: [validationX, validation.y] }),
  });
  copyWeights(head, model);
  const last = (name: string): number => history[name]!.at(-1)!;
  const record = {
    epochs,
    loss: last('loss'),
    accuracy: last('accuracy'),
    ...(validation && { valLoss: last('val_loss'), valAccuracy: last('val_accuracy') }),
    seconds: (performance.now() - began) / 1000,
  };
  console.log(`The last layer | ${formatEpoch(record)} | ${record.seconds.toFixed(1)} s`);
  return record;
}

/** The model up to its last layer (null where that takes the images themselves), and that, with what is behind it; with its weights. */
function splitAtHead(model: Model): { readonly trunk: Model | null; readonly head: Model } {
  const graph = graphOf(modelConfigOf(model));
  const { name, seed, inputs, calls, layers } = graph;
  const last = lastLayersOf(graph);
  const [first] = last.calls as readonly [number];
  // All that is called leads to the one output, and only through its last layer: nothing comes after that but what is behind it.
  const before = calls.slice(0, first);
  const kept = [...new Set(before.map(({ layer }) => layer))];
  check(
    !kept.includes(calls[first]!.layer),
    () =>
      `${name} calls its last layer, ${last.layers[0]!.name}, more than once, so it cannot be trained alone; give --head-epochs 0`,
  );
  const tensor = calls[first]!.inputs[0]!;
  const trunk =
    tensor < inputs.length
      ? null
      : buildModel({
          ...{ name, seed, inputs, layers: kept.map((layer) => layers[layer]!) },
          calls: before.map((call) => ({ ...call, layer: kept.indexOf(call.layer) })),
          outputs: [{ name: 'features', tensor }],
        });
  if (trunk) copyWeights(model, trunk);
  const inputShape = trunk ? trunk.outputShape : inputs[0]!.shape;
  const head = buildModel({ name, seed, inputShape, layers: last.layers });
  copyWeights(model, head);
  return { trunk, head };
}

/** Copies variables by name. */
export function copyWeights(from: Model, to: Model): void {
  const known = new Map(from.getWeights().map((tensor, i) => [from.parameters[i]!.name, tensor]));
  to.setWeights(to.getWeights().map((tensor, i) => known.get(to.parameters[i]!.name) ?? tensor));
}

async function predictInParts(
  model: Model,
  { data, shape: [count = 0, ...shape] }: Tensor,
  signal?: AbortSignal,
): Promise<Tensor> {
  const size = data.length / count;
  const width = sizeOf(model.outputShape);
  check(
    4 * count * width <= MOST_FEATURES,
    () =>
      `the features of ${formatCount(count)} images, ${formatShape(model.outputShape)} each, take ${((4 * count * width) / 2 ** 30).toFixed(1)} GiB, and at most ${MOST_FEATURES / 2 ** 30} are kept; take smaller images (--image-size), or train all layers at once with --head-epochs 0`,
  );
  const all = new Float32Array(count * width);
  for (let start = 0; start < count; start += AT_ONCE) {
    signal?.throwIfAborted();
    const end = Math.min(count, start + AT_ONCE);
    const part = { data: data.subarray(start * size, end * size), shape: [end - start, ...shape] } as Tensor;
    all.set((await model.predict(part)).data, start * width);
  }
  return { data: all, shape: [count, ...model.outputShape] };
}
