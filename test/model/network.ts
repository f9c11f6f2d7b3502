// A network that is tested: layers of the f64 reference, or any layer of the public API with its reference found by its class name.
import { layers, type Shape, type SymbolicTensor } from '../../src/index.js';
import type { Layer } from '../../src/layers/layer.js';
import type { NetworkLayer } from '../reference/network.js';

export interface Network {
  readonly name: string;
  readonly inputShape: Shape;
  readonly classes: number;
  /** A dropout's mask is made anew for each run. */
  readonly layers: readonly NetworkLayer[];
  /** What a model of branches makes of its input, in place of `layers`; it ends in softmax. */
  readonly graph?: (x: SymbolicTensor) => SymbolicTensor;
}

type Conv2d = Extract<NetworkLayer, { kind: 'conv2d' }>;
export const conv = (filters: number, kernelSize: Conv2d['kernelSize'], more: Partial<Conv2d> = {}): NetworkLayer => ({
  kind: 'conv2d',
  filters,
  kernelSize,
  ...more,
});
export const pool = (height: number, width = height, more: object = {}): NetworkLayer => ({
  kind: 'maxPooling2d',
  poolSize: [height, width],
  ...more,
});
export const dense = (units: number, more: object = {}): NetworkLayer => ({ kind: 'dense', units, ...more });
export const dropout = (rate: number): NetworkLayer => ({ kind: 'dropout', rate, mask: [] });
/** Any layer of the public API. */
export const of = (make: () => Layer): NetworkLayer => ({ kind: 'layer', make });
export const [relu, sigmoid, tanh, softmax, flatten] = (['relu', 'sigmoid', 'tanh', 'softmax', 'flatten'] as const).map(
  (kind): NetworkLayer => ({ kind }),
) as [NetworkLayer, NetworkLayer, NetworkLayer, NetworkLayer, NetworkLayer];
export const same = { padding: 'same' } as const;

export function network(name: string, inputShape: Shape, ...body: NetworkLayer[]): Network {
  const last = body.at(-1)!;
  if (last.kind !== 'dense') throw new Error(`${name}: the last layer before softmax must be dense`);
  return { name, inputShape, classes: last.units, layers: [...body, softmax] };
}

/** A network of branches: what `body` makes of the input, flattened, is told apart by a dense layer. */
export function graphNetwork(
  name: string,
  inputShape: Shape,
  classes: number,
  body: (x: SymbolicTensor) => SymbolicTensor,
): Network {
  const graph = (x: SymbolicTensor): SymbolicTensor => {
    const [features, head] = [body(x), layers.dense({ units: classes, activation: 'softmax' })];
    return head.apply(features.shape.length === 1 ? features : layers.flatten().apply(features));
  };
  return { name, inputShape, classes, layers: [], graph };
}
