// Convolution kernels of any size against plain f64 loops.
import { test } from 'uvu';
import {
  conv2dBackwardInput,
  conv2dBackwardWeights,
  conv2dForward,
  conv2dOutput,
  conv2dSlide,
  type Conv2dSizes,
} from '../reference/conv2d.js';
import { magnitudes, onEachBuild, randomFloats, ROUNDING, wide, within, worst } from './guardedMemory.js';

/** inH … padLeft, in the order of every convolution kernel. */
type KernelSizes = [number, number, number, number, number, number, number, number, number, number, number, number];

interface Case {
  readonly what: string;
  readonly sizes: Conv2dSizes;
  readonly kernelSizes: KernelSizes;
  readonly k: number;
  readonly positions: number;
  readonly x: Float32Array;
  readonly w: Float32Array;
  readonly b: Float32Array;
  readonly dy: Float32Array;
}

function makeCase(sizes: Conv2dSizes, seed: number): Case {
  const {
    n,
    inH,
    inW,
    inC,
    outC,
    kernelSize: [kH, kW],
    strides: [strideH, strideW],
  } = sizes;
  const [outH, outW] = conv2dOutput(sizes);
  const [k, positions] = [kH * kW * inC, outH * outW];
  return {
    what: `${n} × [${inH}, ${inW}, ${inC}] → ${outC}, kernel ${kH} × ${kW}, strides ${strideH} × ${strideW}, padding ${JSON.stringify(sizes.padding)}`,
    sizes,
    k,
    positions,
    kernelSizes: [
      inH,
      inW,
      inC,
      outH,
      outW,
      outC,
      kH,
      kW,
      strideH,
      strideW,
      conv2dSlide(sizes, 0).before,
      conv2dSlide(sizes, 1).before,
    ],
    x: randomFloats(n * inH * inW * inC, seed),
    w: randomFloats(k * outC, seed + 1000),
    b: randomFloats(outC, seed + 2000),
    dy: randomFloats(n * positions * outC, seed + 3000),
  };
}

function* cases(): Generator<Case> {
  const channels = [1, 3, 4, 5, 8, 7];
  const filters = [1, 3, 4, 5, 7, 8, 9, 17];
  const images = [
    [5, 5],
    [6, 9],
    [9, 7],
    [8, 5],
    [7, 17],
  ] as const;
  let i = 0;
  for (const kernelSize of [
    [1, 1],
    [2, 3],
    [3, 3],
    [5, 5],
  ] as const)
    for (const strides of [
      [1, 1],
      [2, 1],
      [1, 3],
      [2, 2],
    ] as const)
      for (const padding of ['valid', 'same'] as const) {
        const [inH, inW] = images[i % images.length]!;
        yield makeCase(
          {
            n: 1 + (i % 3),
            inH,
            inW,
            inC: channels[i % channels.length]!,
            outC: filters[i % filters.length]!,
            kernelSize,
            strides,
            padding,
          },
          i++,
        );
      }
  for (const inC of channels)
    for (const outC of filters)
      yield makeCase({ n: 1, inH: 4, inW: 5, inC, outC, kernelSize: [3, 3], strides: [1, 1], padding: 'valid' }, i++);
  // Explicit paddings: uneven ones, and so many that windows lie outside of the image.
  for (const [kernelSize, strides] of [
    [
      [3, 3],
      [1, 1],
    ],
    [
      [3, 2],
      [2, 2],
    ],
    [
      [1, 1],
      [2, 3],
    ],
    [
      [4, 3],
      [3, 1],
    ],
  ] as const)
    for (const padding of [
      [
        [0, 1],
        [2, 0],
      ],
      [
        [4, 0],
        [1, 5],
      ],
      [
        [7, 6],
        [5, 8],
      ],
    ] as const)
      yield makeCase({ n: 2, inH: 5, inW: 4, inC: 3, outC: 5, kernelSize, strides, padding }, i++);
  // A kernel that is larger than the image, and one as large as it.
  yield makeCase({ n: 2, inH: 2, inW: 3, inC: 3, outC: 5, kernelSize: [5, 5], strides: [1, 1], padding: 'same' }, i++);
  yield makeCase({ n: 2, inH: 3, inW: 4, inC: 3, outC: 5, kernelSize: [3, 4], strides: [1, 1], padding: 'valid' }, i++);
}

