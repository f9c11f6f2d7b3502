// Batch normalization (with ReLU where it follows): with the batch's mean and variance while it is trained, else with the moving ones.
// What a convolution makes is normalized by conv2dBatchNormalization.ts.  Kernels: assembly/batchNormalization.ts
import { moreModule } from '../../engine/modules/more.generated.js';
import type { Kernels } from '../../engine/kernels.generated.js';
import { sizeOf } from '../../base/shape.js';
import type { Node } from '../../graph/graph.js';
import { reluAfter } from './activation.js';
import { chain, type Addresses, type Lowering, type Op, type OpMemory } from './op.js';

/** Variables: gamma where `scale`, beta where `center`, movingMean, movingVariance, each [channels]. */
export interface BatchNormalizationNode extends Node {
  readonly kind: 'batchNormalization';
  readonly momentum: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
}

export function isBatchNormalization(node: Node | null): node is BatchNormalizationNode {
  return node?.kind === 'batchNormalization';
}

/** What it needs and emits, for ops whose variables end with its own. `relu`: where ReLU follows. */
export interface Normalization {
  /** Normalizes with the moving statistics in training, too. */
  readonly frozen: boolean;
  readonly packed: OpMemory['packed'];
  /** For training; none where it is frozen. */
  readonly memory: Pick<OpMemory, 'shards' | 'scratch'>;
  /** Packs the affine of the moving statistics. */
  repack(kernels: Kernels, at: Addresses): void;
  /** Stage 1 of forward, and stage 2: y from x and the sums of all shards. */
  sum(kernels: Kernels, at: Addresses, x: number, n: number): void;
  normalize(kernels: Kernels, at: Addresses, y: number, x: number, n: number): void;
  /** Stage 1 of backward, with the gradients of gamma and beta, and stage 2: dx, which may be dy. */
  sumBackward(kernels: Kernels, at: Addresses, dy: number, x: number, n: number): void;
  normalizeBackward(kernels: Kernels, at: Addresses, dx: number, dy: number, x: number, n: number): void;
  /** Runs with the moving statistics, in either direction. */
  infer(kernels: Kernels, at: Addresses, y: number, x: number, n: number): void;
  inferBackward(kernels: Kernels, at: Addresses, dx: number, dy: number, y: number, n: number): void;
  updateStatistics(kernels: Kernels, at: Addresses): void;
}

export function normalizationOf(node: BatchNormalizationNode, relu: boolean): Normalization {
  const { momentum, epsilon, center, scale, variables, output } = node;
  const channels = output.shape.at(-1)!;
  const rows = sizeOf(output.shape) / channels;
  const rectify = relu ? 1 : 0;
  const own = ({ variables: all }: Addresses) => {
    const values = all.slice(-variables.length);
    const [movingMean, movingVariance] = values.slice(-2) as [number, number];
    return { gamma: scale ? values[0]! : 0, beta: center ? values[scale ? 1 : 0]! : 0, movingMean, movingVariance };
  };
  /** This shard's place of what has four floats, or two doubles, for each channel of each shard. */
  const ofShard = (address: number, { shard }: Addresses): number => address + 16 * channels * shard;
  return {
    frozen: !variables.at(-1)!.trainable,
    packed: { moving: 4 * channels },
    memory: {
      shards: { sums: 4 * channels, affine: 4 * channels, backwardSums: 4 * channels },
      scratch: { slopes: 2 * channels },
    },
    repack(kernels, at) {
      const { gamma, beta, movingMean, movingVariance } = own(at);
      kernels.batchNormMovingAffine(at.memory.moving!, movingMean, movingVariance, gamma, beta, epsilon, channels);
    },
    sum(kernels, at, x, n) {
      // The affine's place is free until normalize().
      const [sums, scratch] = [ofShard(at.memory.sums!, at), ofShard(at.memory.affine!, at)];
      kernels.batchNormSums(sums, scratch, x, n * rows, channels);
    },
    normalize(kernels, at, y, x, n) {
      const { gamma, beta } = own(at);
      const { shards, batch, memory } = at;
      const affine = ofShard(memory.affine!, at);
      kernels.batchNormAffine(affine, memory.sums!, gamma, beta, shards, batch * rows, epsilon, channels);
      kernels.batchNormForward(y, x, affine, n * rows, channels, rectify);
    },
    sumBackward(kernels, at, dy, x, n) {
      const { gradients, memory } = at;
      const count = Number(scale) + Number(center);
      const learned = gradients.slice(gradients.length - count);
      const [dgamma, dbeta] = [scale ? learned[0]! : 0, center ? learned.at(-1)! : 0];
      const [sums, affine] = [ofShard(memory.backwardSums!, at), ofShard(memory.affine!, at)];
      // And that of the slopes until normalizeBackward().
      kernels.batchNormBackwardSums(sums, dgamma, dbeta, memory.slopes!, dy, x, affine, n * rows, channels, rectify);
    },
    normalizeBackward(kernels, at, dx, dy, x, n) {
      const { shards, batch, memory } = at;
      const affine = ofShard(memory.affine!, at);
      kernels.batchNormSlopes(memory.slopes!, memory.backwardSums!, affine, shards, batch * rows, channels);
      kernels.batchNormBackward(dx, dy, x, affine, memory.slopes!, n * rows, channels, rectify);
    },
    infer(kernels, { memory }, y, x, n) {
      kernels.batchNormForward(y, x, memory.moving!, n * rows, channels, rectify);
    },
    inferBackward(kernels, { memory }, dx, dy, y, n) {
      if (relu) kernels.reluBackward(dy, dy, y, n * rows * channels);
      kernels.scaleColumns(dx, dy, memory.moving! + 4 * channels, n * rows, channels);
    },
    updateStatistics(kernels, at) {
      const { movingMean, movingVariance } = own(at);
      const { sums } = at.memory;
      kernels.batchNormUpdateMoving(movingMean, movingVariance, sums!, at.shards, at.batch * rows, momentum, channels);
    },
  };
}

export const lowerBatchNormalization: Lowering = (node, graph): Op | null => {
  if (!isBatchNormalization(node)) return null;
  const relu = reluAfter(node, graph);
  const { packed, memory, ...norm } = normalizationOf(node, relu !== null);
  const own = {
    name: relu ? 'batchNormalization+relu' : 'batchNormalization',
    ...chain(node, relu),
    moreKernels: moreModule,
    gradients: 'shards' as const,
  };
  if (!graph.training || norm.frozen)
    return {
      ...own,
      memory: { packed },
      repack: norm.repack,
      inPlace: 'replaces',
      backwardReads: { inputs: false, outputs: relu ? 'sign' : false },
      forward: (kernels, at, n) => norm.infer(kernels, at, at.y, at.x, n),
      backward: (kernels, at, n) => at.dx && norm.inferBackward(kernels, at, at.dx, at.dy, at.y, n),
    };
  return {
    ...own,
    memory,
    backwardReads: { inputs: true, outputs: false },
    forward: [
      (kernels, at, n) => norm.sum(kernels, at, at.x, n),
      (kernels, at, n) => norm.normalize(kernels, at, at.y, at.x, n),
    ],
    backward: [
      (kernels, at, n) => norm.sumBackward(kernels, at, at.dy, at.x, n),
      // Without a gradient for x all is done.
      ...(graph.needsGradient(node.inputs[0]!)
        ? [(kernels: Kernels, at: Addresses, n: number) => norm.normalizeBackward(kernels, at, at.dx, at.dy, at.x, n)]
        : []),
    ],
    updateStatistics: norm.updateStatistics,
  };
};
