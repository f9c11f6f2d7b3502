// 'wasm-cnn/formats/torch': state dicts of PyTorch as safetensors, in and out.
/**
 * Weights and programs of PyTorch, in and out.
 *
 * ```js
 * import { loadTorchWeights, saveTorch } from 'wasm-cnn/formats/torch';
 * ```
 *
 * @module wasm-cnn/formats/torch
 */
import { check, printable } from '../../base/errors.js';
import { listed } from '../../base/listed.js';
import { checkArguments, checkBoolean, checkOptions, describe as describeValue, entryOf } from '../../base/options.js';
import type { OwnBytes } from '../../base/hostTypes.js';
import type { Model } from '../../model/model.js';
import type { ImportedModel, LoadOptions } from '../../model/load.js';
import { checkHost } from '../../model/compile.js';
import { modelConfigOf, pack } from '../../model/pack.js';
import { unpack } from '../../model/unpack.js';
import { efficientNetLite0, type EfficientNetLite0Options } from '../../networks/efficientNetLite0.js';
import { mobileNetV2, type MobileNetV2Options } from '../../networks/mobileNetV2.js';
import { resNet18, resNet50 } from '../../networks/resNet.js';
import { checkWeights } from '../../graph/weights.js';
import type { NamedTensor } from '../safetensors.js';
import { readFloats, store, weightTypes, type WeightType } from '../quantization.js';
import { writeStored } from '../safetensors.js';
import { bytesOfLater, isLater, modelBytes, type LaterBytes, type ModelBytes } from '../modelBytes.js';
import { architectures, type Architecture, type ArchitectureName } from './names.js';
import { refusePickle } from './pickle.js';
import { writeProgram } from './program.js';
import { placesOf, readStateDict, writeStateDict, type Described, type Names } from './stateDict.js';
import { checkModel } from '../../training/checkModel.js';

export type { ArchitectureName, Names, WeightType };
export type { ImportedModel, ModelBytes, LaterBytes, LoadOptions };

/** Options of {@link loadTorchWeights}. */
export interface LoadTorchWeightsOptions {
  /** Prefixes of the state dict by the names of the model's layers, or the architecture that the model is. Default: they are called as the layers are. */
  readonly names?: Names;
  /** Layers whose tensors have other shapes, such as a last one for other classes, keep their weights. Default false: the file is refused. */
  readonly skipMismatch?: boolean;
  /** What errors call the file; default 'the state dict'. */
  readonly name?: string;
}

/** Options of {@link loadTorch}. */
export interface LoadTorchOptions
  extends
    Omit<LoadOptions, 'name'>,
    Pick<MobileNetV2Options, 'inputShape' | 'seed' | 'dropout' | 'includeTop' | 'pooling'>,
    Pick<LoadTorchWeightsOptions, 'skipMismatch' | 'name'> {
  /** What the state dict is of: 'torchvision/mobilenet_v2', 'timm/resnet50' … */
  readonly architecture: ArchitectureName;
  /** Default: those of the file. Others need skipMismatch: the last layer is then a new one. */
  readonly classes?: number;
}

const makers = { mobileNetV2, efficientNetLite0, resNet18, resNet50 };
const TOP = 'predictions';
const HOST = ['workers', 'numerics', 'background', 'wasm'];

/**
 * A network of torchvision or timm with the weights of a state dict, which is a safetensors file; not compiled.
 *
 * @example
 * ```ts
 * import { loadTorch } from 'wasm-cnn/formats/torch';
 *
 * const response = await fetch('/resnet18.safetensors');
 * const { model } = await loadTorch(new Uint8Array(await response.arrayBuffer()), { architecture: 'timm/resnet18' });
 * ```
 */
