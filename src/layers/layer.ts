// The contract of a layer: what the user writes, in Keras' words. A layer knows shapes, never addresses.
import { check } from '../base/errors.js';
import type { Initializer } from '../initializers/index.js';
import type { Parameter, Primitive } from '../compiler/ops/op.js';
import { checkOptions, describe, isRecord } from '../base/options.js';
import { formatShape, type Shape } from '../base/shape.js';

export interface WeightSpec {
  /** 'kernel' or 'bias' */
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
}

/** Where a layer stands in its model. */
export interface Place {
  /** Unique in the model, e.g. 'conv2d_1'. */
  readonly name: string;
  readonly index: number;
  readonly input: Shape;
  /** In the order of {@link Layer.weights}. */
  readonly parameters: readonly Parameter[];
}

/** Options that every layer has. */
export interface LayerOptions {
  /** Default: the kind, and a number from the second on. */
  name?: string;
  /** Shape of one example; the first layer needs it unless the model has it. */
  inputShape?: Shape;
}

export interface Layer {
  /** Keras' class name: 'Conv2D'. */
  readonly className: string;
  /** What names are made of: 'conv2d'. */
  readonly kind: string;
  readonly options: LayerOptions;
  /** Shape of one output; throws one sentence where the input does not fit. `who` names the layer in it. */
  outputShape(input: Shape, who: string): Shape;
  weights(input: Shape): readonly WeightSpec[];
  lower(place: Place): readonly Primitive[];
  /** The options that make it again; plain JSON. */
  getConfig(): Record<string, unknown>;
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
  checkOptions(options, [...known, 'name', 'inputShape'], kind);
}

/** Throws unless somebody made this with one of the functions of `layers`. */
export function checkLayer(layer: unknown): asserts layer is Layer {
  check(
    isRecord(layer) && typeof layer.lower === 'function',
    () => `a layer is made by a function of layers, e.g. layers.dense({ units: 10 }), got ${describe(layer)}`,
  );
}
