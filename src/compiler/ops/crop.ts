// A part of an image, or an image within zeros: the ways of each other's gradients.  Kernels: assembly/padding.ts
import { sizeOf } from '../../base/shape.js';
import type { Kernels } from '../../engine/kernels.generated.js';
import type { Node } from '../../graph/graph.js';
import { chain, type Lowering, type Op } from './op.js';

/** The smaller image begins `top` rows and `left` columns into the larger one. */
export interface CropNode extends Node {
  readonly kind: 'crop' | 'pad';
  readonly top: number;
  readonly left: number;
}

function isCrop(node: Node): node is CropNode {
  return node.kind === 'crop' || node.kind === 'pad';
}

export const lowerCrop: Lowering = (node): Op | null => {
  if (!isCrop(node)) return null;
  const { kind, top, left } = node;
  const [input, output] = [node.inputs[0]!.shape, node.output.shape];
  const [small, large] = kind === 'crop' ? [output, input] : [input, output];
  const [height, width, channels] = small as [number, number, number];
  const bottom = large[0]! - top - height;
  const right = large[1]! - left - width;
  const [smallBytes, largeBytes] = [4 * sizeOf(small), 4 * sizeOf(large)];
  const crop = (kernels: Kernels, to: number, from: number, n: number): void => {
    for (let i = 0; i < n; i++)
      kernels.cropImage(to + i * smallBytes, from + i * largeBytes, height, width, channels, top, left, right);
  };
  const pad = (kernels: Kernels, to: number, from: number, n: number): void => {
    for (let i = 0; i < n; i++)
      kernels.padImage(to + i * largeBytes, from + i * smallBytes, height, width, channels, top, left, bottom, right);
  };
  const [forward, backward] = kind === 'crop' ? [crop, pad] : [pad, crop];
  return {
    name: kind,
    ...chain(node),
    memory: {},
    backwardReads: { inputs: false, outputs: false },
    forward: (kernels, { x, y }, n) => forward(kernels, y, x, n),
    backward: (kernels, { dx, dy }, n) => dx && backward(kernels, dx, dy, n),
  };
};
