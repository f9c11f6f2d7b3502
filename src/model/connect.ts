// What a file says of a model's layers → layers that are joined. The description may be anything.
import { check } from '../base/errors.js';
import { isRecord } from '../base/options.js';
import type { ModelConfig } from '../formats/archive.js';
import type { Layer, SymbolicTensor } from '../layers/layer.js';
import { input, MOST_LAYERS } from './trace.js';

export type MakeLayer = (described: ModelConfig['layers'][number]) => Layer;

export function checkLayers({ layers }: ModelConfig): void {
  check(Array.isArray(layers), 'layers are missing');
  check(
    layers.every((layer) => typeof layer === 'object' && typeof layer?.config === 'object'),
    'a layer is no object with className, name and config',
  );
}

/** The ends of a model of several branches. */
export function connectBranches(
  { layers, inputs, calls, outputs }: ModelConfig,
  makeLayer: MakeLayer,
): { inputs: readonly SymbolicTensor[]; outputs: readonly SymbolicTensor[] } {
  check(
    [inputs, calls, outputs].every((list) => Array.isArray(list) && list.every(isRecord)),
    'inputs, calls or outputs are missing',
  );
  check(calls!.length <= MOST_LAYERS, `a model has at most ${MOST_LAYERS} calls of layers`);
  const tensors: SymbolicTensor[] = inputs!.map((each) => input({ shape: each.shape, name: each.name }));
  const made = layers.map(makeLayer);
  const used = new Set<number>();
  for (const [i, call] of calls!.entries()) {
    const { [call.layer]: layer } = made;
    check(layer !== undefined && Array.isArray(call.inputs), `call ${i} is of no layer, or has no inputs`);
    const given = call.inputs.map((number) => tensors[number]);
    check(
      given.length > 0 && given.every((tensor) => tensor !== undefined),
      `call ${i} takes what no input and no call before it makes: a graph has no cycle`,
    );
    tensors.push(layer.apply(given as SymbolicTensor[]));
    used.add(call.layer);
  }
  check(used.size === layers.length, 'a layer is never called');
  const ends = outputs!.map(({ tensor }) => tensors[tensor]!);
  check(ends.every(Boolean), 'an output is made by no input and no call');
  return { inputs: tensors.slice(0, inputs!.length), outputs: ends };
}

/** The ends of a chain. */
export function connectChain(
  { layers, inputShape, inputName }: ModelConfig,
  makeLayer: MakeLayer,
): { inputs: readonly SymbolicTensor[]; outputs: readonly SymbolicTensor[] } {
  check(Array.isArray(inputShape), 'inputShape is missing');
  check(layers.length > 0 && layers.length <= MOST_LAYERS, `a model has 1 to ${MOST_LAYERS} layers`);
  const first = input({ shape: inputShape, ...(inputName !== undefined && { name: inputName }) });
  const last = layers.reduce((tensor, layer) => makeLayer(layer).apply(tensor), first);
  return { inputs: [first], outputs: [last] };
}
