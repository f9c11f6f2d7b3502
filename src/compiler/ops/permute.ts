// Axes in another order.  Kernel: assembly/permute.ts
import { moreModule } from '../../engine/modules/more.generated.js';
import { sizeOf, type Shape } from '../../base/shape.js';
import type { Kernels } from '../../engine/kernels.generated.js';
import type { Node } from '../../graph/graph.js';
import { chain, type Lowering, type Op } from './op.js';

export interface PermuteNode extends Node {
  readonly kind: 'permute';
  /** Which axis of the input each one of the output is. */
  readonly axes: readonly number[];
}

function isPermute(node: Node): node is PermuteNode {
  return node.kind === 'permute';
}

type Four = readonly [number, number, number, number];

/** The kernel walks through four axes. */
const AXES = 4;

/** Sizes of the output's axes, and how far a step along each goes in the input; those that stay side by side are one. */
function stepsOf(input: Shape, axes: readonly number[]): { sizes: number[]; steps: number[] } {
  const [sizes, steps]: [number[], number[]] = [[], []];
  for (const axis of axes) {
    const [size, step] = [input[axis]!, sizeOf(input.slice(axis + 1))];
    if (size === 1) continue;
    if (steps.length > 0 && steps.at(-1) === size * step) {
      sizes[sizes.length - 1]! *= size;
      steps[steps.length - 1] = step;
    } else {
      sizes.push(size);
      steps.push(step);
    }
  }
  return { sizes, steps };
}

/** Emits y = x with axes in this order, for n examples: what is more than four axes takes a call for each index of the first ones. */
function emitPermute(kernels: Kernels, y: number, x: number, n: number, input: Shape, axes: readonly number[]): void {
  const { sizes, steps } = stepsOf(input, axes);
  const size = sizeOf(input);
  const outer = Math.max(0, sizes.length - AXES);
  const pad = (values: readonly number[], value: number): Four =>
    [...Array<number>(Math.max(0, AXES - values.length)).fill(value), ...values] as unknown as Four;
  const [inner, innerSteps] = [pad(sizes.slice(outer), 1), pad(steps.slice(outer), 0)];
  if (outer === 0) return kernels.permute(y, x, n, ...inner, ...innerSteps);
  const blocks = sizeOf(sizes.slice(0, outer));
  for (let block = 0; block < n * blocks; block++) {
    let [rest, from] = [block % blocks, Math.floor(block / blocks) * size];
    for (let axis = outer - 1; axis >= 0; axis--) {
      from += (rest % sizes[axis]!) * steps[axis]!;
      rest = Math.floor(rest / sizes[axis]!);
    }
    kernels.permute(y + (4 * block * size) / blocks, x + 4 * from, 1, ...inner, ...innerSteps);
  }
}

export const lowerPermute: Lowering = (node): Op | null => {
  if (!isPermute(node)) return null;
  const [input, output] = [node.inputs[0]!.shape, node.output.shape];
  const back = node.axes.map((_, axis) => node.axes.indexOf(axis));
  return {
    name: 'permute',
    ...chain(node),
    moreKernels: moreModule,
    memory: {},
    backwardReads: { inputs: false, outputs: false },
    forward: (kernels, { x, y }, n) => emitPermute(kernels, y, x, n, input, node.axes),
    backward: (kernels, { dx, dy }, n) => dx && emitPermute(kernels, dx, dy, n, output, back),
  };
};
