// Cost of a kernel call: floating-point operations really done (a multiplication and an addition are two, a comparison is
// one, an exponential 20) and bytes of its arrays moved once. For profiles, and for how long threads wait for each other.
import { winogradAxis } from './ops/conv2dWinograd.js';
import type { Call } from './program.js';
import type { Kernels } from '../engine/kernels.generated.js';

export interface Cost {
  readonly flops: number;
  readonly bytes: number;
}

type Args = readonly number[];
const EXP = 20;

const floats = (flops: number, count: number): Cost => ({ flops, bytes: 4 * count });
const product = (m: number, n: number, k: number): Cost => floats(2 * m * n * k, m * k + k * n + m * n);

/** A convolution of n examples, forward, or backward to dw or dx. (Where the kernel reaches over an edge, zeros are multiplied as well.) */
function convolution(n: number, [inH, inW, inC, outH, outW, outC, kH, kW]: Args): Cost {
  const k = kH! * kW! * inC!;
  const positions = outH! * outW!;
  return floats(2 * n * positions * outC! * k, n * (inH! * inW! * inC! + positions * outC!) + k * outC!);
}

/** One product forward, one or two backward; their transforms count as bytes alone. */
function winograd(times: number, n: number, [inH, inW, inC, outH, outW, outC, strideH, strideW]: Args): Cost {
  const products = n * winogradAxis(outH!, strideH!).values * winogradAxis(outW!, strideW!).values;
  return floats(
    2 * times * products * inC! * outC!,
    n * times * (inH! * inW! * inC! + outH! * outW! * outC!) + 2 * (1 + times) * products * (inC! + outC!),
  );
}

/** Each value of each window once, and so many numbers written for each. */
function pooling(written: number, [n, inH, inW, channels, outH, outW, poolH, poolW]: Args): Cost {
  const windows = n! * outH! * outW! * channels!;
  return floats(
    windows * Math.min(poolH!, inH!) * Math.min(poolW!, inW!),
    n! * inH! * inW! * channels! + written * windows,
  );
}

/** A depthwise convolution of n examples, in one of its three passes. */
function depthwise(n: number, [inH, inW, outH, outW, channels, kH, kW]: Args): Cost {
  const positions = n * outH! * outW! * channels!;
  return floats(2 * positions * kH! * kW!, positions + n * inH! * inW! * channels! + kH! * kW! * channels!);
}

/** A convolution in groups: the sizes of {@link convolution}, strides and dilation, then the number of groups. */
function grouped(n: number, sizes: Args): Cost {
  const { flops, bytes } = convolution(n, sizes);
  return { flops: flops / sizes[12]!, bytes };
}

/** So many operations for each pixel and channel of the output. */
function resize(flops: number, [n, inH, inW, channels, outH, outW]: Args): Cost {
  const written = n! * outH! * outW! * channels!;
  return floats(flops * written, n! * inH! * inW! * channels! + written);
}

/** Places of so many pixels, four values each to be read or added to. */
function warp(pixels: number, channels: number): Cost {
  return floats(pixels * (40 + 8 * channels), pixels * (18 + 5 * channels));
}

function countPositive(memory: Float32Array | null, y: number, count: number): number {
  if (!memory) return count;
  return memory.subarray(y / 4, y / 4 + count).reduce((nonzero, value) => nonzero + (value > 0 ? 1 : 0), 0);
}

