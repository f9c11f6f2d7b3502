// Keras' description of a model → ours. Nested models become layers called 'scope.name', shared ones layers with several calls.
import { check } from '../../base/errors.js';
import type { Shape } from '../../base/shape.js';
import type { ModelConfig } from '../archive.js';
import type { NamedTensor } from '../safetensors.js';
import { undress, type Argument, type FileCall, type FileLayer, type FileModel, type TensorOf } from './dress.js';
import { freeName, frozenNotes, nameHere, NoCounterpart, policyOf, type Json } from './json.js';
import { variablesOf } from './layers.js';
import { isOperation, readOperation } from './operations.js';
import { inputsOf } from './inputs.js';
import { wrongAxes } from './lastAxes.js';
import { prune } from './prune.js';
import { readLayer } from './readLayer.js';
import type { KerasLayer } from './variables.js';
import type { OurLayer } from './values.js';

export interface ReadOptions {
  /** What the file says of Keras' version outside the topology: '3.15.1'. It decides what hard_sigmoid means. */
  readonly kerasVersion?: string;
  /** Shape of one example where the file leaves height or width open. */
  readonly inputShape?: Shape;
}

export interface KerasConfig {
  readonly model: ModelConfig;
  /** The file's layers in its order, nested models with theirs, and what became of their variables. */
  readonly layers: readonly KerasLayer[];
  /** Whether the file's model is a Sequential. */
  readonly isChain: boolean;
  /** Variables that the description holds itself, as Normalization's given mean; a file of weights has none for them. */
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  /** What was left out or changed, a sentence each. */
  readonly notes: readonly string[];
  /** Names that the file has for the model's outputs, in their order: losses may go by them. */
  readonly outputs: readonly string[];
  /** training_config or compile_config as it stands there; see compile.ts. */
  readonly trainingConfig: unknown;
}

/** Layers that do nothing when they are called with training=False. */
const TRAINING_ONLY = /^(Dropout|SpatialDropout2D|GaussianNoise|Random\w+)$/;
const MOST_CALLS = 1000;

/** The model that a topology (JSON) describes; refuses all that has no counterpart in one sentence. */
export function readKerasConfig(topology: unknown, who: string, options: ReadOptions = {}): KerasConfig {
  const { model, major, trainingConfig } = undress(topology, who, options.kerasVersion);
  const reader = new Reader(who, major);
  const layers = reader.place(model, '', true);
  reader.refuseProblems();
  const inputs = inputsOf(model, who, options.inputShape);
  const outputs = reader.run(
    model,
    inputs.map((_, i) => i),
    undefined,
  );
  reader.refuseProblems();
  const made = prune({ inputs, layers: reader.layers, calls: reader.calls, outputs }, model.name);
  for (const name of wrongAxes(made, reader.axes)) reader.refuse(`${name} (Softmax: axis ${reader.axes.get(name)!})`);
  reader.refuseProblems();
  const kept = new Set(made.layers.map(({ name }) => name));
  return {
    model: made,
    layers,
    isChain: model.className === 'Sequential',
    tensors: new Map([...reader.tensors].filter(([name]) => kept.has(name.slice(0, name.lastIndexOf('/'))))),
    notes: [...reader.notes, ...frozenNotes(reader.frozen)],
    outputs: model.outputs.map(({ layer }) => layer),
    trainingConfig,
  };
}

class Reader {
  readonly layers: OurLayer[] = [];
  readonly calls: { layer: number; inputs: number[] }[] = [];
  readonly tensors = new Map<string, NamedTensor>();
  readonly notes = new Set<string>();
  readonly frozen: string[] = [];
  /** Axes by our names of layers; see lastAxes.ts. */
  readonly axes = new Map<string, number>();
  readonly #who: string;
  readonly #major: number;
  readonly #problems: string[] = [];
  readonly #names = new Set<string>();
  /** Numbers of our layers, one behind another, that a layer of the file is. */
  readonly #placed = new Map<FileLayer, readonly number[]>();
  #inputs = 0;
  #performed = 0;

  constructor(who: string, major: number) {
    this.#who = who;
    this.#major = major;
  }

