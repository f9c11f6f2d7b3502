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

/**
 * `beside`: storage of the training ops where `ops` are those that predict on the same memory. The model's inputs and outputs have one place
 * for both, so two of them share it here only if they do there.
 */
export function shareStorage(graph: Graph, ops: readonly Op[], training: boolean, beside?: Storage): Storage {
  const readers = new Map<Value, number>();
  for (const value of [...graph.outputs, ...ops.flatMap(({ inputs }) => inputs)])
    readers.set(value, (readers.get(value) ?? 0) + 1);
  const makers = new Map(ops.flatMap((op) => op.outputs.map((output) => [output, op] as const)));
  const roots = new Map<Value, Value>();
  const gradientRoots = new Map<Value, Value>();
  const root = (value: Value): Value => roots.get(value) ?? value;
  const ends = new Set([
    ...graph.inputs,
    ...graph.outputs,
    ...graph.losses.flatMap(({ target, loss }) => [target, loss]),
  ]);
  /** An input or output of the model in each place. */
  const endAt = new Map<Value, Value>([...ends].map((end) => [end, end]));
  const mayShare = (x: Value, y: Value): boolean => {
    const end = endAt.get(root(x));
    return !beside || !end || !ends.has(y) || beside.root(end) === beside.root(y);
  };
  const gradientRoot = (value: Value): Value => gradientRoots.get(value) ?? value;
  /** Whether x and all that shares its place has one reader, and the ops that made them do without their outputs later. */
  const mayOverwrite = (x: Value, inPlace: Op['inPlace']): boolean =>
    [root(x), ...roots.keys()].every((value) => {
      if (root(value) !== root(x)) return true;
      const again = training && (makers.get(value)?.backwardReads.outputs ?? false);
      return readers.get(value) === 1 && (again === false || (again === 'sign' && inPlace === 'overwrites'));
    });
  for (const { inPlace, inputs, outputs } of ops) {
    const [x, y] = [inputs[0]!, outputs[0]!];
    if (!inPlace || !mayShare(x, y) || (inPlace !== 'view' && !mayOverwrite(x, inPlace))) continue;
    if (ends.has(y)) endAt.set(root(x), y);
    roots.set(y, root(x));
    if (readers.get(x) === 1) gradientRoots.set(y, gradientRoot(x));
  }
  return { root, gradientRoot };
}
