// Activations of straight lines and with exponentials against f64, on counts around the lane, in place too, and over a dense sample.
import { test } from 'uvu';
import type { Kernels } from '../../src/engine/kernels.generated.js';
import { logSoftmax } from '../reference/activationLayers.js';
import { clippedRelu, elu, pointwise, type Pointwise } from '../reference/pointwise.js';
import { magnitudes, onEachBuild, randomFloats, ROUNDING, same, sizes, wide, within, worst } from './guardedMemory.js';

type Forward = (kernels: Kernels, y: number, x: number, count: number) => void;
type Backward = (kernels: Kernels, dx: number, dy: number, from: number, count: number) => void;

interface Case {
  readonly name: string;
  readonly expected: Pointwise;
  readonly reads: 'x' | 'y';
  /** Relative error of y, and of dx as a share of |dy|, in units of a rounding. */
  readonly forwardError: number;
  readonly backwardError: number;
  readonly forward: Forward;
  readonly backward: Backward;
}

type Plain =
  'exponential' | 'softplus' | 'softsign' | 'silu' | 'mish' | 'gelu' | 'geluApproximate' | 'hardSigmoid' | 'hardSwish';

const plain = (name: Plain, reads: 'x' | 'y', forwardError: number, backwardError: number): Case => ({
  name,
  expected: pointwise[name]!,
  reads,
  forwardError,
  backwardError,
  forward: (kernels, ...args) => kernels[`${name}Forward`](...args),
  backward: (kernels, ...args) => kernels[`${name}Backward`](...args),
});
const clipped = (slope: number, threshold: number, top: number): Case => ({
  name: `clippedRelu(${slope}, ${threshold}, ${top})`,
  expected: clippedRelu(Math.fround(slope), Math.fround(threshold), top),
  reads: 'y',
  forwardError: 2,
  backwardError: 1,
  forward: (kernels, ...args) => kernels.clippedReluForward(...args, slope, threshold, top),
  backward: (kernels, ...args) => kernels.clippedReluBackward(...args, slope, top),
});
const eluOf = (negative: number, scale: number): Case => ({
  name: `elu(${negative}, ${scale})`,
  expected: elu(Math.fround(negative) / Math.fround(scale), Math.fround(scale)),
  reads: 'y',
  forwardError: 6,
  backwardError: 8,
  forward: (kernels, ...args) => kernels.eluForward(...args, negative, scale),
  backward: (kernels, ...args) => kernels.eluBackward(...args, negative, scale),
});

// exp4 and expm14 are right to 3.4 and 5 roundings, erfc to 2; a sum, a product or a quotient adds one.
const cases: readonly Case[] = [
  clipped(0, 0, 6),
  clipped(0.2, 0, 3.4028234663852886e38),
  clipped(0.1, 1.5, 4),
  eluOf(1, 1),
  eluOf(1.7580993408473766, 1.0507009873554805),
  eluOf(0.5, 1),
  plain('hardSigmoid', 'y', 3, 1),
  plain('hardSwish', 'x', 4, 3),
  plain('exponential', 'y', 4, 20),
  plain('softplus', 'y', 8, 8),
  plain('softsign', 'y', 2, 4),
  plain('silu', 'x', 7, 8),
  plain('mish', 'x', 12, 10),
  plain('gelu', 'x', 3, 3),
  plain('geluApproximate', 'x', 1.01, 2),
];

/** Within ±10, some close to 0; not where the lines meet. */
const inputs = (count: number): Float32Array =>
  randomFloats(count, 1, -10, 10).map((x, i) => (i % 3 === 0 ? x / 64 : x));

