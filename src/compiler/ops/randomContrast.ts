// Contrast and brightness of each image changed while training; nothing at all outside it.  Kernels: assembly/augment.ts
import { wantsRawBytes, type GraphView, type Node } from '../../graph/graph.js';
import type { Range } from './randomAffine.js';
import { whileTraining, type RandomNode } from './whileTraining.js';

export interface RandomContrastNode extends RandomNode {
  readonly kind: 'randomContrast';
  /** What distances from a channel's mean are multiplied by. */
  readonly contrast: Range;
  /** What is added, as a share of the range of values. */
  readonly brightness: Range;
  /** Null: 0 to what bytes are here at most. */
  readonly valueRange: Range | null;
}

/** Smallest and largest value of a pixel: as the layer was told, or as bytes come, which are 0 to 255 where the model scales them behind it. */
export function valuesBehind(node: Node & { readonly valueRange: Range | null }, { graph }: GraphView): Range {
  return node.valueRange ?? [0, wantsRawBytes(graph, node.output) ? 255 : 1];
}

export const lowerRandomContrast = whileTraining<RandomContrastNode>('randomContrast', (node, salt, graph) => {
  const [height, width, channels] = node.output.shape as [number, number, number];
  const [low, high] = valuesBehind(node, graph);
  const sizes = [height * width, channels] as const;
  const [least, most] = node.brightness;
  const shift = [least * (high - low), most * (high - low)] as const;
  return {
    memory: {},
    backwardReads: { inputs: false, outputs: true },
    inPlace: 'replaces',
    forward: (kernels, { x, y, stepKey, stepFirst }, n) =>
      kernels.adjustForward(y, x, stepKey, salt, stepFirst, n, ...sizes, ...node.contrast, ...shift, low, high),
    backward: (kernels, { dx, dy, y, stepKey, stepFirst }, n) =>
      dx && kernels.adjustBackward(dx, dy, y, stepKey, salt, stepFirst, n, ...sizes, ...node.contrast, low, high),
  };
});