export async function loadTorch(given: ModelBytes | LaterBytes, options: LoadTorchOptions): Promise<ImportedModel> {
  const known = ['architecture', 'inputShape', 'classes', 'seed', 'dropout', 'includeTop', 'pooling', 'skipMismatch'];
  checkArguments(arguments, 2, 'loadTorch', 'it takes the file and one object of options');
  checkOptions(options, [...known, 'name', ...HOST], 'loadTorch');
  const { architecture, skipMismatch = false, name: who = 'the state dict', ...rest } = options;
  const { network, options: fixed, names }: Architecture = entryOf(architectures, architecture, 'architecture');
  checkBoolean(skipMismatch, "loadTorch's skipMismatch");
  const { workers, numerics, background, wasm, dropout, ...own } = rest;
  const run = { workers, numerics, background, wasm };
  checkHost(run, 'loadTorch');
  const { tensors, notes } = await stateDictOf(given, who);
  const top = tensors.get(`${names(TOP)!}.weight`);
  const made: EfficientNetLite0Options & MobileNetV2Options = {
    ...fixed,
    ...own,
    ...(dropout !== undefined && { dropout }),
    ...(own.classes === undefined && top?.shape.length === 2 && { classes: top.shape[0]! }),
  };
  const model = makers[network](made);
  const unneeded = made.includeTop === false ? [names(TOP)!] : [];
  const read = readStateDict(placesOf(describe(model), architecture, who), tensors, { skipMismatch, unneeded }, who);
  // First weights are made only where they stay.
  const first = read.variables.size < model.parameters.length ? valuesOf(model) : [];
  const weights = new Map([...first, ...read.variables]);
  const archive = {
    model: modelConfigOf(model),
    tensors: weights,
    compile: undefined,
    fit: undefined,
    facts: undefined,
  };
  return { model: unpack(archive, who, run), notes: [...notes, ...read.notes] };
}

/**
 * The weights of a state dict for a model that is there already: all of them, or none where something does not fit.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 * import { loadTorchWeights, saveTorch } from 'wasm-cnn/formats/torch';
 *
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 3 })] });
 * await loadTorchWeights(model, saveTorch(model));
 * ```
 */
export async function loadTorchWeights(
  model: Model,
  given: ModelBytes | LaterBytes,
  options: LoadTorchWeightsOptions = {},
): Promise<readonly string[]> {
  checkArguments(arguments, 3, 'loadTorchWeights', 'options come last');
  checkModel(model, 'loadTorchWeights');
  checkOptions(options, ['names', 'skipMismatch', 'name'], 'loadTorchWeights');
  const { names, skipMismatch = false, name: who = 'the state dict' } = options;
  checkBoolean(skipMismatch, "loadTorchWeights' skipMismatch");
  const places = placesOf(describe(model), names, who);
  const { tensors, notes } = await stateDictOf(given, who);
  const read = readStateDict(places, tensors, { skipMismatch }, who);
  const weights = model.getWeights().map((tensor, i) => read.variables.get(model.parameters[i]!.name) ?? tensor);
  checkWeights(weights, model.parameters, who);
  model.setWeights(weights);
  return [...notes, ...read.notes];
}

/** Options of {@link saveTorch}. */
export interface SaveTorchOptions {
  /** Same as {@link LoadTorchWeightsOptions.names}. */
  readonly names?: Names;
  /**
   * How kernels lie in the file: 'float32' (default), 'float16', half the bytes, or 'int8', a quarter, with a scale for each output channel
   * as `<name>.scale`. Everything else stays float32.
   */
  readonly weights?: WeightType;
}

/**
 * The model's weights as a state dict, a safetensors file, which load_state_dict() of PyTorch takes.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 * import { loadTorchWeights, saveTorch } from 'wasm-cnn/formats/torch';
 *
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 3 })] });
 * const stateDict = saveTorch(model);
 * await loadTorchWeights(model, stateDict);
 * ```
 */
export function saveTorch(model: Model, options: SaveTorchOptions = {}): OwnBytes {
  checkArguments(arguments, 2, 'saveTorch', 'options come last');
  checkModel(model, 'saveTorch');
  checkOptions(options, ['names', 'weights'], 'saveTorch');
  const { weights = 'float32' } = options;
  check(
    weightTypes.includes(weights),
    () => `saveTorch's weights must be ${weightTypes.join(', ')}, got ${describeValue(weights)}`,
  );
  const places = placesOf(describe(model), options.names, 'saveTorch');
  // PyTorch's kernels begin with the output channels, but those of transposed convolutions.
  const transposed = new Set(
    model.layers.filter(({ layer }) => layer.className === 'Conv2DTranspose').map(({ name }) => name),
  );
  const second = new Set(places.filter(({ layer }) => transposed.has(layer)).map(({ tensor }) => tensor));
  const stored = store(writeStateDict(places, valuesOf(model)), weights, (tensor) => (second.has(tensor) ? 1 : 0));
  return writeStored(stored, new Map([['format', 'pt']]));
}

