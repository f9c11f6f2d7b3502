// Depthwise convolution against plain f64 loops: those of a convolution with a group for each channel.
import { test } from 'uvu';
import {
  conv2dBackwardInput,
  conv2dBackwardWeights,
  conv2dForward,
  conv2dOutput,
  conv2dSlide,
  type Conv2dSizes,
} from '../reference/conv2d.js';
import type { Pair, Paddings } from '../reference/windows.js';
import {
  GuardedMemory,
  magnitudes,
  onEachBuild,
  randomFloats,
  ROUNDING,
  same,
  wide,
  within,
  worst,
} from './guardedMemory.js';

type KernelSizes = readonly [number, number, number, number, number, number, number, number, number, number, number, number, number]; // prettier-ignore

interface Case {
  readonly what: string;
  readonly sizes: Conv2dSizes;
  readonly kernelSizes: KernelSizes;
  readonly taps: number;
  readonly positions: number;
  readonly x: Float32Array;
  readonly w: Float32Array;
  readonly b: Float32Array;
  readonly dy: Float32Array;
}

const channelCounts = [1, 3, 4, 5, 8, 9, 13, 17];
const images: readonly Pair[] = [
  [5, 5],
  [6, 9],
  [9, 7],
  [8, 4],
  [3, 17],
  [7, 3],
  [1, 2],
];

function makeCase(
  kernelSize: Pair,
  strides: Pair,
  padding: Paddings,
  seed: number,
  dilationRate: Pair = [1, 1],
  [inH, inW]: Pair = images[Math.floor(seed / 2) % images.length]!,
): Case {
  const channels = channelCounts[seed % channelCounts.length]!;
  const n = 1 + (seed % 3);
  const sizes = {
    n,
    inH,
    inW,
    inC: channels,
    outC: channels,
    groups: channels,
    ...{ kernelSize, strides, padding, dilationRate },
  };
  const [outH, outW] = conv2dOutput(sizes);
  const positions = outH * outW;
  return {
    what: `${n} × [${inH}, ${inW}, ${channels}], kernel ${kernelSize.join(' × ')}, strides ${strides.join(' × ')}, dilation ${dilationRate.join(' × ')}, padding ${JSON.stringify(padding)}`,
    sizes,
    taps: kernelSize[0] * kernelSize[1],
    positions,
    kernelSizes: [
      inH,
      inW,
      outH,
      outW,
      channels,
      ...kernelSize,
      ...strides,
      ...dilationRate,
      conv2dSlide(sizes, 0).before,
      conv2dSlide(sizes, 1).before,
    ],
    x: randomFloats(n * inH * inW * channels, seed),
    w: randomFloats(kernelSize[0] * kernelSize[1] * channels, seed + 1000),
    b: randomFloats(channels, seed + 2000),
    dy: randomFloats(n * positions * channels, seed + 3000),
  };
}

/** Kernels with a loop of their own, on every padding and image; others, beside them in size, stride and dilation. */
function* cases(): Generator<Case> {
  let seed = 0;
  for (const size of [3, 5])
    for (const stride of [1, 2])
      for (const before of [0, 1, 2, 3, 4])
        for (const after of [size - 1, 0, 3, 6, 1, 4, 2]) {
          const padding = [
            [before, size - 1],
            [Math.max(0, size - 1 - before), after + size - 1],
          ] as const;
          yield makeCase([size, size], [stride, stride], padding, seed++);
        }
  for (const size of [3, 5])
    for (const stride of [1, 2])
      for (let i = 0; i < 14; i++) yield makeCase([size, size], [stride, stride], 'same', seed++);
  // Images smaller than the kernel, all of whose padding may be on one side.
  for (const size of [3, 5])
    for (const stride of [1, 2])
      for (const image of [
        [1, 1],
        [2, 1],
        [1, 2],
      ] as const)
        for (let before = 0; before < size; before++) {
          const sides = [before, size - 1 - before] as const;
          yield makeCase([size, size], [stride, stride], [sides, sides], seed++, [1, 1], image);
        }
  for (const kernelSize of [
    [1, 1],
    [2, 3],
    [3, 3],
    [5, 3],
    [5, 5],
    [4, 7],
  ] as const)
    for (const strides of [
      [1, 1],
      [1, 2],
      [3, 3],
      [4, 1],
    ] as const)
      for (const dilationRate of [
        [1, 1],
        [2, 2],
        [1, 3],
      ] as const)
        yield makeCase(kernelSize, strides, seed % 2 ? 'same' : [[2, 9], [7, 12]], seed++, dilationRate); // prettier-ignore
}

