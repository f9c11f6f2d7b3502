// Loop and If over constants: PyTorch leaves some where it writes as_strided and the like in other operators. They are run when the file is read.
import { makeConstant, type Constant } from './constant.js';
import { constantNode, FOLDS } from './fold.js';
import type { Fail } from './message.js';
import { Node } from './node.js';
import { readGraph, type GraphProto, type NodeProto } from './proto.js';
import type { Reading } from './reading.js';
import { unmapped } from './value.js';

/** Nodes that may be run in all, and graphs within graphs. */
const [MOST_STEPS, DEEPEST] = [10_000, 8];

type Resolve = (name: string) => Constant;

export const isControlFlow = (op: string): boolean => op === 'Loop' || op === 'If';

/** The graphs in a node's attributes. */
function graphsOf({ attributes }: NodeProto, fail: Fail): Map<string, GraphProto> {
  const graphs = new Map<string, GraphProto>();
  for (const [name, { graph }] of attributes) if (graph) graphs.set(name, readGraph([graph], fail));
  return graphs;
}

/** Names that the graphs in a node read, which may be those of values around it. */
export function namesWithin(node: NodeProto, fail: Fail, depth = 0): string[] {
  if (depth > DEEPEST) return [];
  return [...graphsOf(node, fail).values()].flatMap(({ nodes, outputs }) => [
    ...outputs.map(({ name }) => name),
    ...nodes.flatMap((each) => [...each.inputs, ...namesWithin(each, fail, depth + 1)]),
  ]);
}

/** What a Loop or an If makes of constants; `around`: values of the graph that it stands in. */
export function runControlFlow(
  node: Node,
  inputs: readonly (Constant | undefined)[],
  around: Resolve,
  reading: Reading,
  fail: Fail,
): readonly Constant[] {
  const run: Run = { reading, fail, opset: node.opset, steps: 0 };
  return controlled(node.proto, inputs, around, run, 0);
}

interface Run {
  readonly reading: Reading;
  readonly fail: Fail;
  readonly opset: number;
  steps: number;
}

function controlled(
  proto: NodeProto,
  inputs: readonly (Constant | undefined)[],
  around: Resolve,
  run: Run,
  depth: number,
): readonly Constant[] {
  if (depth > DEEPEST) unmapped('graphs within graphs');
  const graphs = graphsOf(proto, run.fail);
  if (proto.op === 'If') {
    const branch = graphs.get(inputs[0]?.data[0] ? 'then_branch' : 'else_branch') ?? unmapped('a branch is missing');
    return evaluated(branch, [], around, run, depth);
  }
  const body = graphs.get('body') ?? unmapped('its body is missing');
  const [count, first, ...initial] = inputs;
  let [carried, goesOn] = [initial.map((value) => value ?? unmapped('a value is missing')), first?.data[0] !== 0];
  if (body.outputs.length !== carried.length + 1) unmapped('values that are stacked');
  for (let i = 0; goesOn && i < (count?.data[0] ?? Infinity); i++) {
    const given = [makeConstant('int', [], [i]), makeConstant('bool', [], [1]), ...carried];
    const [more, ...next] = evaluated(body, given, around, run, depth);
    [carried, goesOn] = [next, more!.data[0] !== 0];
  }
  return carried;
}

function evaluated(
  graph: GraphProto,
  given: readonly Constant[],
  around: Resolve,
  run: Run,
  depth: number,
): readonly Constant[] {
  const values = new Map(graph.inputs.map(({ name }, i) => [name, given[i] ?? unmapped('an input is missing')]));
  const resolve: Resolve = (name) => {
    const known = values.get(name);
    if (known) return known;
    const tensor = graph.initializers.get(name);
    return tensor ? run.reading.constant(tensor) : around(name);
  };
  for (const proto of graph.nodes) {
    if (++run.steps > MOST_STEPS) unmapped(`more than ${MOST_STEPS} steps`);
    const inputs = proto.inputs.map((name) => (name === '' ? undefined : resolve(name)));
    const results = isControlFlow(proto.op)
      ? controlled(proto, inputs, resolve, run, depth + 1)
      : folded(new Node(proto, run.opset), inputs, run.reading);
    for (const [i, name] of proto.outputs.entries()) if (name !== '' && results[i]) values.set(name, results[i]);
  }
  return graph.outputs.map(({ name }) => resolve(name));
}

function folded(node: Node, inputs: readonly (Constant | undefined)[], reading: Reading): readonly Constant[] {
  if (node.op === 'Constant') return [constantNode(node, reading)];
  const known = node.proto.domain === '' && Object.hasOwn(FOLDS, node.op);
  if (!known) unmapped(`${node.op} in it`);
  const made = FOLDS[node.op]!(node, inputs, reading);
  return Array.isArray(made) ? (made as Constant[]) : [made as Constant];
}