/** What {@link saveTorchProgram} returns. */
export interface TorchProgram {
  readonly files: {
    /** The model as a PyTorch module, and a program that continues its training: by itself, or in several processes by torchrun. */
    readonly 'train.py': string;
    /** Its state dict. */
    readonly 'model.safetensors': OwnBytes;
  };
  /** What the program does not do as the model does, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * A program that continues the model's training in PyTorch; the model has one input and one output. The optimizer begins anew.
 *
 * @example
 * ```js
 * import { layers, sequential } from 'wasm-cnn';
 * import { saveTorchProgram } from 'wasm-cnn/formats/torch';
 *
 * const model = sequential({ inputShape: [2], seed: 1, layers: [layers.dense({ units: 3 })] });
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
 * Object.keys(saveTorchProgram(model).files); // ['train.py', 'model.safetensors']
 * ```
 */
export function saveTorchProgram(model: Model, options: Pick<SaveTorchOptions, 'weights'> = {}): TorchProgram {
  checkArguments(arguments, 2, 'saveTorchProgram', 'options come last');
  checkModel(model, 'saveTorchProgram');
  checkOptions(options, ['weights'], 'saveTorchProgram');
  const { inputs, outputs } = model.topology;
  check(
    inputs.length === 1 && outputs.length === 1,
    () =>
      `saveTorchProgram needs a model of one input and one output, this one has ${inputs.length} and ${outputs.length}; use saveTorch() for its weights`,
  );
  const names = attributesOf(model.layers.map(({ name }) => name));
  const archive = pack(model);
  const frozen = new Set(model.layers.filter(({ trainable }) => !trainable).map(({ name }) => name));
  const weighted = new Set(model.parameters.map(({ name }) => name.slice(0, name.lastIndexOf('/'))));
  const own = Object.fromEntries([...names].filter(([layer]) => weighted.has(layer)));
  const raw = scalesItself(model);
  const { program, notes } = writeProgram({ archive, layers: model.layers, names, frozen, raw });
  return { files: { 'train.py': program, 'model.safetensors': saveTorch(model, { ...options, names: own }) }, notes };
}

/** Names that Python takes, one for each layer. */
function attributesOf(layers: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const layer of layers) {
    let name = layer.replace(/\W/g, '_').replace(/^(?=\d)/, '_');
    const taken = new Set([...names.values(), ...RESERVED]);
    while (taken.has(name)) name += '_';
    names.set(layer, name);
  }
  return names;
}

/** Attributes of nn.Module, and Python's words, that a layer may well be called. */
const RESERVED = [
  ...[
    'training',
    'train',
    'eval',
    'forward',
    'half',
    'float',
    'double',
    'type',
    'to',
    'apply',
    'parameters',
    'buffers',
  ],
  ...[
    'children',
    'modules',
    'compile',
    'cpu',
    'cuda',
    'dump_patches',
    'register_buffer',
    'state_dict',
    'zero_grad',
    'T_destination',
  ],
  ...[
    'in',
    'is',
    'if',
    'else',
    'for',
    'from',
    'import',
    'class',
    'def',
    'not',
    'and',
    'or',
    'pass',
    'with',
    'as',
    'lambda',
  ],
];

/** Layers that move values, or do nothing but while training. */
const MOVING = /^(Flatten|Reshape|Permute|Cropping2D|ZeroPadding2D|CenterCrop|Resizing|UpSampling2D|Random\w+)$/;

/** Whether bytes come to it as 0 to 255; docs/layers.md. */
function scalesItself({ topology: { calls, layers } }: Model): boolean {
  const first = calls.find(({ layer }) => !MOVING.test(layers[layer]!.layer.className));
  return first !== undefined && /^(Rescaling|Normalization)$/.test(layers[first.layer]!.layer.className);
}

function describe(model: Model): Described {
  return { archive: { model: modelConfigOf(model) }, layers: model.layers, variables: model.parameters };
}

function valuesOf(model: Model): ReadonlyMap<string, NamedTensor> {
  return new Map(model.getWeights().map((tensor, i) => [model.parameters[i]!.name, tensor]));
}

/** Counters of steps, which nothing here needs. */
const COUNTER = /(^|\.)num_batches_tracked$/;

async function stateDictOf(
  given: ModelBytes | LaterBytes,
  who: string,
): Promise<{ tensors: ReadonlyMap<string, NamedTensor>; notes: string[] }> {
  const bytes = isLater(given) ? new Uint8Array(await bytesOfLater(given, who)) : given;
  refusePickle(bytes, who);
  const { tensors, skipped } = readFloats(modelBytes(bytes, who), who);
  const others = skipped.filter((name) => !COUNTER.test(name));
  return {
    tensors,
    notes: others.length > 0 ? [printable(`${listed(others)} hold integers, and were left out`)] : [],
  };
}