for (const each of cases) {
  const { name, expected, reads, forwardError, backwardError, forward, backward } = each;
  onEachBuild(`${name}: forward and backward, into a new place and in place`, (memory, kernels) => {
    for (const count of [...sizes, 2000])
      for (const inPlace of [false, true]) {
        const what = `${count} values${inPlace ? ' in place' : ''}`;
        const x = inputs(count);
        const atX = inPlace ? memory.inout(x) : memory.input(x);
        const y = inPlace ? atX : memory.output(count);
        forward(kernels, y.byteOffset, atX.byteOffset, count);
        const values = wide(x).map((value) => expected.of(value));
        // Near the threshold x - threshold is right to a rounding of the threshold.
        const bound = magnitudes(values).map((value) => value + (name.startsWith('clipped') ? 0.2 : 0));
        within(worst(y, values, bound), forwardError * ROUNDING, `${what}: forward`);
        const result = y.slice();
        memory.verify(what);

        const dy = randomFloats(count, 2);
        const atDy = inPlace ? memory.inout(dy) : memory.input(dy);
        const dx = inPlace ? atDy : memory.output(count);
        const from = memory.input(reads === 'x' ? x : result);
        backward(kernels, dx.byteOffset, atDy.byteOffset, from.byteOffset, count);
        const slopes = wide(x).map((value) => expected.slope(value));
        const expectedDx = slopes.map((slope, i) => slope * dy[i]!);
        // Slopes of an exponential are as large as it is.
        const size = magnitudes(dy).map((value, i) => value * Math.max(1, Math.abs(slopes[i]!)));
        within(worst(dx, expectedDx, size), backwardError * ROUNDING, `${what}: backward`);
        memory.verify(what);
      }
  });

  onEachBuild(`${name}: far out, and NaN`, (memory, kernels) => {
    for (const value of [-1e30, -1000, -88, 88, 1000, 1e30])
      for (const count of [4, 1]) {
        if (name === 'exponential' && value > 88) continue;
        const y = memory.output(count);
        const x = memory.input(Array<number>(count).fill(value));
        forward(kernels, y.byteOffset, x.byteOffset, count);
        const wanted = expected.of(value);
        // Where exp saturates, 1e-36 stands for what is smaller.
        for (const found of y)
          within(Math.abs(found - wanted) / Math.max(Math.abs(wanted), 1e-29), 1e-6, `${name}(${value})`);
        memory.verify(name);
      }
    const y = memory.output(5);
    forward(kernels, y.byteOffset, memory.input([NaN, 1, 1, 1, NaN]).byteOffset, 5);
    within(Number.isNaN(y[0]) && Number.isNaN(y[4]) && Number.isFinite(y[3]) ? 0 : 1, 0, `${name} of NaN: ${y}`);
    memory.verify(name);
  });
}

onEachBuild('logSoftmax: forward and backward', (memory, kernels) => {
  for (const rows of [1, 3])
    for (const columns of sizes) {
      const x = randomFloats(rows * columns, 5, -20, 20);
      const y = memory.output(x.length);
      kernels.logSoftmaxForward(y.byteOffset, memory.input(x).byteOffset, rows, columns);
      const { values, backward } = logSoftmax({ values: wide(x), shape: [columns] });
      // exp of the differences to the largest is right to 3.4 roundings, which the logarithm of their sum has as an absolute error.
      within(
        worst(
          y,
          values,
          magnitudes(values).map((value) => value + 1),
        ),
        5 * ROUNDING,
        `${rows} × ${columns}`,
      );
      const dy = randomFloats(x.length, 6);
      const dx = memory.output(x.length);
      kernels.logSoftmaxBackward(dx.byteOffset, memory.input(dy).byteOffset, memory.input(y).byteOffset, rows, columns);
      within(worst(dx, backward(wide(dy)).inputs[0]!, columns), 40 * ROUNDING, `${rows} × ${columns}: backward`);
      memory.verify(`${rows} × ${columns}`);
    }
});

onEachBuild('prelu: alpha by value, channel, row and column; dAlpha is added to', (memory, kernels) => {
  const [n, rows, columns, channels] = [2, 3, 5, 4] as const;
  for (const [strides, alphas] of [
    [[columns * channels, channels, 1], rows * columns * channels],
    [[0, 0, 1], channels],
    [[channels, 0, 1], rows * channels],
    [[0, 1, 0], columns],
    [[0, 0, 0], 1],
  ] as const) {
    const what = `strides ${strides}`;
    const count = n * rows * columns * channels;
    const x = randomFloats(count, 1).map((value, i) => (i === 3 ? 0 : value));
    const [dy, alpha] = [randomFloats(count, 2), randomFloats(alphas, 3)];
    const place = (i: number): number =>
      (Math.floor(i / (columns * channels)) % rows) * strides[0] +
      (Math.floor(i / channels) % columns) * strides[1] +
      (i % channels) * strides[2];
    const [atX, atAlpha, atDy] = [memory.input(x), memory.input(alpha), memory.input(dy)];
    const y = memory.output(count);
    const [rowStride, columnStride, channelStride] = strides;
    const sizes = [n, rows, columns, channels, rowStride, columnStride, channelStride] as const;
    kernels.preluForward(y.byteOffset, atX.byteOffset, atAlpha.byteOffset, ...sizes);
    same(
      y,
      x.map((v, i) => (v > 0 ? v : Math.fround(alpha[place(i)]! * v))),
      `${what}: y`,
    );
    const dx = memory.output(count);
    const dAlpha = memory.inout(new Float32Array(alphas).fill(0.5));
    kernels.preluBackward(
      dx.byteOffset,
      dAlpha.byteOffset,
      atDy.byteOffset,
      atX.byteOffset,
      atAlpha.byteOffset,
      ...sizes,
    );
    same(
      dx,
      dy.map((gradient, i) => (x[i]! > 0 ? gradient : Math.fround(alpha[place(i)]! * gradient))),
      `${what}: dx`,
    );
    const expected = new Float64Array(alphas).fill(0.5);
    for (let i = 0; i < count; i++) if (x[i]! <= 0) expected[place(i)]! += dy[i]! * x[i]!;
    within(worst(dAlpha, expected, 30), 2 * ROUNDING, `${what}: dAlpha`);
    memory.verify(what);
  }
});

test.run();
