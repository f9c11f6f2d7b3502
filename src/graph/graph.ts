// What a model computes, as data: values, and the nodes that make them. Layers and losses build it; compiler/ turns it into kernel calls.
import type { Shape } from '../base/shape.js';
import { trainedOf, type Variable } from './variable.js';

/** A tensor of one example. Memory holds one for each example of a batch or a shard. */
export interface Value {
  readonly id: number;
  readonly shape: Shape;
}

/** One operation. Each file of compiler/ops/ adds its own kind, with its attributes as further members. */
export interface Node {
  readonly kind: string;
  /** Name of the layer or output that asked for it. */
  readonly layer: string;
  readonly inputs: readonly Value[];
  readonly output: Value;
  /** Those that it reads, in the order that its op knows them by. */
  readonly variables: readonly Variable[];
  /** How it may be computed with what follows, best first; compiler/lower.ts takes the first that applies. */
  readonly lowerings: readonly NodeLowering[];
  /** Lowerings that begin at a node before it, and are tried before that node's own: a convolution with the pool that reads it. */
  readonly fusions?: readonly NodeLowering[];
  /** What it does with an input's bytes: 'scales' wants them as 0 to 255, 'passes' moves what it gets; every other node wants value / 255. */
  readonly bytes?: 'scales' | 'passes';
  /** Makes other images of its input, in training alone. */
  readonly augments?: true;
}

/** A Lowering of compiler/ops/op.ts. A node brings its own, so that a bundle has those of the layers that it has. */
export type NodeLowering = (node: Node, graph: GraphView) => { readonly nodes: readonly Node[] } | null;

/** A loss and what it compares: the target is an input of the graph like any other. */
export interface LossTerm {
  /** Shape of what is predicted and, as rows of floats, of the target. */
  readonly prediction: Value;
  readonly target: Value;
  /** One number an example. */
  readonly loss: Value;
  /** What the loss is multiplied by in the sum that is trained. */
  readonly weight: number;
  /** Number of the output that is compared: two outputs may be one value. */
  readonly output: number;
}

export interface Graph {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly losses: readonly LossTerm[];
  /** Further parts of the loss, which depend on no target: one number an example each. */
  readonly penalties: readonly Value[];
  /** All of the model's, in layer order; nodes have the same objects. */
  readonly variables: readonly Variable[];
  /** Each after those that make its inputs. */
  readonly nodes: readonly Node[];
}

/** What a layer states of a node; its output gets its identity from the graph. */
export type NodeSpec<N extends Node = Node> = Omit<N, 'output'> & { readonly output: Shape };

/** Collects values and nodes in the order in which they are made. */
export class GraphBuilder {
  readonly #nodes: Node[] = [];
  #values = 0;

  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  /** The node that makes a value; null for an input. */
  maker(value: Value): Node | null {
    return this.#nodes.find(({ output }) => output === value) ?? null;
  }

  /** A value that no node makes: an input or a target. */
  value(shape: Shape): Value {
    return { id: this.#values++, shape };
  }

  add<N extends Node>(spec: NodeSpec<N>): Value {
    const output = this.value(spec.output);
    this.#nodes.push({ ...spec, output });
    return output;
  }
}

/** A graph as lowerings ask about it. */
export class GraphView {
  readonly graph: Graph;
  /** Predict plans may fold what is fixed then; they have no gradients. */
  readonly training: boolean;
  readonly #readers = new Map<Value, Node[]>();
  readonly #trained: ReadonlySet<Value>;

  constructor(graph: Graph, training: boolean) {
    this.graph = graph;
    this.training = training;
    for (const node of graph.nodes)
      for (const input of node.inputs) this.#readers.set(input, [...this.readers(input), node]);
    this.#trained = trainedValues(graph.nodes.map((node) => ({ ...node, outputs: [node.output] })));
  }

  /** Readers in node order; a node that reads a value twice is there twice. */
  readers(value: Value): readonly Node[] {
    return this.#readers.get(value) ?? [];
  }

  /** The one reader of a value that is no output of the model, if it is of this kind: what makes fusing the two legal. */
  only(value: Value, kind: string): Node | null {
    const [reader, ...others] = this.readers(value);
    return reader?.kind === kind && others.length === 0 && !this.graph.outputs.includes(value) ? reader : null;
  }

  /** Whether the value depends on anything that is trained. */
  needsGradient(value: Value): boolean {
    return this.#trained.has(value);
  }
}

/** Values before which something is trained; each of `steps` comes after those that make its inputs. */
export function trainedValues(
  steps: readonly {
    readonly inputs: readonly Value[];
    readonly outputs: readonly Value[];
    readonly variables: readonly Variable[];
  }[],
): ReadonlySet<Value> {
  const values = new Set<Value>();
  for (const { inputs, outputs, variables } of steps) {
    if (trainedOf(variables).length > 0 || inputs.some((input) => values.has(input)))
      for (const output of outputs) values.add(output);
  }
  return values;
}

/** Whether bytes are to arrive at an input as 0 to 255: all that it goes to scales them itself. */
export function wantsRawBytes(graph: Graph, value: Value): boolean {
  const readers = graph.nodes.filter(({ inputs }) => inputs.includes(value));
  return (
    readers.length > 0 &&
    !graph.outputs.includes(value) &&
    readers.every(({ bytes, output }) => bytes === 'scales' || (bytes === 'passes' && wantsRawBytes(graph, output)))
  );
}
