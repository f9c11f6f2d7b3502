// The sparse backward pass of ReLU and a convolution against plain f64 loops.
import { test } from 'uvu';
import { conv2dBackwardInput, conv2dBackwardWeights, conv2dOutput, type Conv2dSizes } from '../reference/conv2d.js';
import { slide } from '../reference/windows.js';
import { magnitudes, onEachBuild, randomFloats, ROUNDING, wide, within, worst } from './guardedMemory.js';

/** [k, outC] as [outC, k] */
function turn(w: Float32Array, outC: number): Float32Array {
  const k = w.length / outC;
  return w.map((_, i) => w[(i % k) * outC + Math.floor(i / k)]!);
}

onEachBuild(
  'sparseConv2dBackward adds to dwT and db and overwrites dx, with all, some and no nonzero outputs',
  (memory, kernels) => {
    let seed = 1;
    for (const kernelSize of [
      [3, 3],
      [2, 1],
      [3, 5],
    ] as const)
      for (const strides of [
        [1, 1],
        [2, 2],
        [1, 3],
      ] as const)
        for (const padding of ['valid', 'same'] as const)
          for (const nonzero of [0, 0.5, 1]) {
            const [kH, kW] = kernelSize;
            const [inC, outC] = [[4, 8, 20, 32][seed % 4]!, [1, 4, 5][seed % 3]!];
            const sizes: Conv2dSizes = {
              n: 1 + (seed % 2),
              inH: 4 + (seed % 3),
              inW: 5 + (seed % 4),
              inC,
              outC,
              kernelSize,
              strides,
              padding,
            };
            const { n, inH, inW } = sizes;
            const [outH, outW] = conv2dOutput(sizes);
            const what = `${n} × [${inH}, ${inW}, ${inC}] → ${outC}, kernel ${kH} × ${kW}, strides ${strides.join(' × ')}, ${padding}, ${nonzero} nonzero`;
            const [padTop, padLeft] = [
              slide(inH, kH, strides[0], padding).before,
              slide(inW, kW, strides[1], padding).before,
            ];
            const [height, width] = [
              Math.max(padTop + inH, (outH - 1) * strides[0] + kH),
              Math.max(padLeft + inW, (outW - 1) * strides[1] + kW),
            ];
            const count = n * outH * outW * outC;
            const x = randomFloats(n * inH * inW * inC, 10 * seed);
            const w = randomFloats(kH * kW * inC * outC, 10 * seed + 1);
            const dy = randomFloats(count, 10 * seed + 2);
            const y = randomFloats(count, 10 * seed + 3).map((value) => (value < 2 * nonzero - 1 ? 1 : 0));
            const [before, biasBefore] = [randomFloats(w.length, 10 * seed + 4), randomFloats(outC, 10 * seed + 5)];
            for (const whole of [true, false]) {
              const [dx, dwT, db] = [
                memory.output(x.length),
                memory.inout(turn(before, outC)),
                memory.inout(biasBefore),
              ];
              const floats = (size: number): number => memory.output(size).byteOffset;
              const [padded, list, ends] = [
                floats(height * width * inC),
                floats(2 * (outH * outW * outC + 1)),
                floats(Math.max(outC, outH * outW)),
              ] as const;
              kernels.sparseConv2dBackward(
                whole ? dx.byteOffset : 0,
                dwT.byteOffset,
                whole ? db.byteOffset : 0,
                memory.input(dy).byteOffset,
                memory.input(y).byteOffset,
                memory.input(x).byteOffset,
                memory.input(turn(w, outC)).byteOffset,
                padded,
                list,
                ends,
                n,
                inH,
                inW,
                inC,
                outH,
                outW,
                outC,
                kH,
                kW,
                strides[0],
                strides[1],
                padTop,
                padLeft,
              );
              memory.verify(what);
              const g = dy.map((value, i) => (y[i]! > 0 ? value : 0));
              const positions = n * outH * outW;
              // A product and an addition for each position, and one to what is there; dwT transposed back.
              const expected = conv2dBackwardWeights(wide(g), wide(x), sizes).map((sum, i) => before[i]! + sum);
              const bound = conv2dBackwardWeights(magnitudes(g), magnitudes(x), sizes).map(
                (sum, i) => (positions + 1) * ROUNDING * (Math.abs(before[i]!) + sum),
              );
              within(worst(turn(dwT, w.length / outC), expected, bound), 1, `${what}: dw`);
              if (!whole) continue;
              const dxBound = conv2dBackwardInput(magnitudes(g), magnitudes(w), sizes).map(
                (sum) => kH * kW * outC * ROUNDING * sum,
              );
              within(worst(dx, conv2dBackwardInput(wide(g), wide(w), sizes), dxBound), 1, `${what}: dx`);
              const [sums, sizesOfSums] = [wide(biasBefore), magnitudes(biasBefore)];
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
            seed++;
          }
  },
);

test.run();
