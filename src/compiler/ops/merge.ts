// Values of several branches into one, element by element; axes of 1 are stretched to the others'.  Kernels: assembly/merge.ts
import { moreModule } from '../../engine/modules/more.generated.js';
import { sizeOf, type Shape } from '../../base/shape.js';
import type { Kernels } from '../../engine/kernels.generated.js';
import type { Node } from '../../graph/graph.js';
import { reluAfter } from './activation.js';
import { chain, type Lowering, type Op } from './op.js';

export type MergeFunction = 'add' | 'subtract' | 'multiply' | 'average' | 'maximum' | 'minimum';

export interface MergeNode extends Node {
  readonly kind: 'merge';
  readonly function: MergeFunction;
}

function isMerge(node: Node): node is MergeNode {
  return node.kind === 'merge';
}

/** Numbers of the operations in assembly/merge.ts. */
const numbers = { add: 0, average: 0, subtract: 2, multiply: 3, maximum: 4, minimum: 5 } as const;
const ADD_RELU = 1;
const MULTIPLY = numbers.multiply;

/** A step on the way from an input's shape to the output's: [outer, inner] is repeated to [outer, repeat, inner]. */
export interface Stretch {
  readonly outer: number;
  readonly repeat: number;
  readonly inner: number;
}

/** One for each run of axes that are 1 in the input and more in the output, the last run first: each finds what is behind it stretched. */
export function stretches(input: Shape, output: Shape): readonly Stretch[] {
  const from = [...output.slice(input.length).map(() => 1), ...input];
  const isStretched = (axis: number): boolean => from[axis] !== output[axis];
  const found: Stretch[] = [];
  for (let end = output.length; end > 0;) {
    let start = end;
    while (start > 0 && isStretched(start - 1)) start--;
    if (start < end) {
      const repeat = sizeOf(output.slice(start, end));
      found.push({ outer: sizeOf(from.slice(0, start)), repeat, inner: sizeOf(output.slice(end)) });
    }
    end = Math.min(start, end - 1);
  }
  return found;
}