  /** Makes our layers of all layers of the file. */
  place(model: FileModel, scope: string, trainable: boolean): KerasLayer[] {
    return model.layers
      .filter(({ name, className }) => name !== '' || className !== 'InputLayer')
      .map((layer): KerasLayer => {
        const isTrained = trainable && layer.config.trainable !== false;
        const { className, name } = layer;
        const described = { className, name, trainable: isTrained };
        if (layer.model)
          return { ...described, variables: [], layers: this.place(layer.model, `${scope}${name}.`, isTrained) };
        if (isOperation(layer)) return { ...described, variables: [], isOperation: true };
        if (className === 'InputLayer') return { ...described, variables: [] };
        const made = this.#attempt(layer, () => this.#read(layer, scope, isTrained)) ?? [];
        this.#placed.set(
          layer,
          made.map((each) => this.layers.push(each) - 1),
        );
        return { ...described, variables: made.flatMap((each) => this.#variables(each)) };
      });
  }

  #variables({ className, name, config }: OurLayer): KerasLayer['variables'] {
    // Its numbers stand in the description.
    if (className === 'Normalization' && Array.isArray(config.mean)) {
      for (const key of ['mean', 'variance']) {
        const data = Float32Array.from(config[key] as number[]);
        this.tensors.set(`${name}/${key}`, { shape: [data.length], data });
      }
      return [];
    }
    return variablesOf(className, config).map(({ ours, ...variable }) => ({
      ...variable,
      target: ours === null ? null : `${name}/${ours}`,
    }));
  }

