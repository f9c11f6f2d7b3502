// The order in which Keras and TF.js have a graph's layers, whatever order they were made in: by their distance from the outputs. What is
// bound by position, as an optimizer's state, is in this order.
export interface Calls {
  /** How many inputs there are: tensors with the first numbers. */
  readonly inputs: number;
  readonly calls: readonly { readonly layer: number; readonly inputs: readonly number[] }[];
  readonly outputs: readonly number[];
}

/** Numbers of layers in order; input number i is -1 - i. */
export function kerasOrder({ inputs, calls, outputs }: Calls): readonly number[] {
  const layerOf = (tensor: number): number => (tensor < inputs ? -1 - tensor : calls[tensor - inputs]!.layer);
  const parents = (tensor: number): readonly number[] => (tensor < inputs ? [] : calls[tensor - inputs]!.inputs);
  // As they are met from the outputs on, and each tensor after those that it is made of.
  const met = new Map<number, number>();
  const finished = new Set<number>();
  const open = [...outputs].reverse();
  while (open.length > 0) {
    const tensor = open.at(-1)!;
    if (!met.has(layerOf(tensor))) met.set(layerOf(tensor), met.size);
    const next = parents(tensor).find((parent) => !finished.has(parent));
    if (next !== undefined && !finished.has(tensor)) open.push(next);
    else {
      finished.add(tensor);
      open.pop();
    }
  }
  const [depths, layerDepths] = [new Map<number, number>(), new Map<number, number>()];
  for (const tensor of [...finished].reverse()) {
    const layer = layerOf(tensor);
    const depth = Math.max(depths.get(tensor) ?? 0, layerDepths.get(layer) ?? 0);
    layerDepths.set(layer, depth);
    for (const parent of parents(tensor)) depths.set(parent, Math.max(depth + 1, depths.get(parent) ?? 0));
  }
  return [...layerDepths.keys()].sort((a, b) => layerDepths.get(b)! - layerDepths.get(a)! || met.get(a)! - met.get(b)!);
}