onEachBuild('depthwiseConv2dForward, with bias and without', (memory, kernels) => {
  for (const { what, sizes, kernelSizes, taps, positions, x, w, b } of cases()) {
    for (const bias of [b, null]) {
      const y = memory.output(sizes.n * positions * sizes.outC);
      const [atX, atW, atBias] = [memory.input(x), memory.input(w), bias ? memory.input(bias) : { byteOffset: 0 }];
      kernels.depthwiseConv2dForward(
        y.byteOffset,
        atX.byteOffset,
        atW.byteOffset,
        atBias.byteOffset,
        sizes.n,
        ...kernelSizes,
      );
      memory.verify(what);
      const biases = bias ?? new Float32Array(b.length);
      const bound = conv2dForward(magnitudes(x), magnitudes(w), magnitudes(biases), sizes);
      // taps products, as many additions, one of the bias.
      within(
        worst(
          y,
          conv2dForward(wide(x), wide(w), wide(biases), sizes),
          bound.map((sum) => (taps + 1) * ROUNDING * sum),
        ),
        1,
        what,
      );
    }
  }
});

onEachBuild('depthwiseConv2dBackwardInput overwrites dx', (memory, kernels) => {
  for (const { what, sizes, kernelSizes, taps, x, w, dy } of cases()) {
    const dx = memory.output(x.length);
    kernels.depthwiseConv2dBackwardInput(
      dx.byteOffset,
      memory.input(dy).byteOffset,
      memory.input(w).byteOffset,
      sizes.n,
      ...kernelSizes,
    );
    memory.verify(what);
    const bound = conv2dBackwardInput(magnitudes(dy), magnitudes(w), sizes).map((sum) => taps * ROUNDING * sum);
    within(worst(dx, conv2dBackwardInput(wide(dy), wide(w), sizes), bound), 1, what);
  }
});

onEachBuild('depthwiseConv2dBackwardWeights adds to dw', (memory, kernels) => {
  for (const { what, sizes, kernelSizes, positions, x, w: before, dy } of cases()) {
    const dw = memory.inout(before);
    kernels.depthwiseConv2dBackwardWeights(
      dw.byteOffset,
      memory.input(dy).byteOffset,
      memory.input(x).byteOffset,
      sizes.n,
      ...kernelSizes,
    );
    memory.verify(what);
    const expected = conv2dBackwardWeights(wide(dy), wide(x), sizes).map((sum, i) => before[i]! + sum);
    const bound = conv2dBackwardWeights(magnitudes(dy), magnitudes(x), sizes).map(
      (sum, i) => (sizes.n * positions + 1) * ROUNDING * (Math.abs(before[i]!) + sum),
    );
    within(worst(dw, expected, bound), 1, what);
  }
});

test('the wide build gives the bits of the release build', () => {
  const run = (build: 'release' | 'wide'): [string, Float32Array][] => {
    const memory = new GuardedMemory(build);
    const { depthwiseConv2dForward, depthwiseConv2dBackwardInput, depthwiseConv2dBackwardWeights } = memory.kernels;
    return [...cases()].map(({ what, sizes, kernelSizes, positions, x, w, b, dy }) => {
      const y = memory.output(sizes.n * positions * sizes.outC);
      const [dx, dw] = [memory.output(x.length), memory.inout(w)];
      const [atX, atW, atDy] = [x, w, dy].map((values) => memory.input(values).byteOffset) as [number, number, number];
      depthwiseConv2dForward(y.byteOffset, atX, atW, memory.input(b).byteOffset, sizes.n, ...kernelSizes);
      depthwiseConv2dBackwardInput(dx.byteOffset, atDy, atW, sizes.n, ...kernelSizes);
      depthwiseConv2dBackwardWeights(dw.byteOffset, atDy, atX, sizes.n, ...kernelSizes);
      memory.verify(what);
      return [what, Float32Array.of(...y, ...dx, ...dw)];
    });
  };
  const release = run('release');
  for (const [i, [what, values]] of run('wide').entries()) same(values, release[i]![1], what);
});

onEachBuild('repeatRows of channels and sumRepeatedChannels', (memory, kernels) => {
  for (const [count, times] of [
    [1, 1],
    [5, 2],
    [6, 3],
    [4, 9],
  ] as const) {
    const x = randomFloats(count, 1);
    const repeated = memory.output(count * times);
    kernels.repeatRows(repeated.byteOffset, memory.input(x).byteOffset, count, times, 1);
    memory.verify('repeatRows');
    same(
      repeated,
      Array.from({ length: count * times }, (_, i) => x[Math.floor(i / times)]!),
      'repeated',
    );
    // Sums of up to nine small whole numbers are exact.
    const parts = Float32Array.from({ length: count * times }, (_, i) => i);
    const sums = memory.output(count);
    kernels.sumRepeatedChannels(sums.byteOffset, memory.input(parts).byteOffset, count, times);
    memory.verify('sumRepeatedChannels');
    same(
      sums,
      Array.from(x, (_, i) => times * (times * i + (times - 1) / 2)),
      'summed',
    );
  }
});

test.run();