  #read(layer: FileLayer, scope: string, trainable: boolean): OurLayer[] {
    const reading = {
      major: this.#major,
      name: layer.name,
      after: [],
      notes: this.notes,
      readLayer: (given: Json, name: string) =>
        readLayer(String(given.class_name), (given.config ?? {}) as Json, { ...reading, name, after: [] }),
    };
    const made = readLayer(layer.className, layer.config, reading);
    const policy = policyOf(layer.config);
    if (/float(16|64)$/.test(policy)) this.notes.add(`it computes in ${policy} there, and in float32 here`);
    const { axis } = layer.config;
    return made.map(({ className, name, config }) => {
      const frozen = !trainable && variablesOf(className, config).length > 0;
      const { trainable: _, ...rest } = config;
      const own = this.#freeName(`${scope}${name}`);
      if (className === 'Softmax' && typeof axis === 'number') this.axes.set(own, axis);
      return {
        className,
        name: own,
        config: { ...rest, ...(frozen && { trainable: false }) },
      };
    });
  }

  #freeName(name: string): string {
    return freeName(nameHere(name), this.#names);
  }

  #attempt<T>({ className, name }: FileLayer, action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof NoCounterpart)) throw error;
      this.#problems.push(`${name} (${className}${error.message && `: ${error.message}`})`);
      return undefined;
    }
  }

  refuse(problem: string): void {
    this.#problems.push(problem);
  }

  refuseProblems(): void {
    const { length } = this.#problems;
    check(
      length === 0,
      () =>
        `${this.#who}: wasm-cnn has no counterpart of ${length === 1 ? 'its layer' : `${length} of its layers:`} ${this.#problems.join(', ')}; leave ${length === 1 ? 'it' : 'them'} out of the model, or build it of layers of docs/layers.md`,
    );
  }

  /** Calls its layers with these tensors; returns the outputs. `training`: what the call of a model around it said. */
  run(model: FileModel, given: readonly number[], training: boolean | undefined): number[] {
    if (model.layers.length > 0 && this.#inputs === 0) this.#inputs = given.length;
    const made = new Map<string, (readonly number[] | undefined)[]>();
    for (const [i, { layer }] of model.inputs.entries())
      made.set(layer, [given[i] === undefined ? undefined : [given[i]]]);
    const offsets = firstCalls(model);
    const find = ({ layer, call, tensor }: TensorOf): number | undefined =>
      made.get(layer)?.[call - (offsets.get(layer) ?? 0)]?.[tensor];
    let open = model.layers
      .filter(({ className }) => className !== 'InputLayer')
      .flatMap((layer) => layer.calls.map((call, index) => ({ layer, call, index })));
    while (open.length > 0) {
      const later = open.filter(({ layer, call, index }) => {
        const outputs = this.#perform(layer, call, find, training);
        if (!outputs) return true;
        const all = made.get(layer.name) ?? [];
        all[index] = outputs;
        made.set(layer.name, all);
        return false;
      });
      check(
        later.length < open.length,
        () =>
          `${this.#who}: its layer '${open[0]!.layer.name}' is called with what no other layer makes; it is damaged`,
      );
      open = later;
    }
    return model.outputs.map((end) => {
      const output = find(end);
      check(output !== undefined, () => `${this.#who}: its output '${end.layer}' is made by no layer; it is damaged`);
      return output;
    });
  }

  /** The outputs of one call; undefined where its inputs are not there yet. */
  #perform(
    layer: FileLayer,
    call: FileCall,
    find: (tensor: TensorOf) => number | undefined,
    around: boolean | undefined,
  ): readonly number[] | undefined {
    const { name } = layer;
    const arguments_: readonly Argument[] = [...call.inputs, ...Object.values(call.options)];
    const needed = arguments_.flatMap((argument) => ('of' in argument ? [argument.of] : []));
    if (needed.some((tensor) => find(tensor) === undefined)) return undefined;
    check(
      ++this.#performed <= 20 * MOST_CALLS,
      () => `${this.#who}: its layers are called too often; a model has at most ${MOST_CALLS} calls`,
    );
    if (!layer.model && isOperation(layer)) {
      const operation = this.#attempt(layer, () => readOperation(layer, call));
      if (!operation) return [0];
      const number = this.layers.push({ ...operation, name: this.#freeName(name) }) - 1;
      return [
        this.#call(
          number,
          operation.inputs.map((tensor) => find(tensor)!),
        ),
      ];
    }
    const training = this.#training(layer, call) ?? around;
    const tensors = call.inputs.flatMap((argument) => ('of' in argument ? [find(argument.of)!] : []));
    if (layer.model) return this.run(layer.model, tensors, training);
    let inputs = tensors;
    for (const number of this.#placed.get(layer) ?? []) {
      const { className, config, name: own } = this.layers[number]!;
      if (training === false && TRAINING_ONLY.test(className)) continue;
      if (training === false && className === 'BatchNormalization' && config.trainable !== false) {
        this.layers[number] = { className, name: own, config: { ...config, trainable: false } };
        this.frozen.push(own);
      }
      inputs = [this.#call(number, inputs)];
    }
    return inputs;
  }

  /** What the call says of training; refuses what it says else. */
  #training(layer: FileLayer, { options }: FileCall): boolean | undefined {
    let training: boolean | undefined;
    for (const [key, argument] of Object.entries(options)) {
      const value = 'value' in argument ? argument.value : 'a tensor';
      if (key === 'training' && typeof value === 'boolean') training = value;
      else if (value !== null && value !== undefined && key !== 'name')
        this.#problems.push(`${layer.name} (${layer.className}: called with ${key})`);
    }
    if (training === true && TRAINING_ONLY.test(layer.className))
      this.#problems.push(`${layer.name} (${layer.className}: called with training=True)`);
    return training;
  }

  #call(layer: number, inputs: readonly number[]): number {
    check(this.calls.length < MOST_CALLS, () => `${this.#who}: a model has at most ${MOST_CALLS} calls of layers`);
    return this.#inputs + this.calls.push({ layer, inputs: [...inputs] }) - 1;
  }
}

/** Keras counts calls of a nested model from 1, as number 0 made the model itself; not those of a chain in Keras 3, and not everybody. */
function firstCalls(model: FileModel): ReadonlyMap<string, number> {
  const refs = [
    ...model.outputs,
    ...model.layers.flatMap(({ calls }) =>
      calls.flatMap(({ inputs, options }) =>
        [...inputs, ...Object.values(options)].flatMap((argument) => ('of' in argument ? [argument.of] : [])),
      ),
    ),
  ];
  const nested = model.layers.filter((layer) => layer.model);
  return new Map(
    nested.map(({ name, calls, className }) => {
      const used = refs.filter(({ layer }) => layer === name).map(({ call }) => call);
      if (used.includes(0)) return [name, 0];
      const highest = used.reduce((most, call) => Math.max(most, call), 0);
      return [name, highest >= calls.length || className !== 'Sequential' ? 1 : 0];
    }),
  );
}
