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
  /** Whether x and all that shares its place has one reader, and the ops that made them do without their outputs later. */
  const mayOverwrite = (x: Value, inPlace: Op['inPlace']): boolean =>
    [root(x), ...roots.keys()].every((value) => {
      if (root(value) !== root(x)) return true;
      const again = makers.get(value)?.backwardReads.outputs ?? false;
      return readers.get(value) === 1 && (again === false || (again === 'sign' && inPlace === 'overwrites'));
    });
  for (const { inPlace, inputs, outputs } of ops) {
    const [x, y] = [inputs[0]!, outputs[0]!];
    if (!inPlace || (inPlace !== 'view' && !mayOverwrite(x, inPlace))) continue;
    roots.set(y, root(x));
    if (readers.get(x) === 1) gradientRoots.set(y, gradientRoot(x));
  }
  return { root, gradientRoot };
}
