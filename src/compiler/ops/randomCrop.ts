// A window of each image, anywhere in it while training, and the middle of it outside.  Kernels: assembly/augment.ts, padding.ts
import { moreModule } from '../../engine/modules/more.generated.js';
import { mix } from '../../base/random.js';
import { sameShape } from '../../base/shape.js';
import type { Node } from '../../graph/graph.js';
import { lowerCrop, type CropNode } from './crop.js';
import { chain, type Lowering, type Op } from './op.js';
import { sameValues } from './reshape.js';

/** The output is no larger than the input, on either axis. */
export interface RandomCropNode extends Node {
  readonly kind: 'randomCrop';
  /** Zeros above and below, and left and right, of which the window may have some. */
  readonly padding: readonly [vertical: number, horizontal: number];
  /** Place of the layer's call in the model: no two calls draw the same. */
  readonly index: number;
}

function isRandomCrop(node: Node): node is RandomCropNode {
  return node.kind === 'randomCrop';
}

export const lowerRandomCrop: Lowering = (node, graph): Op | null => {
  if (!isRandomCrop(node)) return null;
  const [inH, inW, channels] = node.inputs[0]!.shape as [number, number, number];
  const [outH, outW] = node.output.shape as [number, number, number];
  if (!graph.training) {
    if (sameShape(node.inputs[0]!.shape, node.output.shape)) return sameValues(node);
    const middle = (size: number, of: number): number => Math.floor((of - size) / 2);
    const cropped: CropNode = { ...node, kind: 'crop', top: middle(outH, inH), left: middle(outW, inW) };
    return { ...lowerCrop(cropped, graph)!, nodes: [node] };
  }
  const salt = mix(node.index);
  const sizes = [inH, inW, channels, outH, outW, ...node.padding] as const;
  return {
    name: 'randomCrop',
    ...chain(node),
    moreKernels: moreModule,
    memory: {},
    backwardReads: { inputs: false, outputs: false },
    forward: (kernels, { x, y, stepKey, stepFirst }, n) =>
      kernels.randomCropForward(y, x, stepKey, salt, stepFirst, n, ...sizes),
    backward: (kernels, { dx, dy, stepKey, stepFirst }, n) =>
      dx && kernels.randomCropBackward(dx, dy, stepKey, salt, stepFirst, n, ...sizes),
  };
};
