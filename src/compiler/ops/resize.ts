// Resizing.  Kernels: assembly/resize.ts
import { moreModule } from '../../engine/modules/more.generated.js';
import type { Node } from '../../graph/graph.js';
import { chain, type Lowering, type Op } from './op.js';

export type Interpolation = 'bilinear' | 'nearest';

export interface ResizeNode extends Node {
  readonly kind: 'resize';
  readonly interpolation: Interpolation;
}

function isResize(node: Node): node is ResizeNode {
  return node.kind === 'resize';
}

export const lowerResize: Lowering = (node): Op | null => {
  if (!isResize(node)) return null;
  const [inH, inW, channels] = node.inputs[0]!.shape as [number, number, number];
  const [outH, outW] = node.output.shape as [number, number, number];
  const sizes = [inH, inW, channels, outH, outW] as const;
  const [forward, backward] =
    node.interpolation === 'nearest'
      ? (['resizeNearestForward', 'resizeNearestBackward'] as const)
      : (['resizeBilinearForward', 'resizeBilinearBackward'] as const);
  return {
    name: `resize (${node.interpolation})`,
    ...chain(node),
    moreKernels: moreModule,
    memory: {},
    backwardReads: { inputs: false, outputs: false },
    forward: (kernels, { x, y }, n) => kernels[forward](y, x, n, ...sizes),
    backward: (kernels, { dx, dy }, n) => dx && kernels[backward](dx, dy, n, ...sizes),
  };
};
