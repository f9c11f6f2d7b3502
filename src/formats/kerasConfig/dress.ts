// Keras' JSON of a model in all its dresses → one form: layers, each with its calls. Nothing is mapped here.
//   Sequential       config { name, layers }, or before Keras 2.2.3 the bare array of layers
//   Functional, Model  layers with inbound_nodes, in Keras 2's form [[['a', 0, 0, {}]]] or Keras 3's [{ args: [__keras_tensor__], kwargs }]
//   around it        { class_name, config }, { model_config, training_config }, a keras_version beside it or not
import { check } from '../../base/errors.js';
import { isRecord } from '../../base/options.js';
import { keras1 } from './keras1.js';
import { bare, type Json } from './json.js';

/** What a call of a layer made: tensor number `tensor` of its call number `call`. */
export interface TensorOf {
  readonly layer: string;
  readonly call: number;
  readonly tensor: number;
}

/** An argument: a tensor, or anything else that JSON holds. */
export type Argument = { readonly of: TensorOf } | { readonly value: unknown };

export interface FileCall {
  readonly inputs: readonly Argument[];
  readonly options: Readonly<Record<string, Argument>>;
}

export interface FileLayer {
  readonly className: string;
  /** 'keras.src.ops.numpy' for an operation of Keras 3. */
  readonly module: string;
  readonly name: string;
  readonly config: Json;
  readonly calls: readonly FileCall[];
  /** What a nested model consists of. */
  readonly model?: FileModel;
}

export interface FileModel {
  readonly className: string;
  readonly name: string;
  readonly layers: readonly FileLayer[];
  readonly inputs: readonly TensorOf[];
  readonly outputs: readonly TensorOf[];
  /** Shape of the input with the batch's axis, where a chain has it outside its layers. */
  readonly inputShape: unknown;
}

/** Each nested model is looked through: one that nests deeper was made to be. */
const DEEPEST_MODEL = 16;
const DEEPEST_JSON = 200;
const MOST_LAYERS = 2000;

export interface Dressed {
  readonly model: FileModel;
  /** 1, 2 or 3; TF.js' is 2. */
  readonly major: number;
  /** Training configuration that the file has beside the model. */
  readonly trainingConfig: unknown;
}

/** The model in a topology. `version` is what the file says elsewhere, as metadata.json of a .keras does. */
export function undress(topology: unknown, who: string, version?: string): Dressed {
  check(isRecord(topology), () => `${who}: its model is no JSON object with class_name and config`);
  check(isShallow(topology, DEEPEST_JSON), () => `${who}: its model is nested more than ${DEEPEST_JSON} deep`);
  const model = isRecord(topology.model_config) ? topology.model_config : topology;
  const said = version ?? topology.keras_version ?? model.keras_version;
  const major = majorOf(typeof said === 'string' ? said : undefined, model);
  return {
    model: modelOf(model, who, major, 0),
    major,
    trainingConfig:
      topology.training_config ?? model.training_config ?? topology.compile_config ?? model.compile_config,
  };
}

function majorOf(version: string | undefined, model: Json): number {
  const number = /^(\d+)\./.exec(version ?? '')?.[1];
  if (number !== undefined) return Number(number) >= 3 ? 3 : Number(number) || 1;
  if (version !== undefined) return 2;
  return /"(DTypePolicy|__keras_tensor__|batch_shape)"/.test(JSON.stringify(model)) ? 3 : 2;
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((each) => isShallow(each, levels - 1));
}

const isModel = ({ class_name: name, config }: Json): boolean =>
  ['Sequential', 'Functional', 'Model'].includes(String(name)) &&
  (Array.isArray(config) || (isRecord(config) && Array.isArray(config.layers)));

function modelOf(given: Json, who: string, major: number, depth: number): FileModel {
  const { class_name: className, config } = given;
  check(
    isModel(given),
    () =>
      `${who}: its model is of the class '${String(className)}', and Sequential and Functional are what a description makes again; save it as one of them, e.g. with the layers in a keras.Sequential`,
  );
  check(depth < DEEPEST_MODEL, () => `${who}: its models are nested more than ${DEEPEST_MODEL} deep`);
  const list = (Array.isArray(config) ? config : (config as Json).layers) as unknown[];
  check(
    list.length <= MOST_LAYERS,
    () => `${who}: its model has ${list.length} layers, at most ${MOST_LAYERS} are read`,
  );
  const settings = isRecord(config) ? config : {};
  const names = new Set<string>();
  const layers = list.map((each, i): FileLayer => {
    check(
      isRecord(each) && typeof each.class_name === 'string',
      () => `${who}: layer ${i} of its model is no object with class_name and config`,
    );
    const layer = layerOf(each, i, who, major, depth);
    check(!names.has(layer.name), () => `${who}: its model has two layers '${layer.name}'`);
    names.add(layer.name);
    return layer;
  });
  const name = typeof settings.name === 'string' ? settings.name : 'model';
  if (className === 'Sequential') return chain(name, layers, settings);
  const [inputs, outputs] = ['input_layers', 'output_layers'].map((key) => endsOf(settings[key], key, who));
  return { className: String(className), name, layers, inputs: inputs!, outputs: outputs!, inputShape: undefined };
}