/** Room for one example of x or dy within its zeros. */
function paddedFloats(
  { inC, outC, kernelSize: [kH, kW], strides: [strideH, strideW] }: Conv2dSizes,
  [inH, inW, , outH, outW, , , , , , padTop, padLeft]: KernelSizes,
): number {
  const x =
    Math.max(inH + padTop, (outH - 1) * strideH + kH) * Math.max(inW + padLeft, (outW - 1) * strideW + kW) * inC;
  return Math.max(x, (outH + 2 * Math.ceil(kH / strideH)) * (outW + 2 * Math.ceil(kW / strideW)) * outC);
}

onEachBuild('conv2dForward: with bias, with ReLU, with neither', (memory, kernels) => {
  for (const { what, sizes, kernelSizes, k, positions, x, w, b } of cases()) {
    for (const [withBias, relu] of [
      [true, 0],
      [true, 1],
      [false, 0],
    ] as const) {
      const bias = withBias ? b : new Float32Array(b.length);
      const y = memory.output(sizes.n * positions * sizes.outC);
      const panels = memory.output(Math.ceil(sizes.outC / 16) * 16 * k).byteOffset;
      // packPanels has its own test.
      kernels.packPanels(panels, memory.input(w).byteOffset, k, sizes.outC, sizes.outC, 1, k);
      const atBias = withBias ? memory.input(b).byteOffset : 0;
      kernels.conv2dForward(
        y.byteOffset,
        memory.input(x).byteOffset,
        panels,
        atBias,
        memory.output(paddedFloats(sizes, kernelSizes)).byteOffset,
        sizes.n,
        ...kernelSizes,
        relu,
      );
      memory.verify(what);
      const expected = conv2dForward(wide(x), wide(w), wide(bias), sizes).map((value) =>
        relu ? Math.max(value, 0) : value,
      );
      // K products, K additions and the bias: at most K + 1 roundings on the way of each term.
      const bound = conv2dForward(magnitudes(x), magnitudes(w), magnitudes(bias), sizes).map(
        (sum) => (k + 1) * ROUNDING * sum,
      );
      within(worst(y, expected, bound), 1, `${what}, ${withBias ? 'bias' : 'no bias'}, relu ${relu}`);
    }
  }
});

onEachBuild('conv2dBackwardWeights adds to dw', (memory, kernels) => {
  for (const { what, sizes, kernelSizes, positions, x, w: before, dy } of cases()) {
    const dw = memory.inout(before);
    const atDy = memory.input(dy).byteOffset;
    kernels.conv2dBackwardWeights(
      dw.byteOffset,
      atDy,
      memory.input(x).byteOffset,
      memory.output(paddedFloats(sizes, kernelSizes)).byteOffset,
      sizes.n,
      ...kernelSizes,
    );
    memory.verify(what);
    const expected = conv2dBackwardWeights(wide(dy), wide(x), sizes).map((sum, i) => before[i]! + sum);
    // A product and the additions of one example's positions, then one addition an example.
    const bound = conv2dBackwardWeights(magnitudes(dy), magnitudes(x), sizes).map(
      (sum, i) => (positions + sizes.n) * ROUNDING * (Math.abs(before[i]!) + sum),
    );
    within(worst(dw, expected, bound), 1, what);
  }
});

onEachBuild('conv2dBackwardInput overwrites dx', (memory, kernels) => {
  for (const { what, sizes, kernelSizes, x, w, dy } of cases()) {
    const {
      inC,
      outC,
      kernelSize: [kH, kW],
      strides: [strideH, strideW],
    } = sizes;
    const dx = memory.output(x.length);
    const flipped = memory.output(Math.ceil(inC / 16) * 16 * kH * kW * outC).byteOffset;
    kernels.conv2dFlippedPanels(flipped, memory.input(w).byteOffset, inC, outC, kH, kW, strideH, strideW);
    kernels.conv2dBackwardInput(
      dx.byteOffset,
      memory.input(dy).byteOffset,
      flipped,
      memory.output(paddedFloats(sizes, kernelSizes)).byteOffset,
      sizes.n,
      ...kernelSizes,
    );
    memory.verify(what);
    const expected = conv2dBackwardInput(wide(dy), wide(w), sizes);
    // At most kH · kW · outC products and as many additions.
    const bound = conv2dBackwardInput(magnitudes(dy), magnitudes(w), sizes).map(
      (sum) => kH * kW * outC * ROUNDING * sum,
    );
    within(worst(dx, expected, bound), 1, what);
  }
});

test.run();
