// Losses that read the prediction as it is, and smoothed labels.  Kernels: assembly/losses.ts
import type { Kernels } from '../../engine/kernels.generated.js';
import { sizeOf } from '../../base/shape.js';
import type { GraphView, Node } from '../../graph/graph.js';
import { chain, type Lowering, type Op } from './op.js';

export type LossFunction =
  | 'meanSquaredError'
  | 'meanAbsoluteError'
  | 'huber'
  | 'binaryCrossentropy'
  | 'binaryFocalCrossentropy'
  | 'categoricalCrossentropy'
  | 'categoricalFocalCrossentropy'
  | 'kullbackLeiblerDivergence';

/** Inputs: prediction and target, of one shape. */
export interface LossNode extends Node {
  readonly kind: 'loss';
  readonly function: LossFunction;
  /** huber: delta; binaryFocalCrossentropy: gamma, factors of yes and of no; categoricalFocalCrossentropy: alpha, gamma. */
  readonly parameters: readonly number[];
}

export interface SmoothLabelsNode extends Node {
  readonly kind: 'smoothLabels';
  readonly scale: number;
  readonly offset: number;
}

export function isLoss(node: Node | null | undefined): node is LossNode {
  return node?.kind === 'loss';
}

/** What the gradient of a loss that is the mean of `parts` numbers of each example is divided by. */
export function lossDivisor(loss: LossNode, graph: GraphView, parts: number): (examples: number) => number {
  const { weight } = graph.graph.losses.find((term) => term.loss === loss.output)!;
  return (examples) => (examples * parts) / weight;
}

interface LossKernels {
  /** Whether the loss is a mean over rows of the last axis; else over all values. */
  readonly byRow: boolean;
  forward(kernels: Kernels, losses: number, x: number, t: number, n: number): void;
  backward(kernels: Kernels, dx: number, x: number, t: number, n: number, divisor: number): void;
}

function kernelsOf({ function: name, parameters, inputs: [prediction] }: LossNode): LossKernels {
  const size = sizeOf(prediction!.shape);
  const columns = prediction!.shape.at(-1) ?? 1;
  const rows = size / columns;
  const byValue = (
    forward: 'meanSquaredErrorForward' | 'meanAbsoluteErrorForward',
    backward: 'meanSquaredErrorBackward' | 'meanAbsoluteErrorBackward',
  ): LossKernels => ({
    byRow: false,
    forward: (kernels, losses, x, t, n) => kernels[forward](losses, x, t, n, size),
    backward: (kernels, dx, x, t, n, divisor) => kernels[backward](dx, x, t, n * size, divisor),
  });
  const binary = (gamma: number, yes: number, no: number): LossKernels => ({
    byRow: false,
    forward: (kernels, losses, x, t, n) => kernels.binaryCrossEntropyForward(losses, x, t, n, size, gamma, yes, no),
    backward: (kernels, dx, x, t, n, divisor) =>
      kernels.binaryCrossEntropyBackward(dx, x, t, n * size, divisor, gamma, yes, no),
  });
  const categorical = (alpha: number, gamma: number): LossKernels => ({
    byRow: true,
    forward: (kernels, losses, x, t, n) =>
      kernels.categoricalCrossEntropyForward(losses, x, t, n, rows, columns, alpha, gamma),
    backward: (kernels, dx, x, t, n, divisor) =>
      kernels.categoricalCrossEntropyBackward(dx, x, t, n * rows, columns, divisor, alpha, gamma),
  });
  const [first, second, third] = parameters as [number, number, number];
  switch (name) {
    case 'meanSquaredError':
      return byValue('meanSquaredErrorForward', 'meanSquaredErrorBackward');
    case 'meanAbsoluteError':
      return byValue('meanAbsoluteErrorForward', 'meanAbsoluteErrorBackward');
    case 'huber':
      return {
        byRow: false,
        forward: (kernels, losses, x, t, n) => kernels.huberForward(losses, x, t, n, size, first),
        backward: (kernels, dx, x, t, n, divisor) => kernels.huberBackward(dx, x, t, n * size, divisor, first),
      };
    case 'binaryCrossentropy':
      return binary(0, 1, 1);
    case 'binaryFocalCrossentropy':
      return binary(first, second, third);
    case 'categoricalCrossentropy':
      return categorical(1, 0);
    case 'categoricalFocalCrossentropy':
      return categorical(first, second);
    case 'kullbackLeiblerDivergence':
      return {
        byRow: true,
        forward: (kernels, losses, x, t, n) => kernels.kullbackLeiblerForward(losses, x, t, n, rows, columns),
        backward: (kernels, dx, x, t, n, divisor) => kernels.kullbackLeiblerBackward(dx, x, t, n * size, divisor),
      };
  }
}

export const lowerLoss: Lowering = (node, graph): Op | null => {
  if (!isLoss(node)) return null;
  const { byRow, forward, backward } = kernelsOf(node);
  const { shape } = node.inputs[0]!;
  const divisor = lossDivisor(node, graph, sizeOf(byRow ? shape.slice(0, -1) : shape));
  return {
    name: node.function,
    ...chain(node),
    memory: {},
    backwardReads: { inputs: true, outputs: false },
    forward() {},
    loss: (kernels, { inputs: [x, t], y }, n) => forward(kernels, y, x!, t!, n),
    backward: (kernels, { inputs: [x, t], dx, stepExamples }, n) =>
      dx && backward(kernels, dx, x!, t!, n, divisor(stepExamples)),
  };
};

export const lowerSmoothLabels: Lowering = (node): Op | null => {
  if (node.kind !== 'smoothLabels') return null;
  const { scale, offset } = node as SmoothLabelsNode;
  const size = sizeOf(node.output.shape);
  return {
    name: 'smoothLabels',
    ...chain(node),
    memory: {},
    backwardReads: { inputs: false, outputs: false },
    forward: (kernels, { x, y }, n) => kernels.smoothLabels(y, x, n * size, scale, offset),
    backward() {},
  };
};
