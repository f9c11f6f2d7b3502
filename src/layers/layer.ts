// The contract of a layer: what the user writes, in Keras' words. A layer knows shapes, never addresses.
import { check } from '../base/errors.js';
import { checkBoolean, checkOptions, describe, isRecord } from '../base/options.js';
import { formatShape, type Shape } from '../base/shape.js';
import type { GraphBuilder, Value } from '../graph/graph.js';
import type { Variable, VariableSpec } from '../graph/variable.js';
import { rules, type Constraint, type Regularizer, type RuleConfig } from '../graph/weightRules.js';

/** Options that every layer has. */
export interface LayerOptions {
  /** Default: the kind, and a number from the second on. */
  name?: string;
  /** Shape of one example; the first layer of a sequential model needs it unless the model has it. */
  inputShape?: Shape;
  /** Whether training changes its weights. Default true; {@link Layer.trainable} can be changed later. */
  trainable?: boolean;
  /** Penalty on its output, the mean over the batch; see regularizers. */
  activityRegularizer?: Regularizer | RuleConfig | string | null;
}

/** Penalties and constraints on weights of these names, as options: see regularizers and constraints. */
export type WeightRules<Weight extends string> = {
  [Option in `${Weight}Regularizer`]?: Regularizer | RuleConfig | string | null;
} & { [Option in `${Weight}Constraint`]?: Constraint | RuleConfig | string | null };

/** Place of a layer in its model. */
export interface LayerPlace {
  /** Unique in the model, e.g. 'conv2d_1'. */
  readonly name: string;
  /** Number of this call among all calls of layers in the model. */
  readonly index: number;
  /** Variables in the order of {@link Layer.variables}. */
  readonly variables: readonly Variable[];
}

/** What a layer will make of its inputs in a model: a shape without values yet. Layers are applied to it, and models are made from it. */
export interface SymbolicTensor {
  /** Shape of one example. */
  readonly shape: Shape;
  /** What makes it of which inputs; null for an input of the model. */
  readonly source: {
    readonly layer: Layer;
    readonly inputs: readonly SymbolicTensor[];
    /** What the layer is called in the model that it comes from. */
    readonly name: string | undefined;
    /** Whether the name is that of a layer of a nested model, 'block.dense', which gets a number where it is taken. */
    readonly nested: boolean;
  } | null;
  /** Name of an input, where it was given one. */
  readonly name: string | undefined;
}

/** A layer, as the functions of `layers` make it. */
export interface Layer {
  /** Keras' class name: 'Conv2D'. */
  readonly className: string;
  /** The function of layers/ that makes it of its options. */
  readonly make: (options: never) => Layer;
  /** What names are made of: 'conv2d'. */
  readonly kind: string;
  readonly options: LayerOptions;
  /** May be changed: it counts from the next compile() or fit() on. */
  trainable: boolean;
  /** Shape of one output; throws one sentence where the inputs do not fit. `who` names the layer in it. */
  outputShape(inputs: readonly Shape[], who: string): Shape;
  variables(inputs: readonly Shape[]): readonly VariableSpec[];
  /** Adds what it computes to a model's graph, and returns its output. */
  build(graph: GraphBuilder, inputs: readonly Value[], place: LayerPlace): Value;
  /** Adds a penalty on its output, one number an example. Missing where there is none. */
  activity?(graph: GraphBuilder, y: Value, name: string): Value;
  /** Its output for these inputs, as part of a model of several branches. A layer that is applied twice has one set of weights. */
  apply(inputs: SymbolicTensor | readonly SymbolicTensor[]): SymbolicTensor;
  /** The options that make it again; plain JSON. */
  getConfig(): Record<string, unknown>;
}

/** A layer as its file states it. */
interface Definition<Inputs, Values> extends Pick<Layer, 'className' | 'make' | 'kind' | 'options' | 'getConfig'> {
  outputShape(input: Inputs, who: string): Shape;
  /** Default: none. */
  variables?(input: Inputs): readonly VariableSpec[];
  build(graph: GraphBuilder, input: Values, place: LayerPlace): Value;
}

/** A layer of one input. */
export function defineLayer(definition: Definition<Shape, Value>): Layer {
  const only = <T>(inputs: readonly T[], who: string): T => {
    check(
      inputs.length === 1,
      () => `${who} takes one input, got ${inputs.length}; join them first, e.g. with add() or concatenate()`,
    );
    return inputs[0]!;
  };
  return makeLayer({
    ...definition,
    outputShape: (inputs, who) => definition.outputShape(only(inputs, who), who),
    variables: (inputs) => definition.variables?.(inputs[0]!) ?? [],
    build: (graph, inputs, place) => definition.build(graph, inputs[0]!, place),
  });
}

/** A layer of two or more inputs. */
export function defineMergeLayer(definition: Definition<readonly Shape[], readonly Value[]>): Layer {
  return makeLayer({
    ...definition,
    outputShape(inputs, who) {
      check(
        inputs.length > 1,
        () =>
          `${who} needs two inputs or more, got ${inputs.length}; call apply([a, b]), in model({ inputs, outputs })`,
      );
      return definition.outputShape(inputs, who);
    },
    variables: (inputs) => definition.variables?.(inputs) ?? [],
  });
}

function makeLayer(given: Omit<Layer, 'trainable' | 'apply'>): Layer {
  const definition = rules.extend(given);
  const { kind, options } = definition;
  const { trainable = true } = options;
  checkBoolean(trainable, `${kind}'s trainable`);
  const layer: Layer = {
    ...definition,
    trainable,
    getConfig: () => ({ ...definition.getConfig(), ...(!layer.trainable && { trainable: false }) }),
    apply(tensors) {
      const inputs = isSymbolic(tensors) ? [tensors] : tensors;
      check(
        Array.isArray(inputs) && inputs.every(isSymbolic),
        () => `${kind}'s apply needs what input() or another layer's apply() returned, got ${describe(tensors)}`,
      );
      const shape = layer.outputShape(
        inputs.map((input) => input.shape),
        options.name ?? kind,
      );
      return { shape, source: { layer, inputs: [...inputs], name: options.name, nested: false }, name: undefined };
    },
  };
  return layer;
}

export function isSymbolic(value: unknown): value is SymbolicTensor {
  return isRecord(value) && Array.isArray(value.shape) && 'source' in value;
}

/** Throws unless the input is [height, width, channels]. */
export function checkImage(input: Shape, who: string): [height: number, width: number, channels: number] {
  check(
    input.length === 3,
    () =>
      `${who} needs input [height, width, channels], got ${formatShape(input)}; put it before flatten(), or give the model such an inputShape`,
  );
  return input as unknown as [number, number, number];
}

/** Throws at the first option that a layer of this kind does not have. */
export function checkLayerOptions(options: LayerOptions, known: readonly string[], kind: string): void {
  checkOptions(options, [...known, 'name', 'inputShape', 'trainable', ...rules.names(known)], kind);
}

/** Throws unless one of the functions of `layers` made it. */
export function checkLayer(layer: unknown): asserts layer is Layer {
  check(
    isRecord(layer) && typeof layer.build === 'function',
    () => `a layer is made by a function of layers, e.g. layers.dense({ units: 10 }), got ${describe(layer)}`,
  );
}