const costs: Record<keyof Kernels, (args: Args, memory: Float32Array | null) => Cost> = {
  gemm: ([, , , , m, n, k]) => product(m!, n!, k!),
  packPanels: ([, , k, n]) => floats(0, 2 * k! * n!),
  denseRowForward: ([, , , , , , inSize, outSize]) => product(1, outSize!, inSize!),
  conv2dFlippedPanels: ([, , inC, outC, kH, kW]) => floats(0, 2 * inC! * outC! * kH! * kW!),
  conv2dForward: (args) => convolution(args[5]!, args.slice(6)),
  conv2dBackwardWeights: (args) => convolution(args[4]!, args.slice(5)),
  conv2dBackwardInput: (args) => convolution(args[4]!, args.slice(5)),
  depthwiseConv2dForward: (args) => depthwise(args[4]!, args.slice(5)),
  depthwiseConv2dBackwardInput: (args) => depthwise(args[3]!, args.slice(4)),
  depthwiseConv2dBackwardWeights: (args) => depthwise(args[3]!, args.slice(4)),
  sumRepeatedChannels: ([, , count, times]) => floats(count! * times!, count! * (1 + times!)),
  pointwiseConv2d: ([, , , , pixels, inC, outC]) => product(pixels!, outC!, inC!),
  pointwiseConv2dBackwardWeights: ([, , , pixels, inC, outC]) => product(inC!, outC!, pixels!),
  groupedConv2dPanels: ([, , , inC, outC, taps, groups]) => floats(0, (4 * inC! * outC! * taps!) / groups!),
  groupedConv2dForward: (args) => grouped(args[5]!, args.slice(6)),
  groupedConv2dBackwardWeights: (args) => grouped(args[4]!, args.slice(5)),
  groupedConv2dBackwardInput: (args) => grouped(args[4]!, args.slice(5)),
  maxPooling2dForward: (args) => pooling(2, args.slice(3)),
  maxPooling2dForwardByAxis: ([, , , , , n, inH, inW, channels, outH, outW, poolH, poolW]) =>
    floats(
      n! * channels! * outW! * (inH! * Math.min(poolW!, inW!) + outH! * Math.min(poolH!, inH!)),
      n! * channels! * (inH! * inW! + 4 * inH! * outW! + 4 * outH! * outW!),
    ),
  maxPooling2dBackward: ([, , , n, inSize, outSize]) => floats(n! * outSize!, n! * (inSize! + 2 * outSize!)),
  averagePooling2dForward: (args) => pooling(1, args.slice(2)),
  averagePooling2dBackward: (args) => pooling(1, args.slice(2)),
  reluForward: ([, , count]) => floats(count!, 2 * count!),
  reluBackward: ([, , , count]) => floats(count!, 3 * count!),
  sigmoidForward: ([, , count]) => floats((EXP + 2) * count!, 2 * count!),
  sigmoidBackward: ([, , , count]) => floats(3 * count!, 3 * count!),
  tanhForward: ([, , count]) => floats((EXP + 3) * count!, 2 * count!),
  tanhBackward: ([, , , count]) => floats(3 * count!, 3 * count!),
  softmaxForward: ([, , rows, width]) => floats((EXP + 4) * rows! * width!, 2 * rows! * width!),
  softmaxBackward: ([, , , rows, width]) => floats(4 * rows! * width!, 3 * rows! * width!),
  logSoftmaxForward: ([, , rows, width]) => floats((EXP + 4) * rows! * width!, 2 * rows! * width!),
  logSoftmaxBackward: ([, , , rows, width]) => floats((EXP + 3) * rows! * width!, 3 * rows! * width!),
  clippedReluForward: ([, , count]) => floats(4 * count!, 2 * count!),
  clippedReluBackward: ([, , , count]) => floats(4 * count!, 3 * count!),
  hardSigmoidForward: ([, , count]) => floats(4 * count!, 2 * count!),
  hardSigmoidBackward: ([, , , count]) => floats(3 * count!, 3 * count!),
  hardSwishForward: ([, , count]) => floats(5 * count!, 2 * count!),
  hardSwishBackward: ([, , , count]) => floats(5 * count!, 3 * count!),
  exponentialForward: ([, , count]) => floats(EXP * count!, 2 * count!),
  exponentialBackward: ([, , , count]) => floats(1 * count!, 3 * count!),
  eluForward: ([, , count]) => floats((EXP + 4) * count!, 2 * count!),
  eluBackward: ([, , , count]) => floats(4 * count!, 3 * count!),
  softplusForward: ([, , count]) => floats(2 * EXP * count!, 2 * count!),
  softplusBackward: ([, , , count]) => floats((EXP + 2) * count!, 3 * count!),
  softsignForward: ([, , count]) => floats(3 * count!, 2 * count!),
  softsignBackward: ([, , , count]) => floats(4 * count!, 3 * count!),
  siluForward: ([, , count]) => floats((EXP + 4) * count!, 2 * count!),
  siluBackward: ([, , , count]) => floats((EXP + 8) * count!, 3 * count!),
  mishForward: ([, , count]) => floats((EXP + 7) * count!, 2 * count!),
  mishBackward: ([, , , count]) => floats((EXP + 14) * count!, 3 * count!),
  geluForward: ([, , count]) => floats(2 * EXP * count!, 2 * count!),
  geluBackward: ([, , , count]) => floats(3 * EXP * count!, 3 * count!),
  geluApproximateForward: ([, , count]) => floats((EXP + 8) * count!, 2 * count!),
  geluApproximateBackward: ([, , , count]) => floats((EXP + 16) * count!, 3 * count!),
  preluForward: ([, , , n, rows, columns, channels]) =>
    floats(2 * n! * rows! * columns! * channels!, 2 * n! * rows! * columns! * channels!),
  preluBackward: ([, , , , , n, rows, columns, channels]) =>
    floats(4 * n! * rows! * columns! * channels!, 3 * n! * rows! * columns! * channels!),
  softmaxCrossEntropyForward: ([, , , rows, classes]) => floats((EXP + 5) * rows! * classes!, 2 * rows! * classes!),
  softmaxCrossEntropyBackward: ([, , , rows, classes]) => floats(2 * rows! * classes!, 3 * rows! * classes!),
  meanSquaredErrorForward: ([, , , n, size]) => floats(3 * n! * size!, 2 * n! * size!),
  meanSquaredErrorBackward: ([, , , count]) => floats(3 * count!, 3 * count!),
  meanAbsoluteErrorForward: ([, , , n, size]) => floats(3 * n! * size!, 2 * n! * size!),
  meanAbsoluteErrorBackward: ([, , , count]) => floats(3 * count!, 3 * count!),
  huberForward: ([, , , n, size]) => floats(5 * n! * size!, 2 * n! * size!),
  huberBackward: ([, , , count]) => floats(4 * count!, 3 * count!),
  sigmoidCrossEntropyForward: ([, , , n, size]) => floats((2 * EXP + 5) * n! * size!, 2 * n! * size!),
  binaryCrossEntropyForward: ([, , , n, size]) => floats((4 * EXP + 15) * n! * size!, 2 * n! * size!),
  binaryCrossEntropyBackward: ([, , , count]) => floats((6 * EXP + 20) * count!, 3 * count!),
  // Only what has a target above 0 costs logarithms, hardly more than one of a row.
  categoricalCrossEntropyForward: ([, , , n, rows, columns]) =>
    floats(n! * rows! * (4 * columns! + 3 * EXP), 2 * n! * rows! * columns!),
  categoricalCrossEntropyBackward: ([, , , rows, columns]) =>
    floats(rows! * (8 * columns! + 10 * EXP), 3 * rows! * columns!),
  kullbackLeiblerForward: ([, , , n, rows, columns]) =>
    floats((2 * EXP + 6) * n! * rows! * columns!, 2 * n! * rows! * columns!),
  kullbackLeiblerBackward: ([, , , count]) => floats(4 * count!, 3 * count!),
  smoothLabels: ([, , count]) => floats(2 * count!, 2 * count!),
  meanOfEach: ([, , n, size]) => floats(n! * size!, n! * size!),
  weighExamples: ([, , n, size]) => floats(n! * size!, 2 * n! * size!),
  dropout: ([, , , , , count]) => floats(count!, 2 * count!),
  batchNormSums: ([, , , rows, channels]) => floats(4 * rows! * channels!, rows! * channels!),
  batchNormAffine: ([, , , , shards, , , channels]) => floats(2 * shards! * channels!, 4 * (shards! + 1) * channels!),
  batchNormMovingAffine: ([, , , , , , channels]) => floats(7 * channels!, 8 * channels!),
  batchNormUpdateMoving: ([, , , shards, , , channels]) =>
    floats(2 * shards! * channels!, 4 * (shards! + 1) * channels!),
  batchNormForward: ([, , , rows, channels, relu]) => floats((3 + relu!) * rows! * channels!, 2 * rows! * channels!),
  batchNormBackwardSums: ([, , , , , , , rows, channels, relu]) =>
    floats((5 + 3 * relu!) * rows! * channels!, 2 * rows! * channels!),
  batchNormSlopes: ([, , , shards, , channels]) => floats(2 * shards! * channels!, 4 * (shards! + 1) * channels!),
  batchNormBackward: ([, , , , , rows, channels, relu]) =>
    floats((5 + 2 * relu!) * rows! * channels!, 3 * rows! * channels!),
  scaleColumns: ([, , , rows, columns]) => floats(rows! * columns!, 2 * rows! * columns!),
  layerNormForward: ([, , , , , rows, columns]) => floats(9 * rows! * columns!, 2 * rows! * columns!),
  layerNormBackward: ([, , , , , , , rows, columns]) => floats(16 * rows! * columns!, 3 * rows! * columns!),
  spatialDropout: ([, , , , , n, positions, channels]) =>
    floats(n! * positions! * channels!, 2 * n! * positions! * channels!),
  addNoise: ([, , , , , count]) => floats((2 * EXP + 22) * count!, 2 * count!),
  mergeForward: ([, , , count]) => floats(count!, 3 * count!),
  addReluBackward: ([, , , , count]) => floats(count!, 4 * count!),
  maximumBackward: ([, , , , count]) => floats(count!, 5 * count!),
  repeatRows: ([, , outer, repeat, inner]) => floats(0, outer! * (1 + repeat!) * inner!),
  sumRows: ([, , outer, repeat, inner]) => floats(outer! * repeat! * inner!, outer! * (1 + repeat!) * inner!),
  copyRows: ([, , rows, width]) => floats(0, 2 * rows! * width!),
  permute: ([, , n, d0, d1, d2, d3]) => floats(0, 2 * n! * d0! * d1! * d2! * d3!),
  resizeNearestForward: (args) => resize(0, args.slice(2)),
  resizeNearestBackward: (args) => resize(1, args.slice(2)),
  resizeBilinearForward: (args) => resize(9, args.slice(2)),
  resizeBilinearBackward: (args) => resize(8, args.slice(2)),
  drawAffine: ([, , , , n]) => floats(150 * n!, 6 * n!),
  warpAffineForward: ([, , , , n, height, width, channels]) => warp(n! * height! * width!, channels!),
  warpAffineBackward: ([, , , , n, height, width, channels]) => warp(n! * height! * width!, channels!),
  warpByFieldForward: ([, , , , n, height, width, channels]) => warp(n! * height! * width!, channels!),
  warpByFieldBackward: ([, , , , n, height, width, channels]) => warp(n! * height! * width!, channels!),
  drawElastic: ([, , , , , n, height, width, , , , , , radius]) =>
    floats(n! * height! * width! * (8 * (2 * radius! + 1) + 4 * EXP + 44), 8 * n! * height! * width!),
  randomCropForward: ([, , , , , n, , , channels, height, width]) => floats(0, 2 * n! * height! * width! * channels!),
  randomCropBackward: ([, , , , , n, , , channels, height, width]) => floats(0, 2 * n! * height! * width! * channels!),
  eraseRandomly: ([, , , , , n, height, width, channels]) => floats(0, 2 * n! * height! * width! * channels!),
  adjustForward: ([, , , , , n, positions, channels]) =>
    floats(5 * n! * positions! * channels!, 3 * n! * positions! * channels!),
  adjustBackward: ([, , , , , , n, positions, channels]) =>
    floats(4 * n! * positions! * channels!, 5 * n! * positions! * channels!),
  drawRandAugment: ([, , , , n, numOps]) => floats(40 * n! * numOps!, 8 * n! * numOps!),
  // By the operations' mean.
  randAugmentForward: ([, , , , n, numOps, height, width, channels]) =>
    warp(0.5 * n! * numOps! * height! * width!, channels!),
  randAugmentBackward: ([, , , , , n, numOps, height, width, channels]) =>
    warp(n! * numOps! * height! * width!, channels!),
  scaleAndShift: ([, , count]) => floats(2 * count!, 2 * count!),
  normalizeColumns: ([, , , , rows, columns]) => floats(2 * rows! * columns!, 2 * rows! * columns!),
  inverseDeviation: ([, , count]) => floats(3 * count!, 2 * count!),
  bytesToFloats: ([, , count]) => ({ flops: count!, bytes: 5 * count! }),
  adamStep: ([, , , , , count]) => floats(13 * count!, 7 * count!),
  sgdStep: ([, , , count]) => floats(2 * count!, 3 * count!),
  momentumStep: ([, , , , count]) => floats(5 * count!, 5 * count!),
  rmspropStep: ([, , , , , , count]) => floats(12 * count!, 9 * count!),
  amsgradStep: ([, , , , , , count]) => floats(14 * count!, 9 * count!),
  nadamStep: ([, , , , , count]) => floats(17 * count!, 7 * count!),
  adagradStep: ([, , , , count]) => floats(7 * count!, 5 * count!),
  adadeltaStep: ([, , , , , count]) => floats(16 * count!, 7 * count!),
  lionStep: ([, , , , count]) => floats(10 * count!, 5 * count!),
  clipValues: ([, , count]) => floats(2 * count!, 2 * count!),
  sumOfSquares: ([, , count]) => floats(2 * count!, count!),
  clipByNorm: ([, , , count]) => floats(count!, 2 * count!),
  addPenaltySlopes: ([, , count]) => floats(4 * count!, 3 * count!),
  penaltyOfEach: ([, , n, size]) => floats(4 * n! * size!, n! * size!),
  constrainNorms: ([, a, r, b, s, c]) => floats(3 * a! * r! * b! * s! * c!, 3 * a! * r! * b! * s! * c!),
  keepNonNegative: ([, count]) => floats(count!, 2 * count!),
  decayWeights: ([, , count]) => floats(2 * count!, 2 * count!),
  moveAverage: ([, , , count]) => floats(3 * count!, 3 * count!),
  sumParts: ([, , count, parts]) => floats(count! * (parts! - 1), count! * (parts! + 1)),
  addRows: ([, , rows, width]) => floats(rows! * width!, rows! * width!),
  addBias: ([, , rows, columns]) => floats(rows! * columns!, 2 * rows! * columns!),
  add: ([, , , count]) => floats(count!, 3 * count!),
  copy: ([, , count]) => floats(0, 2 * count!),
  clear: ([, count]) => floats(0, count!),
  pixelsToFloats: ([, , count]) => ({ flops: count!, bytes: 5 * count! }),
  padImage: ([, , inH, inW, inC]) => floats(0, 2 * inH! * inW! * inC!),
  cropImage: ([, , inH, inW, inC]) => floats(0, 2 * inH! * inW! * inC!),
  transpose: ([, , rows, width]) => floats(0, 2 * rows! * width!),
  conv2dPoolForward: ([, , , , , n, inH, inW, inC, poolH, poolW, outC, kH, kW]) =>
    floats(
      8 * n! * poolH! * poolW! * outC! * kH! * kW! * inC!,
      n! * (inH! * inW! * inC! + 1.25 * poolH! * poolW! * outC!),
    ),
  // Three kernel rows of four lanes at a time, whatever the kernel needs of them, and as if no window were all zeros.
  conv2dPoolBackwardOneChannel: ([, , , , , , , n, inH, inW, poolH, poolW, outC, kH]) =>
    floats(
      n! * poolH! * poolW! * outC! * (24 * Math.ceil(kH! / 3) + 2),
      n! * (inH! * inW! + 2.25 * poolH! * poolW! * outC!),
    ),
  winogradPoolFilters: ([, , inC, outC]) => floats(28 * inC! * outC!, 25 * inC! * outC!),
  winogradFilters: ([, transposed, , , inC, outC]) => floats(0, (transposed ? 6 : 4) * 36 * inC! * outC!),
  winogradConv2dForward: (args) => winograd(1, args[8]!, args.slice(9)),
  winogradConv2dBackward: (args) => winograd(args[0] ? 2 : 1, args[11]!, args.slice(12)),
  // Only what is nonzero is multiplied, but how much that is, is not counted here.
  conv2dOneChannelForward: ([, , , , , , n, inH, inW, outH, outW, outC, kH, kW]) =>
    floats(2 * n! * outH! * outW! * outC! * kH! * kW!, n! * (inH! * inW! + outH! * outW! * outC!)),
  conv2dOneChannelBackward: ([, , , , , , , , n, inH, inW, outH, outW, outC, kH, kW]) =>
    floats(2 * n! * outH! * outW! * outC! * kH! * kW!, n! * (inH! * inW! + 3 * outH! * outW! * outC!)),
  // 16 products of each pool window, with the transforms on both sides (32 additions a patch, 24 a tile).
  winogradPoolForward: ([, , , , , , , n, , , inC, poolH, poolW, outC]) =>
    floats(
      n! * poolH! * poolW! * (32 * inC! * outC! + 32 * inC! + 24 * outC!),
      n! * poolH! * poolW! * 32 * (inC! + outC!) + 16 * inC! * outC!,
    ),
  // Only what ReLU let through counts: where y is above 0.
  sparseConv2dBackward([dx, , , , y, , , , , , n, inH, inW, inC, outH, outW, outC, kH, kW], memory) {
    const count = n! * outH! * outW! * outC!;
    const k = kH! * kW! * inC!;
    const times = dx ? 2 : 1;
    return floats(
      2 * times * k * countPositive(memory, y!, count),
      n! * inH! * inW! * inC! * times + 2 * count + k * outC! * times,
    );
  },
  // Only winners count, and they are where y is above 0.
  conv2dPoolBackward([dx, , , , y, , , , , , , n, inH, inW, inC, poolH, poolW, outC, kH, kW], memory) {
    const count = n! * poolH! * poolW! * outC!;
    const k = kH! * kW! * inC!;
    return floats(
      2 * countPositive(memory, y!, count) * k * (dx ? 2 : 1),
      n! * inH! * inW! * inC! * (dx ? 2 : 1) + 2.25 * count + k * outC! * (dx ? 2 : 1),
    );
  },
};

/** Cost of a call, looked up before or after it is made; `memory` is all of the engine's, as f32. */
export function costOf({ kernel, args }: Call, memory: Float32Array): Cost {
  return costs[kernel](args, memory);
}

/** Flops and bytes of a call together, where all that it looks at is nonzero. */
export function largestCost({ kernel, args }: Call): number {
  const { flops, bytes } = costs[kernel](args, null);
  return flops + bytes;
}
