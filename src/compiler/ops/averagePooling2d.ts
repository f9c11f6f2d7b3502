// Average pooling of any window and stride.  Kernels: assembly/averagePooling.ts
import { moreModule } from '../../engine/modules/more.generated.js';
import type { Node } from '../../graph/graph.js';
import { chain, type Lowering, type Op } from './op.js';

export interface AveragePooling2dNode extends Node {
  readonly kind: 'averagePooling2d';
  readonly poolSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padTop: number;
  readonly padLeft: number;
}

function isAveragePooling2d(node: Node): node is AveragePooling2dNode {
  return node.kind === 'averagePooling2d';
}

export const lowerAveragePooling2d: Lowering = (pool): Op | null => {
  if (!isAveragePooling2d(pool)) return null;
  const [inH, inW, channels] = pool.inputs[0]!.shape as [number, number, number];
  const [outH, outW] = pool.output.shape as [number, number, number];
  const { poolSize, strides, padTop, padLeft } = pool;
  const [windowH, windowW] = [Math.min(poolSize[0], inH), Math.min(poolSize[1], inW)];
  // A mean of means: along each line first, where windows overlap so much that this adds less.
  const lineSize = inH * outW * channels;
  const byAxis = inH * outW * windowW + outH * outW * windowH < outH * outW * windowH * windowW;
  const along = [inH, inW, channels, inH, outW, 1, poolSize[1], 1, strides[1], 0, padLeft] as const;
  const down = [inH, outW, channels, outH, outW, poolSize[0], 1, strides[0], 1, padTop, 0] as const;
  const sizes = [inH, inW, channels, outH, outW, ...poolSize, ...strides, padTop, padLeft] as const;
  const [inBytes, outBytes] = [4 * inH * inW * channels, 4 * outH * outW * channels];
  return {
    name: byAxis ? 'averagePooling2d (by axis)' : 'averagePooling2d',
    ...chain(pool),
    moreKernels: moreModule,
    memory: { scratch: byAxis ? { lines: lineSize } : {} },
    backwardReads: { inputs: false, outputs: false },
    forward(kernels, { x, y, memory: { lines } }, n) {
      if (!byAxis) return kernels.averagePooling2dForward(y, x, n, ...sizes);
      for (let i = 0; i < n; i++) {
        kernels.averagePooling2dForward(lines!, x + i * inBytes, 1, ...along);
        kernels.averagePooling2dForward(y + i * outBytes, lines!, 1, ...down);
      }
    },
    backward(kernels, { dx, dy, memory: { lines } }, n) {
      if (!dx) return;
      if (!byAxis) return kernels.averagePooling2dBackward(dx, dy, n, ...sizes);
      for (let i = 0; i < n; i++) {
        kernels.averagePooling2dBackward(lines!, dy + i * outBytes, 1, ...down);
        kernels.averagePooling2dBackward(dx + i * inBytes, lines!, 1, ...along);
      }
    },
  };
};
