// The part of an ONNX graph that its outputs need, and how its images lie.
import { namesWithin } from './controlFlow.js';
import type { Fail } from './message.js';
import type { NodeProto, OnnxModel } from './proto.js';

/** Nodes that an output depends on, in their order; all others are dead. */
export function neededNodes({ nodes, outputs }: OnnxModel, fail: Fail): readonly NodeProto[] {
  const makers = new Map<string, number>();
  for (const [i, node] of nodes.entries())
    for (const name of node.outputs) {
      if (name === '') continue;
      if (makers.has(name)) fail(`two nodes make the value '${name}'`);
      makers.set(name, i);
    }
  const needed = new Set<number>();
  const open = outputs.map(({ name }) => name);
  while (open.length > 0) {
    const i = makers.get(open.pop()!);
    if (i === undefined || needed.has(i)) continue;
    needed.add(i);
    for (const input of nodes[i]!.inputs) open.push(input);
    for (const name of namesWithin(nodes[i]!, fail)) open.push(name);
  }
  return nodes.filter((_, i) => needed.has(i));
}

/** How often each value is read, by nodes and as an output. */
export function usesIn(nodes: readonly NodeProto[], { outputs }: OnnxModel): Map<string, number> {
  const uses = new Map<string, number>();
  for (const name of [...nodes.flatMap(({ inputs }) => inputs), ...outputs.map((output) => output.name)])
    uses.set(name, (uses.get(name) ?? 0) + 1);
  return uses;
}

/** They do not say how their input's axes lie. */
const EITHER = /^(Identity|Cast|Add|Sub|Mul|Div|Clip|Relu|Dropout|Neg)$/;

/** Whether an input of four axes is [n, height, width, channels]: the first step turns it into ONNX's order. */
export function isChannelsLast(input: string, nodes: readonly NodeProto[]): boolean {
  const seen = new Set([input]);
  const readers = new Map<string, NodeProto[]>();
  for (const node of nodes)
    for (const name of new Set(node.inputs)) {
      const others = readers.get(name);
      if (others) others.push(node);
      else readers.set(name, [node]);
    }
  for (const name of seen)
    for (const node of readers.get(name) ?? []) {
      const perm = node.attributes.get('perm')?.ints;
      if (node.op === 'Transpose') return perm?.join() === '0,3,1,2';
      if (EITHER.test(node.op)) for (const output of node.outputs) seen.add(output);
    }
  return false;
}
