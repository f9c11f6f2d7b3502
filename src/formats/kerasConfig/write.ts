// Our description of a model → Keras' JSON: a Sequential for a chain, a Functional for anything else.
import { check } from '../../base/errors.js';
import type { Shape } from '../../base/shape.js';
import type { ModelConfig } from '../archive.js';
import { freeName, NoCounterpart, type Json, type KerasVersion } from './json.js';
import { variablesOf, writeOptions } from './layers.js';
import { lower, type Lowered, type LoweredLayer } from './lower.js';
import { kerasOrder } from './order.js';
import type { KerasLayer } from './variables.js';

export interface WrittenConfig {
  /** JSON: { class_name, config, … }, what config.json of a .keras or modelTopology of TF.js holds. */
  readonly topology: Json;
  /** Layers in the order of the topology, which is that of Keras' own `model.layers`. */
  readonly layers: readonly KerasLayer[];
  readonly isChain: boolean;
  /** Names of the layers (or inputs) that make the model's outputs. */
  readonly outputs: readonly string[];
  /** What was left out or written otherwise, a sentence each. */
  readonly notes: readonly string[];
}

const FORMATS: Readonly<Record<KerasVersion, string>> = { keras3: 'Keras', tfjs: 'TF.js' };

/** Refuses all that the version cannot hold in one sentence. */
export function writeKerasConfig(model: ModelConfig, version: KerasVersion, who: string): WrittenConfig {
  const notes = new Set<string>();
  const graph = lower(model, version, notes);
  const problems: string[] = [];
  const options = graph.layers.map(({ className, name, config }) => {
    try {
      const written = writeOptions(className, config, { version, name, notes });
      return {
        name,
        // Keras' SpatialDropout2D takes no such option.
        ...(config.trainable === false && { trainable: false }),
        ...(version === 'keras3' && { dtype: 'float32' }),
        ...written,
      };
    } catch (error) {
      if (!(error instanceof NoCounterpart)) throw error;
      problems.push(`${name} (${className}: ${error.message})`);
      return {};
    }
  });
  check(
    problems.length === 0,
    () =>
      `${who}: ${FORMATS[version]} has no counterpart of ${problems.length === 1 ? 'the layer' : `${problems.length} layers:`} ${problems.join(', ')}; use what it has there, or save the model with save()`,
  );
  const names = new Set(graph.layers.map(({ name }) => name));
  const inputs = graph.inputs.map(({ name, shape }) => ({ name: freeName(name, names), shape }));
  const isChain = isChained(graph);
  const written = { ...graph, inputs };
  const order = isChain ? graph.layers.map((_, i) => i) : kerasOrder({ ...written, inputs: inputs.length });
  return {
    topology: isChain
      ? chain(model.name, written, options, version)
      : functional(model.name, written, options, order, version),
    layers: [
      ...(isChain ? [describeInput(inputs[0]!.name)] : []),
      ...order.map((i) => (i < 0 ? describeInput(inputs[-1 - i]!.name) : describeLayer(graph.layers[i]!))),
    ],
    isChain,
    outputs: graph.outputs.map((tensor) =>
      tensor < inputs.length ? inputs[tensor]!.name : graph.layers[graph.calls[tensor - inputs.length]!.layer]!.name,
    ),
    notes: [...notes],
  };
}

const describeInput = (name: string): KerasLayer => ({ className: 'InputLayer', name, trainable: true, variables: [] });

function describeLayer({ className, name, config, targets = {} }: LoweredLayer): KerasLayer {
  const variables = variablesOf(className, config).map(({ ours, ...variable }) => ({
    ...variable,
    target: ours === null ? null : `${name}/${targets[ours] ?? ours}`,
  }));
  return { className, name, trainable: config.trainable !== false, variables };
}

function isChained({ inputs, layers, calls, outputs }: Lowered): boolean {
  return (
    inputs.length === 1 &&
    outputs.length === 1 &&
    outputs[0] === calls.length &&
    layers.length > 0 &&
    calls.length === layers.length &&
    calls.every(({ layer, inputs: taken }, i) => layer === i && taken.length === 1 && taken[0] === i)
  );
}

