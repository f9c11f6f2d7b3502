// Winograd's convolution, forward and backward, with ReLU or with pooling, against plain f64 loops.
import { test } from 'uvu';
import { conv2dBackwardInput, conv2dBackwardWeights, conv2dForward, conv2dOutput, type Conv2dSizes } from '../reference/conv2d.js';
import { fusedForward, makeCase, type FusedCase } from './fusedCases.js';
import { magnitudes, onEachBuild, randomFloats, ROUNDING, same, wide, within, worst } from './guardedMemory.js';

/** G of F(2 × 2, 3 × 3). */
const G = [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]] as const;

onEachBuild('winogradWeights: G g Gᵀ in panels, zeros past the last channel', (memory, kernels) => {
  for (const inC of [1, 3, 4, 5]) for (const outC of [4, 8, 12, 16]) for (const exact of [true, false]) {
    const what = `${inC} → ${outC} channels`;
    const w = randomFloats(9 * inC * outC, inC + outC).map((value) => (exact ? Math.round(4 * value) : value));
    const panels = Math.ceil(outC / 16);
    const u = memory.output(16 * panels * inC * 16);
    kernels.winogradWeights(u.byteOffset, memory.input(w).byteOffset, inC, outC);
    const sum = (i: number, of: (value: number) => number): number => {
      const [matrix, panel, c, lane] = [Math.floor(i / (panels * inC * 16)), Math.floor(i / (inC * 16)) % panels, Math.floor(i / 16) % inC, i % 16];
      const k = 16 * panel + lane;
      if (k >= outC) return 0;
      let total = 0;
      for (let a = 0; a < 3; a++) for (let b = 0; b < 3; b++) total += of(G[matrix >> 2]![a]! * G[matrix & 3]![b]!) * of(w[((3 * a + b) * inC + c) * outC + k]!);
      return total;
    };
    const expected = Float64Array.from({ length: u.length }, (_, i) => sum(i, (value) => value));
    // Two additions a pass; halving is exact.
    within(worst(u, expected, exact ? 0 : expected.map((_, i) => 4 * ROUNDING * sum(i, Math.abs))), exact ? 0 : 1, what);
    memory.verify(what);
  }
});

function* cases(): Generator<FusedCase> {
  let seed = 1;
  for (const inC of [4, 8, 12]) for (const outC of [4, 8, 12, 16, 20]) for (const [height, width] of [[4, 4], [5, 7], [8, 6], [9, 11]] as const) {
    yield makeCase(1 + (seed % 3), height, width, inC, outC, 3, 3, seed++);
  }
}

onEachBuild('winogradPoolForward: y and which position won', (memory, kernels) => {
  for (const c of cases()) {
    const expected = fusedForward(c);
    const tiles = c.poolH * c.poolW;
    const y = memory.output(expected.y.length);
    const code = memory.outputBytes(expected.y.length);
    const u = memory.output(16 * Math.ceil(c.outC / 16) * c.inC * 16);
    kernels.winogradWeights(u.byteOffset, memory.input(c.w).byteOffset, c.inC, c.outC);
    const [atX, atBias] = [memory.input(c.x).byteOffset, c.b ? memory.input(c.b).byteOffset : 0];
    const [v, m] = [memory.output(16 * tiles * c.inC).byteOffset, memory.output(16 * tiles * c.outC).byteOffset];
    kernels.winogradPoolForward(y.byteOffset, code.byteOffset, atX, u.byteOffset, atBias, v, m, c.n, c.inH, c.inW, c.inC, c.poolH, c.poolW, c.outC);
    // Sums of inC products between transforms of 4 + 4 additions each, of patches whose terms cancel: the bound is the largest
    // plain sum of magnitudes, and a rounding for each addition on the way.
    const bound = (c.inC + 16) * ROUNDING * Math.max(...expected.bound);
    within(worst(y, expected.y, c.exact ? 0 : bound), c.exact ? 0 : 1, `${c.what}: y`);
    if (c.exact) same(code, expected.codes, `${c.what}: code`);
    memory.verify(c.what);
  }
});

interface PlainCase {
  readonly what: string;
  /** Whole numbers: every sum is exact. */
  readonly exact: boolean;
  readonly sizes: Conv2dSizes;
  readonly outH: number;
  readonly outW: number;
  readonly pad: number;
  readonly x: Float32Array;
  readonly w: Float32Array;
  readonly b: Float32Array;
  readonly dy: Float32Array;
}

/** Odd and even images, down to one pixel; with the odd edges that no whole tile reaches. */
function* plainCases(): Generator<PlainCase> {
  let seed = 1;
  for (const inC of [4, 8, 12]) for (const outC of [4, 8, 12]) for (const padding of ['valid', 'same'] as const) for (const [inH, inW] of [[3, 3], [4, 5], [7, 6], [9, 9]] as const) {
    const small = padding === 'same' && seed % 5 === 0;
    const sizes: Conv2dSizes = { n: 1 + (seed % 3), inH: small ? 1 : inH, inW: small ? 2 : inW, inC, outC, kernelSize: [3, 3], strides: [1, 1], padding };
    const [outH, outW] = conv2dOutput(sizes);
    const exact = seed % 2 === 0;
    const values = (count: number, stream: number): Float32Array => randomFloats(count, 10 * seed + stream).map((value) => (exact ? 8 * Math.round(2 * value) : value));
    yield {
      what: `${sizes.n} × [${sizes.inH}, ${sizes.inW}, ${inC}] → ${outC}, ${padding}, ${exact ? 'whole numbers' : 'fractions'}`,
      exact, sizes, outH, outW, pad: padding === 'same' ? 1 : 0,
      x: values(sizes.n * sizes.inH * sizes.inW * inC, 1), w: values(9 * inC * outC, 2), b: values(outC, 3), dy: values(sizes.n * outH * outW * outC, 4),
    };
    seed++;
  }
}

