// The contract of a layer's f64 reference: from what getConfig() says, by its own rules of shapes and padding, in plain loops.

/** What n examples have at one place of a model: values [n, …shape]. */
export interface Activations {
  readonly values: Float64Array;
  readonly shape: readonly number[];
}

export interface Gradients {
  /** One an input. */
  readonly inputs: readonly Float64Array[];
  /** One an array of weights that is no statistic; empty where there are none. */
  readonly weights: readonly Float64Array[];
}

export interface Applied extends Activations {
  /** Gradients of the inputs and weights from that of the output. */
  backward(dy: Float64Array): Gradients;
  /**
   * The smallest distance from a kink or a tie, where gradients go another way, in units of the input's root mean square. Exact zeros
   * count for nothing: they were made by a ReLU, dropout or padding, and f32 has them as well. Default: there is none.
   */
  readonly margin?: number;
  /** The layer's statistics after a step. Default: it has none. */
  readonly statistics?: readonly Float64Array[];
}

/** One call of a layer in a model. */
export interface Call {
  /** What the layer's getConfig() says. */
  readonly config: unknown;
  readonly inputs: readonly Activations[];
  /** In the order of the layer's variables. */
  readonly weights: readonly Float64Array[];
  readonly n: number;
  /** What training makes of it, where the layer is trainable. Default: what prediction makes of it. */
  readonly training?: boolean;
  /** What random numbers follow from; null outside training. */
  readonly random: { readonly seed: number; readonly step: number; readonly index: number } | null;
}

export type ReferenceLayer = (call: Call) => Applied;

export function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}

export function rootMeanSquare(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}
