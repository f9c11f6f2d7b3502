// A rectangle of each image erased while training; nothing at all outside it.  Kernel: assembly/augment.ts
import { moreModule } from '../../engine/modules/more.generated.js';
import { mix } from '../../base/random.js';
import type { Node } from '../../graph/graph.js';
import { chain, type Lowering, type Op } from './op.js';
import type { Range } from './randomAffine.js';
import { valuesBehind } from './randomContrast.js';
import { sameValues } from './reshape.js';

export interface RandomErasingNode extends Node {
  readonly kind: 'randomErasing';
  readonly probability: number;
  /** The erased share of the image's area, roughly. */
  readonly scale: Range;
  /** Null for noise. */
  readonly fillValue: number | null;
  /** Null: 0 to what bytes are here at most. */
  readonly valueRange: Range | null;
  /** Place of the layer's call in the model: no two calls draw the same. */
  readonly index: number;
}

function isRandomErasing(node: Node): node is RandomErasingNode {
  return node.kind === 'randomErasing';
}

export const lowerRandomErasing: Lowering = (node, graph): Op | null => {
  if (!isRandomErasing(node)) return null;
  if (!graph.training) return sameValues(node);
  const [height, width, channels] = node.output.shape as [number, number, number];
  const { probability, scale, fillValue } = node;
  const salt = mix(node.index);
  const [low, high] = valuesBehind(node, graph);
  const rectangle = [height, width, channels, probability, ...scale] as const;
  const noise = fillValue !== null ? 0 : high > 0 ? high : high - low;
  const value = Math.min(Math.max(fillValue ?? 0, low), high);
  return {
    name: 'randomErasing',
    ...chain(node),
    moreKernels: moreModule,
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
};
