// PReLU: a slope that is learned below 0.  Kernels: assembly/piecewiseActivations.ts
import { moreModule } from '../../engine/modules/more.generated.js';
import { check } from '../../base/errors.js';
import { formatShape, type Shape } from '../../base/shape.js';
import type { Node } from '../../graph/graph.js';
import { chain, type Lowering, type Op } from './op.js';

/** Variables: alpha, of the input's shape with 1 where an axis is shared. */
export interface PreluNode extends Node {
  readonly kind: 'prelu';
}

/** Neighboring axes that are shared alike, as one axis each: at most three, and how far a step along each goes in alpha. */
export function preluAxes(shape: Shape, alpha: Shape, who: string): { sizes: number[]; strides: number[] } {
  const sizes: number[] = [];
  const strides: number[] = [];
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    if (size === 1) continue;
    const isShared = alpha[axis] === 1;
    if (sizes.length > 0 && isShared === (strides[0] === 0)) sizes[0]! *= size;
    else {
      sizes.unshift(size);
      strides.unshift(isShared ? 0 : stride);
    }
    if (!isShared) stride *= size;
  }
  check(
    sizes.length <= 3,
    () => `${who} cannot share alpha ${formatShape(alpha)} over ${formatShape(shape)}; share neighboring axes`,
  );
  const missing = 3 - sizes.length;
  return {
    sizes: [...Array<number>(missing).fill(1), ...sizes],
    strides: [...Array<number>(missing).fill(0), ...strides],
  };
}

export const lowerPrelu: Lowering = (node): Op | null => {
  if (node.kind !== 'prelu') return null;
  const { sizes, strides } = preluAxes(node.output.shape, node.variables[0]!.shape, node.layer);
  const [rows, columns, channels] = sizes as [number, number, number];
  const [rowStride, columnStride, channelStride] = strides as [number, number, number];
  const axes = [rows, columns, channels, rowStride, columnStride, channelStride] as const;
  return {
    name: 'prelu',
    ...chain(node),
    moreKernels: moreModule,
    memory: {},
    backwardReads: { inputs: true, outputs: false },
    gradients: 'shards',
    forward: (kernels, { x, y, variables: [alpha] }, n) => kernels.preluForward(y, x, alpha!, n, ...axes),
    backward: (kernels, { x, dx, dy, variables: [alpha], gradients: [dAlpha] }, n) =>
      kernels.preluBackward(dx, dAlpha!, dy, x, alpha!, n, ...axes),
  };
};
