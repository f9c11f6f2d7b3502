// The calls of a model's layers as boxes: those of a nested model, whose layers are called 'block.dense', are in a box of their own.
import type { PlacedLayer } from '../model/placedLayer.js';
import type { LayerCall, Topology } from '../model/topology.js';
import type { Shape } from '../base/shape.js';

/** An input, a call of a layer, or a nested model. */
export interface ModelNode {
  readonly name: string;
  /** What it is made from, and what others, or the model's user, get of it: by number, as the topology has them. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly placed: PlacedLayer | null;
  /** Its parts in order, each after those that it is made from; null for a layer or an input. */
  readonly inside: readonly ModelNode[] | null;
}

interface Item {
  readonly node: ModelNode;
  /** Nested models that it is in, the outermost first, as 'block 0' for its first application. */
  readonly path: readonly string[];
}

export interface ModelTree {
  /** Each after those that it is made from. */
  readonly nodes: readonly ModelNode[];
  /** Shape of each tensor of one example. */
  readonly shapes: readonly Shape[];
}

export function treeOf({ inputs, layers, calls, outputs }: Topology): ModelTree {
  const shapes = inputs.map(({ shape }) => shape);
  const items = inputs.map(({ name }, i): Item => {
    return { node: { name, inputs: [], outputs: [i], placed: null, inside: null }, path: [] };
  });
  for (const [i, { layer: number, inputs: given }] of calls.entries()) {
    const placed = layers[number]!;
    shapes.push(
      placed.layer.outputShape(
        given.map((tensor) => shapes[tensor]!),
        placed.name,
      ),
    );
    const node = { name: placed.name, inputs: given, outputs: [inputs.length + i], placed, inside: null };
    items.push({ node, path: pathOf(layers, calls, i) });
  }
  const asked = new Set(outputs.map(({ tensor }) => tensor));
  return { nodes: grouped(items, 0, asked), shapes };
}

/** 'block.inner.dense', called for the second time: 'block 1', 'inner 1'. */
function pathOf(layers: readonly PlacedLayer[], calls: readonly LayerCall[], call: number): string[] {
  const { layer } = calls[call]!;
  const countOf = (number: number): number => calls.filter((each) => each.layer === number).length;
  const earlier = calls.slice(0, call).filter((each) => each.layer === layer).length;
  const scopes = layers[layer]!.name.split('.').slice(0, -1);
  return scopes.map((scope, depth) => {
    const prefix = `${scopes.slice(0, depth + 1).join('.')}.`;
    // A layer may be called several times within the nested model, too: how often that is applied divides all of its layers' calls.
    const inScope = layers.flatMap(({ name }, number) => (name.startsWith(prefix) ? [countOf(number)] : []));
    const applications = inScope.reduce(divisor);
    return `${scope} ${Math.floor((earlier * applications) / countOf(layer))}`;
  });
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** The items as nodes: those of one nested model that hang together are one. `asked`: tensors that are read elsewhere. */
function grouped(items: readonly Item[], depth: number, asked: ReadonlySet<number>): readonly ModelNode[] {
  const parts = partsOf(items, depth);
  const nodes = parts.map((part): ModelNode => {
    const scope = part[0]!.path[depth];
    if (scope === undefined) return part[0]!.node;
    const made = new Set(part.flatMap(({ node }) => node.outputs));
    const elsewhere = new Set(asked);
    for (const { node } of items.filter((item) => !part.includes(item)))
      for (const tensor of node.inputs) elsewhere.add(tensor);
    const inputs = [...new Set(part.flatMap(({ node }) => node.inputs))].filter((tensor) => !made.has(tensor));
    const outputs = [...made].filter((tensor) => elsewhere.has(tensor));
    const name = scope.replace(/ \d+$/, '');
    return { name, inputs, outputs, placed: null, inside: grouped(part, depth + 1, new Set(outputs)) };
  });
  // Names with dots may be a person's own, and then the layers of a "nested model" need not stand together.
  return inOrder(nodes) ?? items.map(({ node }) => node);
}

/** Items that are alone, and those of one scope that hang together. */
function partsOf(items: readonly Item[], depth: number): readonly (readonly Item[])[] {
  const parts: Item[][] = [];
  for (const item of items) {
    const scope = item.path[depth];
    const beside = parts.filter(
      (part) =>
        scope !== undefined &&
        part[0]!.path[depth] === scope &&
        part.some(({ node }) => node.outputs.some((tensor) => item.node.inputs.includes(tensor))),
    );
    const [first, ...others] = beside;
    if (!first) parts.push([item]);
    else {
      first.push(...others.flat(), item);
      for (const other of others) parts.splice(parts.indexOf(other), 1);
    }
  }
  return parts;
}

/** Each node after those that it is made from; null where there is no such order. */
function inOrder(nodes: readonly ModelNode[]): readonly ModelNode[] | null {
  const order: ModelNode[] = [];
  const left = [...nodes];
  while (left.length > 0) {
    const waiting = new Set(left.flatMap(({ outputs }) => outputs));
    const next = left.findIndex(({ inputs, outputs }) =>
      inputs.every((tensor) => !waiting.has(tensor) || outputs.includes(tensor)),
    );
    if (next < 0) return null;
    order.push(...left.splice(next, 1));
  }
  return order;
}
