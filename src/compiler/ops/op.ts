// The contract between what layers ask for (primitives) and what the machine runs (ops).
//
//   layers  ──lower()──►  primitives  ──lower.ts──►  ops  ──plan.ts──►  addresses  ──program.ts──►  kernel calls
//
// An op stands for one primitive or for several in a row (conv2d → relu → maxPooling2d can be one op, and then is by far the
// fastest). It says how many bytes it needs and which kernels do its work; it never sees an address before the plan gives it one.
import type { Kernels } from '../../engine/kernels.generated.js';
import type { Initializer } from '../../initializers/index.js';
import type { Shape } from '../../base/shape.js';

/** One trainable tensor. All parameters lie one after another, in layer order, kernel then bias. */
export interface Parameter {
  /** 'conv2d_1/kernel' */
  readonly name: string;
  readonly shape: Shape;
  readonly size: number;
  /** Elements before it. */
  readonly offset: number;
  readonly initializer: Initializer;
}

/** One step of the computation as a layer states it. Each op's file adds its own kind. */
export interface Primitive {
  readonly kind: string;
  /** Name of the layer that asked for it. */
  readonly layer: string;
  readonly input: Shape;
  readonly output: Shape;
}

/** Where an op finds its data: byte addresses, made by the plan. Activations start at the first example of the shard at hand. */
export interface Addresses {
  readonly x: number;
  readonly y: number;
  /** Gradient of the loss by x; 0 where nobody needs it (the first op). */
  readonly dx: number;
  /** Gradient of the loss by y; an op may overwrite it. */
  readonly dy: number;
  readonly parameters: readonly number[];
  /** Gradients of the parameters: the shard's own (gradients: 'shards') or the whole batch's ('batch'). */
  readonly gradients: readonly number[];
  /** One for each name in {@link OpMemory}. */
  readonly memory: Readonly<Record<string, number>>;
  /** [batch, classes] and [batch], for the loss. */
  readonly targets: number;
  readonly losses: number;
  /** The step's 32-bit random key. */
  readonly stepKey: number;
  /** Number of the shard's first example within the batch, and of all examples in the batch. */
  readonly first: number;
  readonly batch: number;
}

/** Floats that an op needs beyond its input and output, by name. */
export interface OpMemory {
  /** Other orders of its weights, made by refresh after each update. */
  readonly derived?: Readonly<Record<string, number>>;
  /** For each example, from forward to backward; the address is that of the shard's first example. */
  readonly kept?: Readonly<Record<string, number>>;
  /** For each example too, but in an order of the op's own: the address is always the block's start. */
  readonly batch?: Readonly<Record<string, number>>;
  /** For each worker, gone after the call. */
  readonly scratch?: Readonly<Record<string, number>>;
}

export interface Op {
  /** Name of the lowering, as the plan prints it. */
  readonly name: string;
  readonly covers: readonly Primitive[];
  readonly parameters: readonly Parameter[];
  readonly memory: OpMemory;
  /** The output may lie in the input's place: 'view' leaves the bytes as they are, 'overwrites' changes them. */
  readonly inPlace?: 'view' | 'overwrites';
  /** The way back reads the output, so nobody may overwrite it. (ReLU does not mind dropout: where that put a zero, dy is zero.) */
  readonly needsOutput?: boolean;
  /**
   * How the parameters' gradients come about. 'shards': backward adds them up for its shard, and the shards are summed in order.
   * 'batch': gradient() makes them from the whole batch's x and dy, which are kept for it.
   */
  readonly gradients?: 'shards' | 'batch';

  /** Emits the calls for n examples. `training` is false for predict and evaluate. */
  forward(kernels: Kernels, at: Addresses, n: number, training: boolean): void;
  backward(kernels: Kernels, at: Addresses, n: number): void;
  /** Part `part` of `gradientParts` equal-looking parts that may run side by side; overwrites its part of the gradients. */
  gradient?(kernels: Kernels, at: Addresses, part: number): void;
  readonly gradientParts?: number;
  refresh?(kernels: Kernels, at: Addresses, part: number): void;
  readonly refreshParts?: number;
  /** Writes the loss of each example (only the last op of a model that is compiled). */
  loss?(kernels: Kernels, at: Addresses, n: number): void;
}

/** Tries to make an op of the primitives from `from` on; null where it does not apply. */
export type Lowering = (primitives: readonly Primitive[], from: number) => Op | null;

/** Kernel and, where there is one, bias. */
export function parametersOf({
  kernel,
  bias,
}: {
  readonly kernel: Parameter;
  readonly bias: Parameter | null;
}): readonly Parameter[] {
  return bias ? [kernel, bias] : [kernel];
}

/** Columns in panels of 16, the last one filled up. */
export function panelFloats(columns: number, rows: number): number {
  return Math.ceil(columns / 16) * 16 * rows;
}
