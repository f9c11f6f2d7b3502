// Convolution (with ReLU where it follows) of any size, straight from the image.  Kernels: assembly/conv2d.ts
import { sizeOf } from '../../base/shape.js';
import { isRelu } from './activation.js';
import { panelFloats, parametersOf, type Lowering, type Op, type Parameter, type Primitive } from './op.js';

export interface Conv2dPrimitive extends Primitive {
  readonly kind: 'conv2d';
  /** [kernelHeight, kernelWidth, inC, outC] */
  readonly kernel: Parameter;
  /** [outC] */
  readonly bias: Parameter | null;
  readonly strides: readonly [number, number];
  readonly padTop: number;
  readonly padLeft: number;
}

export function isConv2d(primitive: Primitive | undefined): primitive is Conv2dPrimitive {
  return primitive?.kind === 'conv2d';
}

/** inH … padLeft, in the order of every convolution kernel. */
export type Conv2dSizes = readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

export function conv2dSizes({ input, output, kernel, strides, padTop, padLeft }: Conv2dPrimitive): Conv2dSizes {
  const [inH, inW, inC] = input as [number, number, number];
  const [outH, outW, outC] = output as [number, number, number];
  const [kH, kW] = kernel.shape as [number, number, number, number];
  return [inH, inW, inC, outH, outW, outC, kH, kW, strides[0], strides[1], padTop, padLeft];
}

export const lowerConv2d: Lowering = (primitives, from): Op | null => {
  const conv = primitives[from];
  if (!isConv2d(conv)) return null;
  const relu = isRelu(primitives[from + 1]) ? 1 : 0;
  const sizes = conv2dSizes(conv);
  const [inH, inW, inC, outH, outW, outC, kH, kW, strideH, strideW, padTop, padLeft] = sizes;
  const positions = outH * outW;
  const paddedX =
    Math.max(inH + padTop, (outH - 1) * strideH + kH) * Math.max(inW + padLeft, (outW - 1) * strideW + kW) * inC;
  const paddedDy = (outH + 2 * Math.ceil(kH / strideH)) * (outW + 2 * Math.ceil(kW / strideW)) * outC;
  return {
    name: relu ? 'conv2d+relu' : 'conv2d',
    covers: primitives.slice(from, from + 1 + relu),
    parameters: parametersOf(conv),
    memory: {
      derived: { panels: panelFloats(outC, kH * kW * inC), turned: panelFloats(inC, kH * kW * outC) },
      scratch: { padded: Math.max(paddedX, paddedDy) },
    },
    gradients: 'shards',
    refresh(kernels, { parameters, memory }) {
      kernels.packPanels(memory.panels!, parameters[0]!, kH * kW * inC, outC, outC, 1, kH * kW * inC);
      kernels.conv2dTurnedPanels(memory.turned!, parameters[0]!, inC, outC, kH, kW, strideH, strideW);
    },
    forward(kernels, { x, y, parameters, memory }, n) {
      kernels.conv2dForward(y, x, memory.panels!, parameters[1] ?? 0, memory.padded!, n, ...sizes, relu);
    },
    backward(kernels, { x, y, dx, dy, gradients, memory }, n) {
      if (relu) kernels.reluBackward(dy, dy, y, n * sizeOf(conv.output));
      kernels.conv2dBackwardWeights(gradients[0]!, dy, x, memory.padded!, n, ...sizes);
      if (conv.bias) kernels.addRows(gradients[1]!, dy, n * positions, outC);
      if (dx) kernels.conv2dBackwardInput(dx, dy, memory.turned!, memory.padded!, n, ...sizes);
    },
  };
};