type Written = Omit<Lowered, 'inputs'> & {
  readonly inputs: readonly { readonly name: string; readonly shape: Shape }[];
};

const moduleOf = (className: string): string =>
  className === 'Functional' ? 'keras.src.models.functional' : className === 'Sequential' ? 'keras' : 'keras.layers';

/** A layer or a model as the list of layers, or the file, has it. */
function described(className: string, config: Json, version: KerasVersion): Json {
  return version === 'tfjs'
    ? { class_name: className, config }
    : {
        module: moduleOf(className),
        class_name: className,
        config,
        registered_name: className === 'Functional' ? 'Functional' : null,
      };
}

const batchOf = (shape: Shape): (number | null)[] => [null, ...shape];

function inputLayer({ name, shape }: { name: string; shape: Shape }, version: KerasVersion): Json {
  const key = version === 'tfjs' ? 'batch_input_shape' : 'batch_shape';
  const config = {
    [key]: batchOf(shape),
    dtype: 'float32',
    sparse: false,
    name,
    ...(version === 'keras3' && { ragged: false }),
  };
  return { ...described('InputLayer', config, version) };
}

function chain(name: string, { inputs, layers }: Written, options: readonly Json[], version: KerasVersion): Json {
  const [{ shape }] = inputs as [{ name: string; shape: Shape }];
  const list = layers.map(({ className }, i) =>
    described(
      className,
      // TF.js has no InputLayer in a chain.
      i === 0 && version === 'tfjs'
        ? { batch_input_shape: batchOf(shape), dtype: 'float32', ...options[i] }
        : options[i]!,
      version,
    ),
  );
  return described(
    'Sequential',
    version === 'tfjs'
      ? { name, layers: list }
      : {
          ...{ name, trainable: true, dtype: 'float32' },
          ...{ layers: [inputLayer(inputs[0]!, version), ...list], build_input_shape: batchOf(shape) },
        },
    version,
  );
}

function functional(
  name: string,
  { inputs, layers, calls, outputs }: Written,
  options: readonly Json[],
  order: readonly number[],
  version: KerasVersion,
): Json {
  // Each call of a layer has a number among its calls.
  const counts = layers.map(() => 0);
  const refs = [
    ...inputs.map(({ name: own, shape }) => ({ at: [own, 0, 0], shape })),
    ...calls.map(({ layer, shape }) => ({ at: [layers[layer]!.name, counts[layer]!++, 0], shape })),
  ];
  const tensor = (number: number): unknown => {
    const { at, shape } = refs[number]!;
    if (version === 'tfjs') return [...at, {}];
    const config = { shape: batchOf(shape), dtype: 'float32', keras_history: at };
    return { class_name: '__keras_tensor__', config };
  };
  const nodeOf = (given: readonly number[]): unknown => {
    const tensors = given.map(tensor);
    return version === 'tfjs' ? tensors : { args: [tensors.length === 1 ? tensors[0] : tensors], kwargs: {} };
  };
  const list = order.map((i) => {
    if (i < 0) {
      const input = inputs[-1 - i]!;
      return { ...inputLayer(input, version), name: input.name, inbound_nodes: [] };
    }
    const { className, name: own } = layers[i]!;
    const nodes = calls.filter(({ layer }) => layer === i).map((call) => nodeOf(call.inputs));
    return { ...described(className, options[i]!, version), name: own, inbound_nodes: nodes };
  });
  const ends = (numbers: readonly number[]): unknown => {
    const all = numbers.map((number) => refs[number]!.at);
    return all.length === 1 && version === 'keras3' ? all[0] : all;
  };
  const config = {
    ...{ name, ...(version === 'keras3' && { trainable: true }), layers: list },
    ...{ input_layers: ends(inputs.map((_, i) => i)), output_layers: ends(outputs) },
  };
  return described(version === 'tfjs' ? 'Model' : 'Functional', config, version);
}
