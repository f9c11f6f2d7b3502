// The layers and calls that a model's outputs need, numbered anew: as a chain where it is one.
import type { Shape } from '../../base/shape.js';
import type { ModelConfig } from '../archive.js';

interface Graph {
  readonly inputs: readonly { readonly name: string; readonly shape: Shape }[];
  readonly layers: ModelConfig['layers'];
  readonly calls: readonly { readonly layer: number; readonly inputs: readonly number[] }[];
  readonly outputs: readonly number[];
}

export function prune({ inputs, layers, calls, outputs }: Graph, name: string): ModelConfig {
  const needed = new Set(outputs);
  // Each call comes after those whose outputs it takes.
  for (let i = calls.length - 1; i >= 0; i--)
    if (needed.has(inputs.length + i)) for (const input of calls[i]!.inputs) needed.add(input);
  const numbers = new Map(inputs.map((_, i) => [i, i]));
  const places = new Map<number, number>();
  const kept = calls.flatMap((call, i) => {
    if (!needed.has(inputs.length + i)) return [];
    numbers.set(inputs.length + i, numbers.size);
    if (!places.has(call.layer)) places.set(call.layer, places.size);
    return [{ layer: places.get(call.layer)!, inputs: call.inputs.map((input) => numbers.get(input)!) }];
  });
  const called = [...places.keys()].map((layer) => layers[layer]!);
  const ends = outputs.map((output) => numbers.get(output)!);
  const isChain =
    inputs.length === 1 &&
    ends.length === 1 &&
    ends[0] === kept.length &&
    kept.every(({ layer, inputs: taken }, i) => layer === i && taken.length === 1 && taken[0] === i);
  const common = { name: lineOf(name), seed: 0, layers: called };
  return isChain
    ? { ...common, inputShape: inputs[0]!.shape }
    : { ...common, inputs, calls: kept, outputs: ends.map((tensor, i) => ({ name: `output_${i}`, tensor })) };
}

const lineOf = (name: string): string =>
  name.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, ' ').slice(0, 200) || 'model';