export const lowerMerge: Lowering = (node, graph): Op | null => {
  if (!isMerge(node)) return null;
  const fn = node.function;
  const relu = fn === 'add' ? reluAfter(node, graph) : null;
  const isExtreme = fn === 'maximum' || fn === 'minimum';
  const own = {
    name: relu ? 'add+relu' : fn,
    ...chain(node, relu),
    moreKernels: moreModule,
    backwardReads: { inputs: isExtreme || fn === 'multiply', outputs: relu ? ('sign' as const) : isExtreme },
  };
  const how = numbers[fn];
  const count = node.inputs.length;
  const size = sizeOf(node.output.shape);
  const ways = node.inputs.map(({ shape }) => stretches(shape, node.output.shape));
  const sizes = node.inputs.map(({ shape }) => sizeOf(shape));

  /** y from inputs of the output's size. */
  function mergeForward(kernels: Kernels, y: number, xs: readonly number[], elements: number): void {
    let sum = xs[0]!;
    for (const [i, x] of xs.slice(1).entries()) {
      const last = i === count - 2;
      kernels.mergeForward(y, sum, x, elements, relu && last ? ADD_RELU : how);
      sum = y;
    }
    if (fn === 'average') kernels.scaleAndShift(y, y, elements, 1 / count, 0);
  }

  /** Gradients of inputs of the output's size, 0 where none is needed; dy may be one of them, or change. */
  function mergeBackward(kernels: Kernels, at: MergeAddresses, elements: number): void {
    const { xs, dxs, y, dy } = at;
    const needed = dxs.filter((dx) => dx > 0);
    switch (fn) {
      case 'add':
        if (relu && needed.length === 2) return kernels.addReluBackward(needed[0]!, needed[1]!, dy, y, elements);
        if (relu) kernels.reluBackward(dy, dy, y, elements);
        for (const dx of needed) if (dx !== dy) kernels.copy(dx, dy, elements);
        return;
      case 'subtract':
        for (const dx of dxs.slice(1)) if (dx) kernels.scaleAndShift(dx, dy, elements, -1, 0);
        if (dxs[0] && dxs[0] !== dy) kernels.copy(dxs[0], dy, elements);
        return;
      case 'average':
        for (const dx of [...needed].reverse()) kernels.scaleAndShift(dx, dy, elements, 1 / count, 0);
        return;
      case 'multiply':
        for (const [i, dx] of dxs.entries()) {
          if (!dx) continue;
          let product = dy;
          for (const [j, x] of xs.entries()) {
            if (i === j) continue;
            kernels.mergeForward(dx, product, x, elements, MULTIPLY);
            product = dx;
          }
        }
        return;
      default:
        for (const [i, dx] of dxs.entries()) kernels.maximumBackward(dx, dy, xs[i]!, y, elements);
    }
  }

  if (ways.every(({ length }) => length === 0)) {
    return {
      ...own,
      memory: {},
      ...(!(graph.training && own.backwardReads.inputs) && { inPlace: 'replaces' as const }),
      forward: (kernels, { inputs, y }, n) => mergeForward(kernels, y, inputs, n * size),
      backward: (kernels, { inputs, dInputs, y, dy }, n) =>
        mergeBackward(kernels, { xs: inputs, dxs: dInputs, y, dy }, n * size),
    };
  }

  // Example by example, through copies of the smaller inputs (and their gradients) at the output's size.
  const smaller = ways.flatMap(({ length }, i) => (length > 0 ? [i] : []));
  const copies = smaller.flatMap((i) => (graph.training ? [`x${i}`, `dx${i}`] : [`x${i}`]));
  return {
    ...own,
    memory: { scratch: Object.fromEntries([...copies, 'between'].map((name) => [name, size])) },
    forward(kernels, { inputs, y, memory }, n) {
      for (let example = 0; example < n; example++) {
        const xs = inputs.map((x, i) =>
          stretch(kernels, ways[i]!, memory[`x${i}`]!, x + 4 * example * sizes[i]!, memory.between!),
        );
        mergeForward(kernels, y + 4 * example * size, xs, size);
      }
    },
    backward(kernels, { inputs, dInputs, y, dy, memory }, n) {
      for (let example = 0; example < n; example++) {
        const xs = inputs.map((x, i) => {
          if (!own.backwardReads.inputs) return 0;
          return stretch(kernels, ways[i]!, memory[`x${i}`]!, x + 4 * example * sizes[i]!, memory.between!);
        });
        const places = dInputs.map((dx, i) => (dx ? dx + 4 * example * sizes[i]! : 0));
        const dxs = places.map((dx, i) => (dx && ways[i]!.length > 0 ? memory[`dx${i}`]! : dx));
        const [ownY, ownDy] = [y + 4 * example * size, dy + 4 * example * size];
        mergeBackward(kernels, { xs, dxs, y: ownY, dy: ownDy }, size);
        for (const i of smaller) if (places[i]) shrink(kernels, ways[i]!, places[i]!, dxs[i]!, memory.between!);
      }
    },
  };
};

interface MergeAddresses {
  readonly xs: readonly number[];
  readonly dxs: readonly number[];
  readonly y: number;
  readonly dy: number;
}

/** Address of x at the output's size: `copy`, or where it was. */
function stretch(kernels: Kernels, way: readonly Stretch[], copy: number, x: number, between: number): number {
  let from = x;
  for (const [i, { outer, repeat, inner }] of way.entries()) {
    const to = (way.length - 1 - i) % 2 === 0 ? copy : between;
    kernels.repeatRows(to, from, outer, repeat, inner);
    from = to;
  }
  return from;
}

/** The gradient dx of an input from that of its copy. */
function shrink(kernels: Kernels, way: readonly Stretch[], dx: number, copy: number, between: number): void {
  let from = copy;
  for (const [i, { outer, repeat, inner }] of [...way.entries()].reverse()) {
    const to = i === 0 ? dx : from === copy ? between : copy;
    kernels.sumRows(to, from, outer, repeat, inner);
    from = to;
  }
}
