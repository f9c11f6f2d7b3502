// A rectangle of each image erased while training; nothing at all outside it.  Kernel: assembly/augment.ts
import type { Range } from './randomAffine.js';
import { valuesBehind } from './randomContrast.js';
import { whileTraining, type RandomNode } from './whileTraining.js';

export interface RandomErasingNode extends RandomNode {
  readonly kind: 'randomErasing';
  readonly probability: number;
  /** The erased share of the image's area, roughly. */
  readonly scale: Range;
  /** Null for noise. */
  readonly fillValue: number | null;
  /** Null: 0 to what bytes are here at most. */
  readonly valueRange: Range | null;
}

export const lowerRandomErasing = whileTraining<RandomErasingNode>('randomErasing', (node, salt, graph) => {
  const [height, width, channels] = node.output.shape as [number, number, number];
  const { probability, scale, fillValue } = node;
  const [low, high] = valuesBehind(node, graph);
  const rectangle = [height, width, channels, probability, ...scale] as const;
  const noise = fillValue !== null ? 0 : high > 0 ? high : high - low;
  const value = Math.min(Math.max(fillValue ?? 0, low), high);
  return {
    memory: {},
    backwardReads: { inputs: false, outputs: false },
    inPlace: 'replaces',
    forward: (kernels, { x, y, stepKey, stepFirst }, n) =>
      kernels.eraseRandomly(
        ...([y, x, stepKey, salt, stepFirst, n, ...rectangle] as const),
        ...([value, noise, low, high] as const),
      ),
    backward: (kernels, { dx, dy, stepKey, stepFirst }, n) =>
      dx && kernels.eraseRandomly(dx, dy, stepKey, salt, stepFirst, n, ...rectangle, 0, 0, 0, 0),
  };
});
