// conv2d (with ReLU where it follows) of one input channel whose gradient is not needed, with stride 1: zeros of the image
// cost next to nothing.  Kernels: assembly/conv2dOneChannel.ts
import { reluAfter } from './activation.js';
import { conv2dSizes, isConv2d } from './conv2d.js';
import { chain, panelFloats, type Lowering, type Op } from './op.js';

export const lowerConv2dOneChannel: Lowering = (node, graph): Op | null => {
  if (!isConv2d(node)) return null;
  const [inH, inW, inC, outH, outW, outC, kH, kW, strideH, strideW, padTop, padLeft] = conv2dSizes(node);
  if (inC !== 1 || strideH !== 1 || strideW !== 1 || outC % 4 !== 0 || graph.needsGradient(node.inputs[0]!))
    return null;
  // The backward pass lays the image within as many zeros as a window reaches.
  const [padBottom, padRight] = [outH + kH - 1 - inH - padTop, outW + kW - 1 - inW - padLeft];
  if (Math.max(padTop, padBottom) >= kH || Math.max(padLeft, padRight) >= kW) return null;
  const relu = reluAfter(node, graph);
  const sizes = [inH, inW, outH, outW, outC, kH, kW, padTop, padLeft] as const;
  return {
    name: relu ? 'conv2d+relu (one channel)' : 'conv2d (one channel)',
    ...chain(node, relu),
    memory: {
      packed: { panels: panelFloats(outC, kH * kW) },
      scratch: {
        image: (outH + kH - 1) * (outW + kW - 1),
        nonzero: outW + kW - 1,
        ...(graph.training && {
          gradient: (inH + kH - 1) * (inW + kW - 1) * outC,
          flipped: kH * kW * outC,
          list: 2 * (inH * inW + 1),
        }),
      },
    },
    backwardReads: { inputs: true, outputs: relu ? 'sign' : false },
    gradients: 'shards',
    repack(kernels, { variables, memory }) {
      kernels.packPanels(memory.panels!, variables[0]!, kH * kW, outC, outC, 1, kH * kW);
    },
    forward(kernels, { x, y, variables, memory: { panels, image, nonzero } }, n) {
      kernels.conv2dOneChannelForward(y, x, panels!, variables[1] ?? 0, image!, nonzero!, n, ...sizes, relu ? 1 : 0);
    },
    backward(kernels, { x, y, dy, gradients, memory: { gradient, flipped, list } }, n) {
      kernels.conv2dOneChannelBackward(
        gradients[0]!,
        gradients[1] ?? 0,
        dy,
        relu ? y : 0,
        x,
        gradient!,
        flipped!,
        list!,
        n,
        ...sizes,
      );
    },
  };
};
