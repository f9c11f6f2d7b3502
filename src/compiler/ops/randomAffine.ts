// Images turned, shifted, zoomed, sheared and mirrored at random while training; nothing at all outside it.  Kernels: assembly/warp.ts
import { whileTraining, type RandomNode } from './whileTraining.js';

/** Names in the order of their numbers in the kernels. */
export const fillModes = ['constant', 'nearest', 'reflect', 'wrap'] as const;
export type FillMode = (typeof fillModes)[number];

/** How what lies between pixels, and beyond the edge, is taken from an image. */
export interface Sampling {
  readonly interpolation: 'bilinear' | 'nearest';
  readonly fillMode: FillMode;
  readonly fillValue: number;
}

export type Range = readonly [low: number, high: number];

/** What is drawn for each image. A share is one of the image's height or width. */
export interface AffineRanges {
  /** Probabilities. */
  readonly flip: { readonly height: number; readonly width: number };
  /** Turns, counter-clockwise. */
  readonly rotation: Range;
  /** Shares, down and right. */
  readonly translation: { readonly height: Range; readonly width: Range };
  /** How much more of the input the output shows; the width is drawn as the height where it is null. */
  readonly zoom: { readonly height: Range; readonly width: Range | null };
  /** Pixels right a pixel down, and down a pixel right; with one random sign. */
  readonly shear: { readonly x: Range; readonly y: Range };
}

export interface RandomAffineNode extends RandomNode {
  readonly kind: 'randomAffine';
  readonly ranges: AffineRanges;
  readonly sampling: Sampling;
}

export const lowerRandomAffine = whileTraining<RandomAffineNode>('randomAffine', (node, salt) => {
  const [height, width, channels] = node.output.shape as [number, number, number];
  const { flip, rotation, translation, zoom, shear } = node.ranges;
  const times = ([low, high]: Range, size: number): Range => [low * size, high * size];
  const zoomed = ([low, high]: Range): Range => [1 + low, 1 + high];
  const drawn = [
    ...[flip.height, flip.width],
    ...rotation,
    ...[...times(translation.height, height), ...times(translation.width, width)],
    ...[...zoomed(zoom.height), ...zoomed(zoom.width ?? zoom.height), zoom.width ? 0 : 1],
    ...[...shear.x, ...shear.y],
  ] as const;
  const sizes = [height, width, channels] as const;
  const { interpolation, fillMode, fillValue } = node.sampling;
  const sampled = [interpolation === 'bilinear' ? 1 : 0, fillModes.indexOf(fillMode)] as const;
  return {
    memory: { saved: { transform: 6 }, scratch: { taps: 36 * Math.ceil(width / 4) } },
    backwardReads: { inputs: false, outputs: false },
    forward(kernels, { x, y, memory, stepKey, stepFirst }, n) {
      const { transform, taps } = memory;
      kernels.drawAffine(transform!, stepKey, salt, stepFirst, n, height, width, ...drawn);
      kernels.warpAffineForward(y, x, transform!, taps!, n, ...sizes, ...sampled, fillValue);
    },
    backward: (kernels, { dx, dy, memory }, n) =>
      dx && kernels.warpAffineBackward(dx, dy, memory.transform!, memory.taps!, n, ...sizes, ...sampled),
  };
});
