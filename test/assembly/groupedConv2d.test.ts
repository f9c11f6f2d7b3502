// Convolution in groups and with dilated kernels against plain f64 loops.
import { test } from 'uvu';
import {
  conv2dBackwardInput,
  conv2dBackwardWeights,
  conv2dForward,
  conv2dOutput,
  conv2dSlide,
  type Conv2dSizes,
} from '../reference/conv2d.js';
import type { GuardedMemory } from './guardedMemory.js';
import { magnitudes, onEachBuild, randomFloats, ROUNDING, wide, within, worst } from './guardedMemory.js';

type KernelSizes = readonly [number, number, number, number, number, number, number, number, number, number, number, number, number, number, number]; // prettier-ignore

interface Case {
  readonly what: string;
  readonly sizes: Conv2dSizes;
  readonly kernelSizes: KernelSizes;
  readonly taps: number;
  readonly positions: number;
  readonly fromC: number;
  readonly toC: number;
  readonly groups: number;
  readonly x: Float32Array;
  readonly w: Float32Array;
  readonly b: Float32Array;
  readonly dy: Float32Array;
  /** Room for one example in its zeros. */
  readonly padded: number;
}

function* cases(): Generator<Case> {
  let seed = 0;
  for (const [groups, fromC, toC] of [
    [1, 3, 5],
    [2, 4, 8],
    [3, 1, 3],
    [2, 5, 17],
    [5, 3, 1],
    [4, 2, 4],
  ] as const)
    for (const [kernelSize, strides, dilationRate, padding] of [
      [[3, 3], [1, 1], [1, 1], 'same'],
      [[3, 3], [1, 1], [2, 2], 'same'],
      [[2, 3], [2, 1], [3, 1], 'valid'],
      [
        [3, 2],
        [1, 3],
        [1, 4],
        [
          [1, 0],
          [3, 5],
        ],
      ],
      [[1, 1], [2, 2], [1, 1], 'valid'],
      [
        [3, 1],
        [2, 2],
        [2, 5],
        [
          [6, 5],
          [0, 2],
        ],
      ],
    ] as const) {
      const [n, inH, inW] = [1 + (seed % 3), 5 + (seed % 2), [9, 5, 6][seed % 3]!];
      const [inC, outC] = [groups * fromC, groups * toC];
      const sizes = { n, inH, inW, inC, outC, kernelSize, strides, padding, dilationRate, groups };
      const [outH, outW] = conv2dOutput(sizes);
      const [padTop, padLeft] = [conv2dSlide(sizes, 0).before, conv2dSlide(sizes, 1).before];
      const height = Math.max(inH + padTop, (outH - 1) * strides[0] + (kernelSize[0] - 1) * dilationRate[0] + 1);
      const width = Math.max(inW + padLeft, (outW - 1) * strides[1] + (kernelSize[1] - 1) * dilationRate[1] + 1);
      const taps = kernelSize[0] * kernelSize[1];
      yield {
        what: `${n} × [${inH}, ${inW}, ${inC}] → ${outC} in ${groups} groups, kernel ${kernelSize.join(' × ')}, strides ${strides.join(' × ')}, dilation ${dilationRate.join(' × ')}, padding ${JSON.stringify(padding)}`,
        sizes,
        kernelSizes: [
          inH,
          inW,
          inC,
          outH,
          outW,
          outC,
          ...kernelSize,
          ...strides,
          ...dilationRate,
          groups,
          padTop,
          padLeft,
        ],
        ...{ taps, positions: outH * outW, fromC, toC, groups },
        x: randomFloats(n * inH * inW * inC, seed),
        w: randomFloats(taps * fromC * outC, seed + 1000),
        b: randomFloats(outC, seed + 2000),
        dy: randomFloats(n * outH * outW * outC, seed + 3000),
        padded: height * width * inC,
      };
      seed++;
    }
}

/** Addresses of both kinds of panels. */
function pack(memory: GuardedMemory, { w, taps, fromC, toC, groups }: Case): { panels: number; transposed: number } {
  const panels = memory.output(groups * Math.ceil(toC / 16) * 16 * taps * fromC).byteOffset;
  const transposed = memory.output(groups * Math.ceil(fromC / 16) * 16 * taps * toC).byteOffset;
  memory.kernels.groupedConv2dPanels(
    panels,
    transposed,
    memory.input(w).byteOffset,
    groups * fromC,
    groups * toC,
    taps,
    groups,
  );
  return { panels, transposed };
}

onEachBuild('groupedConv2dForward, with bias and without', (memory, kernels) => {
  for (const each of cases()) {
    const { what, sizes, kernelSizes, taps, fromC, positions, x, w, b, padded } = each;
    for (const bias of [b, null]) {
      const y = memory.output(sizes.n * positions * sizes.outC);
      const { panels } = pack(memory, each);
      const [atX, atBias] = [memory.input(x).byteOffset, bias ? memory.input(bias).byteOffset : 0];
      const atPadded = memory.output(padded).byteOffset;
      kernels.groupedConv2dForward(y.byteOffset, atX, panels, atBias, atPadded, sizes.n, ...kernelSizes);
      memory.verify(what);
      const biases = bias ?? new Float32Array(b.length);
      const bound = conv2dForward(magnitudes(x), magnitudes(w), magnitudes(biases), sizes);
      within(
        worst(
          y,
          conv2dForward(wide(x), wide(w), wide(biases), sizes),
          // A product and an addition for each tap and channel, one addition more for each line of the kernel, and the bias.
          bound.map((sum) => (taps * fromC + sizes.kernelSize[0] + 1) * ROUNDING * sum),
        ),
        1,
        what,
      );
    }
  }
});

onEachBuild('groupedConv2dBackwardWeights adds to dw', (memory, kernels) => {
  for (const { what, sizes, kernelSizes, positions, x, w: before, dy, padded } of cases()) {
    const dw = memory.inout(before);
    const [atDy, atX] = [memory.input(dy).byteOffset, memory.input(x).byteOffset];
    const atPadded = memory.output(padded).byteOffset;
    kernels.groupedConv2dBackwardWeights(dw.byteOffset, atDy, atX, atPadded, sizes.n, ...kernelSizes);
    memory.verify(what);
    const expected = conv2dBackwardWeights(wide(dy), wide(x), sizes).map((sum, i) => before[i]! + sum);
    const bound = conv2dBackwardWeights(magnitudes(dy), magnitudes(x), sizes).map(
      (sum, i) => (positions + sizes.n) * ROUNDING * (Math.abs(before[i]!) + sum),
    );
    within(worst(dw, expected, bound), 1, what);
  }
});

onEachBuild('groupedConv2dBackwardInput overwrites dx', (memory, kernels) => {
  for (const each of cases()) {
    const { what, sizes, kernelSizes, taps, toC, x, w, dy, padded } = each;
    const dx = memory.output(x.length);
    const { transposed } = pack(memory, each);
    const [atDy, atPadded] = [memory.input(dy).byteOffset, memory.output(padded).byteOffset];
    kernels.groupedConv2dBackwardInput(dx.byteOffset, atDy, transposed, atPadded, sizes.n, ...kernelSizes);
    memory.verify(what);
    const bound = conv2dBackwardInput(magnitudes(dy), magnitudes(w), sizes).map(
      (sum) => taps * (toC + 1) * ROUNDING * sum,
    );
    within(worst(dx, conv2dBackwardInput(wide(dy), wide(w), sizes), bound), 1, what);
  }
});

test.run();
