// Which values share one place in memory, as an op works in its input's place. Pure.
import type { Graph, Value } from '../graph/graph.js';
import type { Op } from './ops/op.js';

/** For each value that an op makes in its input's place: the first value that was in that place. */
export interface Storage {
  /** What is in the same place as a value, and was there first. */
  root(value: Value): Value;
  /** The same for the gradients by them: one place for both ends of an op in place, unless others read its input, too. */
  gradientRoot(value: Value): Value;
}

export function shareStorage(graph: Graph, ops: readonly Op[]): Storage {
  const readers = new Map<Value, number>();
  for (const value of [...graph.outputs, ...ops.flatMap(({ inputs }) => inputs)])
    readers.set(value, (readers.get(value) ?? 0) + 1);
  const makers = new Map(ops.flatMap((op) => op.outputs.map((output) => [output, op] as const)));
  const roots = new Map<Value, Value>();
  const gradientRoots = new Map<Value, Value>();
  const root = (value: Value): Value => roots.get(value) ?? value;
  const gradientRoot = (value: Value): Value => gradientRoots.get(value) ?? value;
  /** Whether x and all that shares its place has one reader, and the op that made it does without it later. */
  const mayOverwrite = (x: Value): boolean =>
    readers.get(x) === 1 &&
    [...roots].every(([value, first]) => first !== root(x) || readers.get(value) === 1) &&
    readers.get(root(x)) === 1 &&
    makers.get(root(x))?.backwardReads.outputs !== true;
  for (const { inPlace, inputs, outputs } of ops) {
    const [x, y] = [inputs[0]!, outputs[0]!];
    if (inPlace !== 'view' && !(inPlace === 'overwrites' && mayOverwrite(x))) continue;
    roots.set(y, root(x));
    if (readers.get(x) === 1) gradientRoots.set(y, gradientRoot(x));
  }
  return { root, gradientRoot };
}
