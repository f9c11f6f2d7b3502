// 3 × 3 convolution with strides of 1 or 2 (and ReLU where it follows) through Winograd's filtering, forward and backward.
// Behind ReLU a small output with stride 2 goes back sparsely.  Kernels: assembly/winogradConv2d.ts, sparseConv2d.ts
import { sizeOf } from '../shape.js';
import { isRelu } from './activation.js';
import { conv2dSizes, isConv2d } from './conv2d.js';
import { panelFloats, parametersOf, type Lowering, type Op } from './op.js';

/** Below so many channels on either side the transforms cost more than they save. */
const FEWEST_CHANNELS = 8;
/** Up to so many positions of an output, strides of 2, and ReLU, the way back over lists of what is alive is faster (docs/kernels.md). */
const SPARSE_POSITIONS = 64;
/** Lines that a row of tiles is split into, at most. */
const LINES = 6;

/** Of `out` outputs along one axis: points, values of all points, inputs; as assembly/filter1d.ts counts them. */
interface Axis {
  readonly points: number;
  readonly values: number;
  readonly inputs: number;
}

export function forwardAxis(out: number, stride: number): Axis {
  if (stride === 2) return { points: 4, values: 2 * out + Math.ceil(out / 2), inputs: 2 * out + 1 };
  return { points: 4, values: 4 * Math.ceil(out / 2), inputs: 2 * Math.ceil(out / 2) + 2 };
}

export function backwardAxis(out: number, stride: number): Axis {
  if (stride === 2) return forwardAxis(out, stride);
  const tiles = Math.floor((out + 1) / 4);
  const rest = out > 4 * tiles ? 1 : 0;
  return { points: 6, values: 6 * tiles + 4 * rest, inputs: 4 * tiles + 2 * rest + 2 };
}

/** What the forward or the backward pass takes. */
interface Way {
  readonly points: number;
  readonly values: number;
  readonly height: number;
  readonly width: number;
  readonly taps: number;
}

export const lowerConv2dWinograd: Lowering = (primitives, from): Op | null => {
  const conv = primitives[from];
  if (!isConv2d(conv)) return null;
  const [inH, inW, inC, outH, outW, outC, kH, kW, strideH, strideW, padTop, padLeft] = conv2dSizes(conv);
  if (kH !== 3 || kW !== 3 || strideH > 2 || strideW > 2) return null;
  if (inC % 4 !== 0 || outC % 4 !== 0 || Math.min(inC, outC) < FEWEST_CHANNELS) return null;
  const relu = isRelu(primitives[from + 1]) ? 1 : 0;
  const ways = [forwardAxis, backwardAxis].map((axis) => {
    const [rows, columns] = [axis(outH, strideH), axis(outW, strideW)];
    return {
      points: rows.points * columns.points,
      values: rows.values * columns.values,
      height: Math.max(rows.inputs, padTop + inH),
      width: Math.max(columns.inputs, padLeft + inW),
      taps: (rows.points * (columns.points + 3)) * inC * outC,
    };
  }) as [Way, Way];
  const [forward, backward] = ways;
  const most = (of: (way: Way) => number): number => Math.max(...ways.map(of));
  const sizes = [inH, inW, inC, outH, outW, outC, strideH, strideW, padTop, padLeft] as const;
  const k = 9 * inC;
  const op: Op = {
    name: relu ? 'conv2d+relu (Winograd)' : 'conv2d (Winograd)',
    covers: primitives.slice(from, from + 1 + relu),
    parameters: parametersOf(conv),
    memory: {
      derived: { u: forward.points * panelFloats(outC, inC), turned: backward.points * panelFloats(inC, outC) },
      scratch: {
        v: most(({ values }) => values) * inC,
        m: most(({ values }) => values) * outC,
        padded: most(({ height, width }) => height * width) * inC,
        lines: LINES * Math.max(most(({ width }) => width) * inC, outW * outC),
        taps: most(({ taps }) => taps),
      },
    },
    gradients: 'shards',
    refresh(kernels, { parameters, memory: { u, turned, taps } }) {
      kernels.winogradTaps(u!, parameters[0]!, taps!, inC, outC, strideH, strideW);
      kernels.winogradTurnedTaps(turned!, parameters[0]!, taps!, inC, outC, strideH, strideW);
    },
    forward(kernels, { x, y, parameters, memory: { u, v, m, padded, lines } }, n) {
      kernels.winogradConv2dForward(y, x, u!, parameters[1] ?? 0, v!, m!, padded!, lines!, n, ...sizes, relu);
    },
    backward(kernels, { x, y, dx, dy, gradients, memory: { turned, v, m, padded, lines, taps } }, n) {
      if (relu) kernels.reluBackward(dy, dy, y, n * sizeOf(conv.output));
      kernels.winogradConv2dBackward(dx, gradients[0]!, dy, x, turned!, v!, m!, padded!, lines!, taps!, n, ...sizes);
      if (conv.bias) kernels.addRows(gradients[1]!, dy, n * outH * outW, outC);
    },
  };
  if (!relu || strideH * strideW < 4 || outH * outW > SPARSE_POSITIONS) return op;
  const positions = outH * outW;
  return {
    ...op,
    name: 'conv2d+relu (Winograd, sparse back)',
    memory: {
      derived: { u: op.memory.derived!['u']!, wT: k * outC },
      scratch: { ...op.memory.scratch, dwT: k * outC, list: 2 * (positions * outC + 1), ends: Math.max(outC, positions) },
    },
    refresh(kernels, { parameters, memory: { u, wT, taps } }) {
      kernels.winogradTaps(u!, parameters[0]!, taps!, inC, outC, strideH, strideW);
      kernels.transpose(wT!, parameters[0]!, k, outC);
    },
    backward(kernels, { x, y, dx, dy, gradients, memory: { wT, dwT, padded, list, ends } }, n) {
      kernels.clear(dwT!, k * outC);
      kernels.sparseConv2dBackward(dx, dwT!, gradients[1] ?? 0, dy, y, x, wT!, padded!, list!, ends!, n, inH, inW, inC, outH, outW, outC, kH, kW, strideH, strideW, padTop, padLeft);
      kernels.transpose(gradients[0]!, dwT!, outC, k);
    },
  };
};