function layerOf(given: Json, index: number, who: string, major: number, depth: number): FileLayer {
  const { className, config } = keras1(String(given.class_name), given.config, major);
  const names = [given.name, config.name].filter((name) => typeof name === 'string' && name !== '');
  const name = (names[0] as string | undefined) ?? `${className.toLowerCase()}_${index}`;
  const nodes = given.inbound_nodes;
  return {
    className,
    module: typeof given.module === 'string' ? given.module : '',
    name,
    config,
    calls: callsOf(nodes, name, who),
    ...(isModel(given) && { model: modelOf(given, who, major, depth + 1) }),
  };
}

/** Layers that take each the output of the one before. */
function chain(name: string, layers: readonly FileLayer[], settings: Json): FileModel {
  const hasInput = layers[0]?.className === 'InputLayer';
  const input: FileLayer = { className: 'InputLayer', module: '', name: '', config: {}, calls: [] };
  const all = hasInput ? layers : [input, ...layers];
  const tensor = (layer: FileLayer): TensorOf => ({ layer: layer.name, call: 0, tensor: 0 });
  const joined = all.map((layer, i): FileLayer => {
    if (i === 0) return layer;
    return { ...layer, calls: [{ inputs: [{ of: tensor(all[i - 1]!) }], options: {} }] };
  });
  const build = settings.build_input_shape;
  const first = layers[0]?.config ?? {};
  const own = first.batch_input_shape ?? first.batch_shape ?? build;
  return {
    className: 'Sequential',
    name,
    layers: joined,
    inputs: [tensor(all[0]!)],
    outputs: [tensor(all.at(-1)!)],
    inputShape: own ?? innerShape(layers[0]?.model) ?? undefined,
  };
}

const innerShape = (model: FileModel | undefined): unknown => {
  if (!model) return undefined;
  const input = model.layers.find(({ name }) => name === model.inputs[0]?.layer);
  return input?.config.batch_input_shape ?? input?.config.batch_shape ?? model.inputShape;
};

/** 'a' with numbers of its call and of its tensor. */
function tensorOf(given: unknown): TensorOf | undefined {
  if (!Array.isArray(given) || given.length < 3 || given.length > 4) return undefined;
  const [layer, call, tensor] = given as unknown[];
  const isGood =
    typeof layer === 'string' && [call, tensor].every((each) => Number.isSafeInteger(each) && Number(each) >= 0);
  return isGood ? { layer, call: call as number, tensor: tensor as number } : undefined;
}

/** ['a', 0, 0], or several of them, or { name: ['a', 0, 0] }. */
function endsOf(given: unknown, key: string, who: string): readonly TensorOf[] {
  const one = tensorOf(given);
  const list: unknown[] = one ? [given] : Array.isArray(given) ? given : isRecord(given) ? Object.values(given) : [];
  const ends = list.map(tensorOf);
  check(
    ends.length > 0 && ends.every((end) => end !== undefined),
    () => `${who}: its model's ${key} is no list of [layer, call, tensor]`,
  );
  return ends as TensorOf[];
}

function callsOf(nodes: unknown, name: string, who: string): readonly FileCall[] {
  if (nodes === undefined || nodes === null) return [];
  check(Array.isArray(nodes), () => `${who}: inbound_nodes of its layer '${name}' is no list of calls`);
  return nodes.map((node: unknown) => {
    const call = isRecord(node) ? callOfKeras3(node) : callOfKeras2(node);
    check(call !== undefined, () => `${who}: inbound_nodes of its layer '${name}' holds what is no call of a layer`);
    return call;
  });
}

/** { args: [tensor, [tensor, tensor], 2], kwargs: { … } } */
function callOfKeras3({ args, kwargs }: Json): FileCall | undefined {
  if (!Array.isArray(args)) return undefined;
  const inputs: Argument[] = args.flatMap((arg: unknown) =>
    Array.isArray(arg) && arg.length > 0 && arg.every((each) => historyOf(each)) ? arg.map(argument) : [argument(arg)],
  );
  const options = Object.entries(isRecord(kwargs) ? kwargs : {}).map(([key, value]) => [key, argument(value)] as const);
  return { inputs, options: Object.fromEntries(options) };
}

function historyOf(given: unknown): TensorOf | undefined {
  if (!isRecord(given) || given.class_name !== '__keras_tensor__' || !isRecord(given.config)) return undefined;
  return tensorOf(given.config.keras_history);
}

function argument(given: unknown): Argument {
  const of = historyOf(given);
  return of ? { of } : { value: bare(given) };
}

/** [['a', 0, 0, {}], ['b', 0, 0, {}]], or of an operation ['a', 0, 0, { y: ['b', 0, 0] }]. */
function callOfKeras2(given: unknown): FileCall | undefined {
  if (!Array.isArray(given)) return undefined;
  const list = (typeof given[0] === 'string' ? [given] : given) as unknown[];
  const options: Record<string, Argument> = {};
  const inputs = list.map((each): Argument | undefined => {
    if (!Array.isArray(each)) return undefined;
    const [layer, , value, kwargs] = each as unknown[];
    for (const [key, option] of Object.entries(isRecord(kwargs) ? kwargs : {})) {
      const of = tensorOf(option);
      Object.defineProperty(options, key, {
        value: of ? { of } : { value: bare(option) },
        enumerable: true,
        configurable: true,
      });
    }
    if (layer === '_CONSTANT_VALUE') return { value: bare(value) };
    const of = tensorOf(each);
    return of && { of };
  });
  return inputs.every((each) => each !== undefined) ? { inputs: inputs as Argument[], options } : undefined;
}
