// Convolution of one channel that leaves out zeros, against plain f64 loops.
import { test } from 'uvu';
import { conv2dBackwardWeights, conv2dForward, conv2dOutput, type Conv2dSizes } from '../reference/conv2d.js';
import { slide } from '../reference/windows.js';
import { magnitudes, onEachBuild, randomFloats, ROUNDING, wide, within, worst } from './guardedMemory.js';

interface Case {
  readonly what: string;
  readonly sizes: Conv2dSizes;
  readonly taps: number;
  /** inH … padLeft, in the order of the kernels. */
  readonly kernelSizes: [number, number, number, number, number, number, number, number, number];
  readonly x: Float32Array;
  readonly w: Float32Array;
  readonly b: Float32Array;
  readonly dy: Float32Array;
  readonly y: Float32Array;
}

/** Images of zeros, of no zeros, and of some; rows of dy that make 48, 12 and 4 floats at a time. */
function* cases(): Generator<Case> {
  let seed = 1;
  for (const kernelSize of [
    [1, 1],
    [2, 3],
    [3, 3],
    [5, 4],
  ] as const)
    for (const padding of ['valid', 'same'] as const)
      for (const outC of [4, 8, 16, 20])
        for (const nonzero of [0, 0.2, 1]) {
          const [kH, kW] = kernelSize;
          const sizes: Conv2dSizes = {
            n: 1 + (seed % 3),
            inH: 5 + (seed % 4),
            inW: 4 + (seed % 7),
            inC: 1,
            outC,
            kernelSize,
            strides: [1, 1],
            padding,
          };
          const { n, inH, inW } = sizes;
          const [outH, outW] = conv2dOutput(sizes);
          const chance = randomFloats(n * inH * inW, 10 * seed + 4);
          yield {
            what: `${n} × [${inH}, ${inW}, 1] → ${outC}, kernel ${kH} × ${kW}, ${padding}, ${nonzero} nonzero`,
            sizes,
            taps: kH * kW,
            kernelSizes: [
              inH,
              inW,
              outH,
              outW,
              outC,
              kH,
              kW,
              slide(inH, kH, 1, padding).before,
              slide(inW, kW, 1, padding).before,
            ],
            x: randomFloats(n * inH * inW, 10 * seed).map((value, i) => (chance[i]! < 2 * nonzero - 1 ? value : 0)),
            w: randomFloats(kH * kW * outC, 10 * seed + 1),
            b: randomFloats(outC, 10 * seed + 2),
            dy: randomFloats(n * outH * outW * outC, 10 * seed + 3),
            y: randomFloats(n * outH * outW * outC, 10 * seed + 5),
          };
          seed++;
        }
}

onEachBuild('conv2dOneChannelForward: with bias, with ReLU, with neither', (memory, kernels) => {
  for (const { what, sizes, taps, kernelSizes, x, w, b, dy } of cases())
    for (const [withBias, relu] of [
      [true, 0],
      [true, 1],
      [false, 0],
      [false, 1],
    ] as const) {
      const [, , outH, outW, outC, kH, kW] = kernelSizes;
      const y = memory.output(dy.length);
      const panels = memory.output(Math.ceil(outC / 16) * 16 * taps).byteOffset;
      // packPanels has its own test.
      kernels.packPanels(panels, memory.input(w).byteOffset, taps, outC, outC, 1, taps);
      const [image, nonzero] = [
        memory.output((outH + kH - 1) * (outW + kW - 1)).byteOffset,
        memory.output(outW + kW - 1).byteOffset,
      ];
      kernels.conv2dOneChannelForward(
        y.byteOffset,
        memory.input(x).byteOffset,
        panels,
        withBias ? memory.input(b).byteOffset : 0,
        image,
        nonzero,
        sizes.n,
        ...kernelSizes,
        relu,
      );
      memory.verify(what);
      const bias = withBias ? b : new Float32Array(outC);
      const expected = conv2dForward(wide(x), wide(w), wide(bias), sizes).map((value) =>
        relu ? Math.max(value, 0) : value,
      );
      // A product and an addition for each tap, and the bias.
      const bound = conv2dForward(magnitudes(x), magnitudes(w), magnitudes(bias), sizes).map(
        (sum) => (taps + 1) * ROUNDING * sum,
      );
      within(worst(y, expected, bound), 1, `${what}, ${withBias ? 'bias' : 'no bias'}, relu ${relu}`);
    }
});

onEachBuild('conv2dOneChannelBackward adds to dw and db, through ReLU and without it', (memory, kernels) => {
  for (const { what, sizes, taps, kernelSizes, x, w: before, b: biasBefore, dy, y } of cases())
    for (const [withBias, relu] of [
      [true, true],
      [true, false],
      [false, true],
    ] as const) {
      const [inH, inW, outH, outW, outC, kH, kW] = kernelSizes;
      const [dw, db] = [memory.inout(before), memory.inout(biasBefore)];
      const floats = (count: number): number => memory.output(count).byteOffset;
      const [gradient, flipped, list] = [
        floats((inH + kH - 1) * (inW + kW - 1) * outC),
        floats(taps * outC),
        floats(2 * (inH * inW + 1)),
      ] as const;
      const atY = relu ? memory.input(y).byteOffset : 0;
      kernels.conv2dOneChannelBackward(
        dw.byteOffset,
        withBias ? db.byteOffset : 0,
        memory.input(dy).byteOffset,
        atY,
        memory.input(x).byteOffset,
        gradient,
        flipped,
        list,
        sizes.n,
        ...kernelSizes,
      );
      memory.verify(what);
      const g = relu ? dy.map((value, i) => (y[i]! > 0 ? value : 0)) : dy;
      const positions = sizes.n * outH * outW;
      const expected = conv2dBackwardWeights(wide(g), wide(x), sizes).map((sum, i) => before[i]! + sum);
      // A product and an addition for each position, and one to what is there.
      const bound = conv2dBackwardWeights(magnitudes(g), magnitudes(x), sizes).map(
        (sum, i) => (positions + 2) * ROUNDING * (Math.abs(before[i]!) + sum),
      );
      within(worst(dw, expected, bound), 1, `${what}: dw`);
      const [sums, sizesOfSums] = [wide(biasBefore), magnitudes(biasBefore)];
      if (withBias)
        for (const [i, value] of g.entries()) {
          sums[i % outC]! += value;
          sizesOfSums[i % outC]! += Math.abs(value);
        }
      within(
        worst(
          db,
          sums,
          sizesOfSums.map((sum) => (positions + 1) * ROUNDING * sum),
        ),
        1,
        `${what}: db`,
      );
    }
});

test.run();
