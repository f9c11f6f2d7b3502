// The contract between what layers ask for (nodes) and what the machine runs (ops).
//
//   layers  ──build()──►  graph of nodes  ──lower.ts──►  ops  ──plan.ts──►  addresses  ──program.ts──►  kernel calls
//
// An op stands for one node or for several (conv2d → relu → maxPooling2d can be one op, and then is by far the fastest). It says how
// many bytes it needs and which kernels do its work; it never sees an address before the plan gives it one.
import type { Kernels } from '../../engine/kernels.generated.js';
import type { ModuleText } from '../../engine/moduleText.js';
import type { GraphView, Node, NodeLowering, Value } from '../../graph/graph.js';
import type { Variable } from '../../graph/variable.js';

/** No shard that trains has more examples: a few images' activations should stay in a core's cache. */
export const LARGEST_SHARD = 16;

/** Byte addresses of an op's data, made by the plan. Activations start at the first example of the current shard. */
export interface Addresses {
  /** One for each of {@link Op.inputs} and {@link Op.outputs}. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Gradients of the loss by them. An op overwrites dInputs, where they are needed (else 0), and may overwrite dOutputs. */
  readonly dInputs: readonly number[];
  readonly dOutputs: readonly number[];
  /** The first of each. */
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
  readonly variables: readonly number[];
  /** Gradients of the weights: the shard's own (gradients: 'shards') or the whole batch's ('batch'). */
  readonly gradients: readonly number[];
  /** One for each name in {@link OpMemory}. */
  readonly memory: Readonly<Record<string, number>>;
  /** The step's 32-bit random key. */
  readonly stepKey: number;
  /** Number of the shard's first example within the batch, and of all examples in the batch. */
  readonly first: number;
  readonly batch: number;
  /** The same within the step, which may have several batches: what random numbers are drawn by, and what a mean loss is over. */
  readonly stepFirst: number;
  readonly stepExamples: number;
  /** Number of this shard and of all shards in the batch, and bytes from one shard's gradients to the next one's. */
  readonly shard: number;
  readonly shards: number;
  readonly shardGradientBytes: number;
}

type Sizes = Readonly<Record<string, number>>;

/** Floats that an op needs beyond its inputs and outputs, by name. */
export interface OpMemory {
  /** Packed copies of its weights (panels, flipped, Winograd-transformed), rebuilt by repack after each update. */
  readonly packed?: Sizes;
  /** Saved for the backward pass, for each example; the address is that of the shard's first example. */
  readonly saved?: Sizes;
  /** For each example too, from backward to gradient(), in an order of the op's own: the address is always the block's start. */
  readonly batch?: Sizes;
  /** For each shard of a batch, from forward to the end of the step; the address is always shard 0's, the next one is `size` floats further. */
  readonly shards?: Sizes;
  /** For each worker, gone after the call. */
  readonly scratch?: Sizes;
  /** For each worker, during repack alone. */
  readonly repackScratch?: Sizes;
}

/** Emits the calls for the n examples of a shard. */
export type Emit = (kernels: Kernels, at: Addresses, n: number) => void;

export interface Op {
  /** Name of the lowering, as the plan prints it. */
  readonly name: string;
  /** What it computes: in the order of the graph, each but the first reads one before. */
  readonly nodes: readonly Node[];
  readonly inputs: readonly Value[];
  /** More than one where others read what is between two of its nodes. */
  readonly outputs: readonly Value[];
  readonly variables: readonly Variable[];
  readonly memory: OpMemory;
  /** The module of its kernels that are not in every bundle. */
  readonly moreKernels?: ModuleText;
  /**
   * The output may be in the first input's place. 'view' leaves the bytes as they are; 'overwrites' changes them, but makes nothing
   * positive that was not, nor the other way round, unless to zero; 'replaces' puts anything there.
   */
  readonly inPlace?: 'view' | 'overwrites' | 'replaces';
  /**
   * What the backward pass reads again, beside gradients and saved memory; all else may be overwritten. 'sign': whether an output is
   * positive, which dropout in its place may change to zero, as no gradient comes from there then.
   */
  readonly backwardReads: { readonly inputs: boolean; readonly outputs: boolean | 'sign' };
  /**
   * How the weights' gradients come about. 'shards': backward adds them up for its shard, and the shards are summed in order.
   * 'batch': gradient() makes them from the whole batch's x and dy, which are kept for it.
   */
  readonly gradients?: 'shards' | 'batch';

  /** One stage, or several in training: before each further one, all shards of the batch have done the one before. */
  readonly forward: Emit | readonly Emit[];
  readonly backward: Emit | readonly Emit[];
  /** One of `gradientParts` independent parts; overwrites its part of the gradients. */
  gradient?(kernels: Kernels, at: Addresses, part: number): void;
  readonly gradientParts?: number;
  /** One of `repackParts` independent parts. */
  repack?(kernels: Kernels, at: Addresses, part: number): void;
  readonly repackParts?: number;
  /** Updates statistics once a step, beside the optimizer. */
  updateStatistics?(kernels: Kernels, at: Addresses): void;
  /** Writes the loss of each example to the last output; not called by predict. */
  loss?: Emit;
}

/** Tries to make an op of the node and those that read it; null where it does not apply. */
export type Lowering = (node: Node, graph: GraphView) => Op | null;

/** The op of the first lowering that applies; null where none does. */
export function lowerBy(lowerings: readonly NodeLowering[], node: Node, graph: GraphView): Op | null {
  for (const lowering of lowerings as readonly Lowering[]) {
    const op = lowering(node, graph);
    if (op) return op;
  }
  return null;
}

export function stagesOf<E>(stages: E | readonly E[]): readonly E[] {
  return Array.isArray(stages) ? (stages as readonly E[]) : [stages as E];
}

/** What is the same of every op that stands for nodes of which each but the first reads the one before; null is left out. */
export function chain(...given: readonly (Node | null)[]): Pick<Op, 'nodes' | 'inputs' | 'outputs' | 'variables'> {
  const nodes = given.filter((node) => node !== null);
  const inner = nodes.slice(0, -1).map(({ output }) => output);
  return {
    nodes,
    inputs: nodes.flatMap(({ inputs }) => inputs).filter((input) => !inner.includes(input)),
    outputs: [nodes.at(-1)!.output],
    variables: nodes.flatMap(({ variables }) => variables),
  };
}

/** 'conv2d+relu of conv2d_1' */
export function opLabel(op: Op): string {
  return `${op.name} of ${op.nodes[0]!.layer}`;
}

/** Columns in panels of 16, the last one filled up. */
export function panelFloats(columns: number, rows: number): number {
  return Math.ceil(columns / 16) * 16 * rows;
}
