// Groups of examples that a split keeps together.
import type { RandomStream } from '../base/random.js';

/** The examples of each group, the largest group first, those of one size by chance. */
export function largestFirst(groups: readonly string[], stream: RandomStream): readonly (readonly number[])[] {
  const members = new Map<string, number[]>();
  for (const [example, group] of groups.entries()) {
    const known = members.get(group);
    if (known) known.push(example);
    else members.set(group, [example]);
  }
  const order = [...members.values()];
  stream.shuffle(order);
  return order.sort((a, b) => b.length - a.length);
}