const tilesOf = (outH: number, outW: number): number => Math.ceil(outH / 2) * Math.ceil(outW / 2);
const paddedFloats = (outH: number, outW: number, channels: number): number => (2 * Math.ceil(outH / 2) + 2) * (2 * Math.ceil(outW / 2) + 2) * channels;
const largest = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, value), 0);

onEachBuild('winogradForward: with bias and ReLU, and with neither', (memory, kernels) => {
  for (const c of plainCases()) for (const whole of [true, false]) {
    const { n, inH, inW, inC, outC } = c.sizes;
    const tiles = tilesOf(c.outH, c.outW);
    const y = memory.output(n * c.outH * c.outW * outC);
    const u = memory.output(16 * Math.ceil(outC / 16) * inC * 16).byteOffset;
    kernels.winogradWeights(u, memory.input(c.w).byteOffset, inC, outC);
    const [atX, atBias] = [memory.input(c.x).byteOffset, whole ? memory.input(c.b).byteOffset : 0];
    const [padded, v, m] = [paddedFloats(c.outH, c.outW, inC), 16 * tiles * inC, 16 * tiles * outC].map((count) => memory.output(count).byteOffset) as [number, number, number];
    kernels.winogradForward(y.byteOffset, atX, u, atBias, padded, v, m, n, inH, inW, inC, c.outH, c.outW, outC, c.pad, c.pad, whole ? 1 : 0);
    const bias = whole ? c.b : new Float32Array(outC);
    const expected = conv2dForward(wide(c.x), wide(c.w), wide(bias), c.sizes).map((value) => (whole ? Math.max(value, 0) : value));
    // As for winogradPoolForward below.
    const bound = (inC + 16) * ROUNDING * largest(conv2dForward(magnitudes(c.x), magnitudes(c.w), magnitudes(bias), c.sizes));
    within(worst(y, expected, c.exact ? 0 : bound), c.exact ? 0 : 1, `${c.what}, ${whole ? 'bias and ReLU' : 'plain'}`);
    memory.verify(c.what);
  }
});

onEachBuild('winogradForward on dy with the weights turned around is the gradient by x', (memory, kernels) => {
  for (const c of plainCases()) {
    const { n, inH, inW, inC, outC } = c.sizes;
    const tiles = tilesOf(inH, inW);
    // [8 - tap, outC, inC] from [tap, inC, outC]
    const turned = c.w.map((_, i) => c.w[(8 - Math.floor(i / (inC * outC))) * inC * outC + (i % inC) * outC + (Math.floor(i / inC) % outC)]!);
    const dx = memory.output(c.x.length);
    const u = memory.output(16 * Math.ceil(inC / 16) * outC * 16).byteOffset;
    kernels.winogradWeights(u, memory.input(turned).byteOffset, outC, inC);
    const atDy = memory.input(c.dy).byteOffset;
    const [padded, v, m] = [paddedFloats(inH, inW, outC), 16 * tiles * outC, 16 * tiles * inC].map((count) => memory.output(count).byteOffset) as [number, number, number];
    kernels.winogradForward(dx.byteOffset, atDy, u, 0, padded, v, m, n, c.outH, c.outW, outC, inH, inW, inC, 2 - c.pad, 2 - c.pad, 0);
    const bound = (outC + 16) * ROUNDING * largest(conv2dBackwardInput(magnitudes(c.dy), magnitudes(c.w), c.sizes));
    within(worst(dx, conv2dBackwardInput(wide(c.dy), wide(c.w), c.sizes), c.exact ? 0 : bound), c.exact ? 0 : 1, c.what);
    memory.verify(c.what);
  }
});

onEachBuild('winogradBackwardWeights overwrites dw', (memory, kernels) => {
  for (const c of plainCases()) {
    const { n, inH, inW, inC, outC } = c.sizes;
    const tiles = tilesOf(c.outH, c.outW);
    const dw = memory.output(c.w.length);
    const [atDy, atX] = [memory.input(c.dy).byteOffset, memory.input(c.x).byteOffset];
    const scratch = [paddedFloats(c.outH, c.outW, inC), 16 * tiles * inC, 16 * Math.ceil(outC / 16) * tiles * 16, 16 * inC * outC];
    const [padded, v, z, du] = scratch.map((count) => memory.output(count).byteOffset) as [number, number, number, number];
    kernels.winogradBackwardWeights(dw.byteOffset, atDy, atX, padded, v, z, du, n, inH, inW, inC, c.outH, c.outW, outC, c.pad, c.pad);
    // Sums over all tiles between transforms of 4 + 4 and 2 + 2 additions.
    const bound = (n * tiles + 16) * ROUNDING * largest(conv2dBackwardWeights(magnitudes(c.dy), magnitudes(c.x), c.sizes));
    within(worst(dw, conv2dBackwardWeights(wide(c.dy), wide(c.x), c.sizes), c.exact ? 0 : bound), c.exact ? 0 : 1, c.what);
    memory.verify(c.what);
  }
});

test.run();
