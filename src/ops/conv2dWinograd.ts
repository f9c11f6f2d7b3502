// 3 × 3 convolution with stride 1 (and ReLU where it follows) through Winograd's F(2 × 2, 3 × 3), forward and backward.
// Kernels: assembly/winograd.ts, winogradWeightGradient.ts
import { sizeOf } from '../shape.js';
import { isRelu } from './activation.js';
import { conv2dSizes, isConv2d } from './conv2d.js';
import { panelFloats, parametersOf, type Lowering, type Op } from './op.js';

/** Below so many channels on either side the transforms cost more than they save. */
const FEWEST_CHANNELS = 8;

export const lowerConv2dWinograd: Lowering = (primitives, from): Op | null => {
  const conv = primitives[from];
  if (!isConv2d(conv)) return null;
  const [inH, inW, inC, outH, outW, outC, kH, kW, strideH, strideW, padTop, padLeft] = conv2dSizes(conv);
  if (kH !== 3 || kW !== 3 || strideH !== 1 || strideW !== 1) return null;
  if (inC % 4 !== 0 || outC % 4 !== 0 || Math.min(inC, outC) < FEWEST_CHANNELS) return null;
  const relu = isRelu(primitives[from + 1]) ? 1 : 0;
  const tiles = Math.ceil(outH / 2) * Math.ceil(outW / 2);
  const dxTiles = Math.ceil(inH / 2) * Math.ceil(inW / 2);
  const paddedFloats = (height: number, width: number, channels: number): number => (2 * Math.ceil(height / 2) + 2) * (2 * Math.ceil(width / 2) + 2) * channels;
  const tapBytes = 4 * inC * outC;
  return {
    name: relu ? 'conv2d+relu (Winograd)' : 'conv2d (Winograd)',
    covers: primitives.slice(from, from + 1 + relu),
    parameters: parametersOf(conv),
    memory: {
      derived: { u: 16 * panelFloats(outC, inC), turned: 9 * inC * outC, uTurned: 16 * panelFloats(inC, outC) },
      scratch: {
        padded: Math.max(paddedFloats(outH, outW, inC), paddedFloats(inH, inW, outC)),
        v: 16 * Math.max(tiles * inC, dxTiles * outC),
        m: 16 * Math.max(tiles * outC, dxTiles * inC, panelFloats(outC, tiles)),
        du: 16 * inC * outC,
      },
    },
    gradients: 'shards',
    refresh(kernels, { parameters, memory }) {
      kernels.winogradWeights(memory.u!, parameters[0]!, inC, outC);
      // For dx: each tap transposed, and the taps in the opposite order.
      for (let tap = 0; tap < 9; tap++) kernels.transpose(memory.turned! + (8 - tap) * tapBytes, parameters[0]! + tap * tapBytes, inC, outC);
      kernels.winogradWeights(memory.uTurned!, memory.turned!, outC, inC);
    },
    forward(kernels, { x, y, parameters, memory: { u, padded, v, m } }, n) {
      kernels.winogradForward(y, x, u!, parameters[1] ?? 0, padded!, v!, m!, n, inH, inW, inC, outH, outW, outC, padTop, padLeft, relu);
    },
    backward(kernels, { x, y, dx, dy, gradients, memory: { uTurned, padded, v, m, du } }, n) {
      if (relu) kernels.reluBackward(dy, dy, y, n * sizeOf(conv.output));
      kernels.winogradBackwardWeights(gradients[0]!, dy, x, padded!, v!, m!, du!, n, inH, inW, inC, outH, outW, outC, padTop, padLeft);
      if (conv.bias) kernels.addRows(gradients[1]!, dy, n * outH * outW, outC);
      if (dx) kernels.winogradForward(dx, dy, uTurned!, 0, padded!, v!, m!, n, outH, outW, outC, inH, inW, inC, 2 - padTop, 2 - padLeft, 0);
    },
  };
};
