// conv2d (with ReLU where it follows) of one input channel that nobody needs the gradient of, with stride 1: blank parts of the image
// cost next to nothing.  Kernels: assembly/conv2dOneChannel.ts
import { isRelu } from './activation.js';
import { conv2dSizes, isConv2d } from './conv2d.js';
import { panelFloats, parametersOf, type Lowering, type Op } from './op.js';

export const lowerConv2dOneChannel: Lowering = (primitives, from): Op | null => {
  const conv = primitives[from];
  if (!isConv2d(conv)) return null;
  const [inH, inW, inC, outH, outW, outC, kH, kW, strideH, strideW, padTop, padLeft] = conv2dSizes(conv);
  const learnsBefore = primitives.slice(0, from).some((primitive) => 'kernel' in primitive);
  if (inC !== 1 || strideH !== 1 || strideW !== 1 || outC % 4 !== 0 || learnsBefore) return null;
  const relu = isRelu(primitives[from + 1]) ? 1 : 0;
  const sizes = [inH, inW, outH, outW, outC, kH, kW, padTop, padLeft] as const;
  return {
    name: relu ? 'conv2d+relu (one channel)' : 'conv2d (one channel)',
    covers: primitives.slice(from, from + 1 + relu),
    parameters: parametersOf(conv),
    memory: {
      derived: { panels: panelFloats(outC, kH * kW) },
      scratch: {
        image: (outH + kH - 1) * (outW + kW - 1),
        ink: outW + kW - 1,
        gradient: (inH + kH - 1) * (inW + kW - 1) * outC,
        turned: kH * kW * outC,
        list: 2 * (inH * inW + 1),
      },
    },
    gradients: 'shards',
    refresh(kernels, { parameters, memory }) {
      kernels.packPanels(memory.panels!, parameters[0]!, kH * kW, outC, outC, 1, kH * kW);
    },
    forward(kernels, { x, y, parameters, memory: { panels, image, ink } }, n) {
      kernels.conv2dOneChannelForward(y, x, panels!, parameters[1] ?? 0, image!, ink!, n, ...sizes, relu);
    },
    backward(kernels, { x, y, dy, gradients, memory: { gradient, turned, list } }, n) {
      kernels.conv2dOneChannelBackward(
        gradients[0]!,
        gradients[1] ?? 0,
        dy,
        relu ? y : 0,
        x,
        gradient!,
        turned!,
        list!,
        n,
        ...sizes,
      );
    },
  };
};
