// Activations that no other op has taken in.  Kernels: assembly/activations.ts, piecewiseActivations.ts, smoothActivations.ts
import type { Kernels } from '../../engine/kernels.generated.js';
import { sizeOf } from '../../base/shape.js';
import type { GraphView, Node } from '../../graph/graph.js';
import { chain, type Emit, type Lowering, type Op } from './op.js';

export type ActivationFunction =
  | 'relu'
  | 'sigmoid'
  | 'tanh'
  | 'softmax'
  | 'logSoftmax'
  | 'clippedRelu'
  | 'elu'
  | 'exponential'
  | 'gelu'
  | 'geluApproximate'
  | 'hardSigmoid'
  | 'hardSwish'
  | 'mish'
  | 'silu'
  | 'softplus'
  | 'softsign';

export interface ActivationNode extends Node {
  readonly kind: 'activation';
  readonly function: ActivationFunction;
  /** clippedRelu: slope below the threshold, threshold, highest value; elu: factors below and above 0. */
  readonly parameters?: readonly number[];
}

export function isActivation(node: Node | null): node is ActivationNode {
  return node?.kind === 'activation';
}

export function isSoftmax(node: Node | null): node is ActivationNode {
  return isActivation(node) && node.function === 'softmax';
}

/** The ReLU that alone reads the node's output. */
export function reluAfter(node: Node, graph: GraphView): Node | null {
  const next = graph.only(node.output, 'activation');
  return isActivation(next) && next.function === 'relu' ? next : null;
}

type Forward = (kernels: Kernels, y: number, x: number, count: number) => void;
/** `from`: x or y of the forward pass. */
type Backward = (kernels: Kernels, dx: number, dy: number, from: number, count: number) => void;

interface Pointwise {
  readonly reads: 'x' | 'y' | 'sign of y';
  readonly forward: Forward;
  readonly backward: Backward;
}

type PointwiseName = Exclude<ActivationFunction, 'softmax' | 'logSoftmax' | 'relu' | 'clippedRelu' | 'elu'>;

function plain(reads: Pointwise['reads'], name: PointwiseName | 'relu'): Pointwise {
  const [forward, backward] = [`${name}Forward`, `${name}Backward`] as const;
  return {
    reads,
    forward: (kernels, ...args) => kernels[forward](...args),
    backward: (kernels, ...args) => kernels[backward](...args),
  };
}

function pointwiseOf({ function: name, parameters = [] }: ActivationNode): Pointwise | null {
  const [first, second, third] = parameters as [number, number, number];
  switch (name) {
    case 'softmax':
    case 'logSoftmax':
      return null;
    case 'relu':
      return plain('sign of y', name);
    case 'clippedRelu':
      return {
        reads: 'y',
        forward: (kernels, ...args) => kernels.clippedReluForward(...args, first, second, third),
        backward: (kernels, ...args) => kernels.clippedReluBackward(...args, first, third),
      };
    case 'elu':
      return {
        reads: 'y',
        forward: (kernels, ...args) => kernels.eluForward(...args, first, second),
        backward: (kernels, ...args) => kernels.eluBackward(...args, first, second),
      };
    case 'gelu':
    case 'geluApproximate':
    case 'hardSwish':
    case 'mish':
    case 'silu':
      return plain('x', name);
    default:
      return plain('y', name);
  }
}

export const lowerActivation: Lowering = (node, graph): Op | null => {
  if (!isActivation(node)) return null;
  const { function: name } = node;
  const size = sizeOf(node.output.shape);
  const own = { name, ...chain(node), memory: {} };
  // Where no backward pass reads x, y may take its place; in training the first four stay in places of their own, as their programs are pinned.
  const isPinned = name === 'relu' || name === 'sigmoid' || name === 'tanh' || name === 'softmax';
  const inPlace = graph.training && isPinned ? {} : { inPlace: 'replaces' as const };
  const pointwise = pointwiseOf(node);
  if (pointwise) {
    const { reads, forward, backward } = pointwise;
    const emit: Emit = (kernels, { x, y, dx, dy }, n) =>
      dx && backward(kernels, dx, dy, reads === 'x' ? x : y, n * size);
    return {
      ...own,
      ...(!(graph.training && reads === 'x') && inPlace),
      backwardReads: { inputs: reads === 'x', outputs: reads === 'sign of y' ? 'sign' : reads === 'y' },
      forward: (kernels, { x, y }, n) => forward(kernels, y, x, n * size),
      backward: emit,
    };
  }
  const columns = node.output.shape.at(-1)!;
  const rows = size / columns;
  const [forward, backward] =
    name === 'softmax'
      ? (['softmaxForward', 'softmaxBackward'] as const)
      : (['logSoftmaxForward', 'logSoftmaxBackward'] as const);
  return {
    ...own,
    ...inPlace,
    backwardReads: { inputs: false, outputs: true },
    forward: (kernels, { x, y }, n) => kernels[forward](y, x, n * rows, columns),
    backward: (kernels, { y, dx, dy }, n) => dx && kernels[backward](dx, dy, y, n * rows, columns),
  };
};
