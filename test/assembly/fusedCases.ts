// conv2d → ReLU → 2 × 2 max pooling in plain loops, for the kernels that do all three at once.
import { RandomStream } from '../../src/base/random.js';
import {
  conv2dBackwardBias,
  conv2dBackwardInput,
  conv2dBackwardWeights,
  conv2dForward,
  type Conv2dSizes,
} from '../reference/conv2d.js';
import { maxPooling2dWinners } from '../reference/maxPooling2d.js';
import { magnitudes, randomFloats, wide } from './guardedMemory.js';

export interface FusedCase {
  readonly what: string;
  /** Whole numbers: every sum is exact, so results must be equal bit for bit, and ties abound. */
  readonly exact: boolean;
  readonly n: number;
  readonly inH: number;
  readonly inW: number;
  readonly inC: number;
  readonly outC: number;
  readonly kH: number;
  readonly kW: number;
  readonly poolH: number;
  readonly poolW: number;
  readonly x: Float32Array;
  readonly w: Float32Array;
  /** Null for a convolution without bias. */
  readonly b: Float32Array | null;
  readonly dy: Float32Array;
}

export function makeCase(
  n: number,
  inH: number,
  inW: number,
  inC: number,
  outC: number,
  kH: number,
  kW: number,
  seed: number,
): FusedCase {
  const [poolH, poolW] = [(inH - kH + 1) >> 1, (inW - kW + 1) >> 1];
  const exact = seed % 2 === 0;
  const values = (count: number, stream: number): Float32Array => {
    const random = new RandomStream(seed, stream);
    return exact
      ? Float32Array.from({ length: count }, () => random.below(5) - 2)
      : randomFloats(count, seed * 10 + stream);
  };
  const b = seed % 3 === 0 ? null : values(outC, 3);
  return {
    what: `${n} × [${inH}, ${inW}, ${inC}] → ${outC}, kernel ${kH} × ${kW}, ${b ? 'bias' : 'no bias'}, ${exact ? 'whole numbers' : 'fractions'}`,
    exact,
    n,
    inH,
    inW,
    inC,
    outC,
    kH,
    kW,
    poolH,
    poolW,
    b,
    x: values(n * inH * inW * inC, 1),
    w: values(kH * kW * inC * outC, 2),
    dy: values(n * poolH * poolW * outC, 4),
  };
}

function conv2dSizes({ n, inH, inW, inC, outC, kH, kW }: FusedCase): Conv2dSizes {
  return { n, inH, inW, inC, outC, kernelSize: [kH, kW], strides: [1, 1], padding: 'valid' };
}

/** y, and `argmax`: which of its four positions won each window (row · 2 + column). */
export function fusedForward(c: FusedCase): { y: Float64Array; argmax: number[]; bound: Float64Array } {
  const [convH, convW] = [c.inH - c.kH + 1, c.inW - c.kW + 1];
  const z = conv2dForward(wide(c.x), wide(c.w), new Float64Array(c.outC), conv2dSizes(c));
  const size = conv2dForward(magnitudes(c.x), magnitudes(c.w), new Float64Array(c.outC), conv2dSizes(c));
  const winners = maxPooling2dWinners(z, {
    n: c.n,
    inH: convH,
    inW: convW,
    channels: c.outC,
    poolSize: [2, 2],
    strides: [2, 2],
    padding: 'valid',
  });
  const bias = (i: number): number => c.b?.[i % c.outC] ?? 0;
  const argmax = winners.map((winner) => {
    const position = Math.floor(winner / c.outC) % (convH * convW);
    return 2 * (Math.floor(position / convW) % 2) + ((position % convW) % 2);
  });
  return {
    argmax,
    y: Float64Array.from(winners, (winner, i) => Math.max(0, z[winner]! + bias(i))),
    bound: Float64Array.from(winners, (winner, i) => size[winner]! + Math.abs(bias(i))),
  };
}

export interface FusedGradients {
  readonly dw: Float64Array;
  readonly db: Float64Array;
  readonly dx: Float64Array;
}

/** The backward pass, through the positions that won where y is above 0; `magnitude`: the same of absolute values, for error bounds. */
export function fusedBackward(
  c: FusedCase,
  y: ArrayLike<number>,
  argmax: ArrayLike<number>,
): FusedGradients & { magnitude: FusedGradients } {
  const [convH, convW] = [c.inH - c.kH + 1, c.inW - c.kW + 1];
  const dz = new Float64Array(c.n * convH * convW * c.outC);
  c.dy.forEach((gradient, i) => {
    if (!(y[i]! > 0)) return;
    const [channel, cell] = [i % c.outC, Math.floor(i / c.outC)];
    const [example, inImage] = [Math.floor(cell / (c.poolH * c.poolW)), cell % (c.poolH * c.poolW)];
    const row = 2 * Math.floor(inImage / c.poolW) + (argmax[i]! >> 1);
    const column = 2 * (inImage % c.poolW) + (argmax[i]! & 1);
    dz[((example * convH + row) * convW + column) * c.outC + channel] = gradient;
  });
  const gradients = (values: Float64Array, x: Float64Array, w: Float64Array): FusedGradients => ({
    dw: conv2dBackwardWeights(values, x, conv2dSizes(c)),
    db: conv2dBackwardBias(values, conv2dSizes(c)),
    dx: conv2dBackwardInput(values, w, conv2dSizes(c)),
  });
  return {
    ...gradients(dz, wide(c.x), wide(c.w)),
    magnitude: gradients(magnitudes(dz), magnitudes(c.x), magnitudes(c.w)),
  };
}
