// 3 × 3 convolution with strides of 1 or 2 (and ReLU where it follows) by Winograd's minimal filtering, forward and backward.
// Behind ReLU the backward pass of a small output with stride 2 is sparse.  Kernels: assembly/winogradConv2d.ts, sparseConv2d.ts
import { reluAfter } from './activation.js';
import { conv2dSizes, isConv2d } from './conv2d.js';
import { chain, LARGEST_SHARD, panelFloats, type Lowering, type Op } from './op.js';

/** Below so many channels on either side the transforms cost more than they save. */
const FEWEST_CHANNELS = 8;
/** Up to so many positions of an output, strides of 2, and ReLU, the backward pass over lists of nonzero outputs is faster (docs/kernels.md). */
const SPARSE_POSITIONS = 64;
/** Lines of a transformed row of tiles, at most. */
const LINES = 9;

/** Points, values of all points and inputs of `out` outputs along one axis; as assembly/winograd1d.ts counts them. */
interface Axis {
  readonly points: number;
  readonly values: number;
  readonly inputs: number;
}

export function winogradAxis(out: number, stride: number): Axis {
  const tiles = Math.floor((out + 1) / 4);
  const left = Math.max(out - 4 * tiles, 0);
  if (stride === 2)
    return { points: 6, values: 5 * tiles + (left > 0 ? left + 1 : 0) + out, inputs: 8 * tiles + 2 * left + 1 };
  const rest = Math.min(left, 1);
  return { points: 6, values: 6 * tiles + 4 * rest, inputs: 4 * tiles + 2 * rest + 2 };
}

export const lowerConv2dWinograd: Lowering = (node, graph): Op | null => {
  if (!isConv2d(node)) return null;
  const [inH, inW, inC, outH, outW, outC, kH, kW, strideH, strideW, padTop, padLeft] = conv2dSizes(node);
  if (kH !== 3 || kW !== 3 || strideH > 2 || strideW > 2) return null;
  if (inC % 4 !== 0 || outC % 4 !== 0 || Math.min(inC, outC) < FEWEST_CHANNELS) return null;
  const relu = reluAfter(node, graph);
  const [rows, columns] = [winogradAxis(outH, strideH), winogradAxis(outW, strideW)];
  const [points, values, width] = [
    rows.points * columns.points,
    rows.values * columns.values,
    Math.max(columns.inputs, padLeft + inW),
  ];
  // Where an image is a single tile, the backward pass takes all images of a shard together.
  const isTile = graph.training && Math.max(outH, outW) <= 4 && strideH * strideW === 1;
  const together = isTile ? LARGEST_SHARD : 1;
  const sizes = [inH, inW, inC, outH, outW, outC, strideH, strideW, padTop, padLeft] as const;
  const k = 9 * inC;
  const filters = { filters: (points + 3 * rows.points) * inC * outC };
  const op: Op = {
    name: relu ? 'conv2d+relu (Winograd)' : 'conv2d (Winograd)',
    ...chain(node, relu),
    memory: {
      packed: {
        u: points * panelFloats(outC, inC),
        ...(graph.training && { transposed: points * panelFloats(inC, outC) }),
      },
      scratch: {
        v: together * values * inC,
        m: together * values * outC,
        padded: Math.max(rows.inputs, padTop + inH) * width * inC,
        lines: LINES * Math.max(width * inC, outW * outC),
        ...(graph.training && filters),
      },
      ...(!graph.training && { repackScratch: filters }),
    },
    backwardReads: { inputs: true, outputs: relu ? 'sign' : false },
    gradients: 'shards',
    repack(kernels, { variables, memory: { u, transposed, filters } }) {
      kernels.winogradFilters(u!, transposed ?? 0, variables[0]!, filters!, inC, outC, strideH, strideW);
    },
    forward(kernels, { x, y, variables, memory: { u, v, m, padded, lines } }, n) {
      kernels.winogradConv2dForward(y, x, u!, variables[1] ?? 0, v!, m!, padded!, lines!, n, ...sizes, relu ? 1 : 0);
    },
    backward(kernels, { x, y, dx, dy, gradients, memory: { transposed, v, m, padded, lines, filters } }, n) {
      if (relu) kernels.reluBackward(dy, dy, y, n * outH * outW * outC);
      kernels.winogradConv2dBackward(
        dx,
        gradients[0]!,
        dy,
        x,
        transposed!,
        v!,
        m!,
        padded!,
        lines!,
        filters!,
        isTile ? values : 1,
        n,
        ...sizes,
      );
      if (gradients[1]) kernels.addRows(gradients[1], dy, n * outH * outW, outC);
    },
  };
  if (!graph.training || !relu || strideH * strideW < 4 || outH * outW > SPARSE_POSITIONS) return op;
  const positions = outH * outW;
  return {
    ...op,
    name: 'conv2d+relu (Winograd, sparse backward)',
    memory: {
      packed: { u: op.memory.packed!['u']!, wT: k * outC },
      scratch: {
        ...op.memory.scratch,
        dwT: k * outC,
        list: 2 * (positions * outC + 1),
        ends: Math.max(outC, positions),
      },
    },
    repack(kernels, { variables, memory: { u, wT, filters } }) {
      kernels.winogradFilters(u!, 0, variables[0]!, filters!, inC, outC, strideH, strideW);
      kernels.transpose(wT!, variables[0]!, k, outC);
    },
    backward(kernels, { x, y, dx, dy, gradients, memory: { wT, dwT, padded, list, ends } }, n) {
      kernels.clear(dwT!, k * outC);
      const lists = [list!, ends!] as const;
      kernels.sparseConv2dBackward(
        dx,
        dwT!,
        gradients[1] ?? 0,
        dy,
        y,
        x,
        wT!,
        padded!,
        ...lists,
        n,
        ...conv2dSizes(node),
      );
      kernels.transpose(gradients[0]!, dwT!, outC, k);
    },
  };
};
