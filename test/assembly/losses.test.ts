// Losses against plain f64 loops, on sizes around the lane, with probabilities of 0 and 1 among them.
import { test } from 'uvu';
import type { Kernels } from '../../src/engine/kernels.generated.js';
import * as reference from '../reference/losses.js';
import type { ReferenceLoss } from '../reference/losses.js';
import { onEachBuild, randomFloats, ROUNDING, sizes, wide, within, worst } from './guardedMemory.js';

type Rows = readonly [n: number, rows: number, columns: number];

interface Case {
  readonly name: string;
  readonly loss: ReferenceLoss;
  readonly probabilities: boolean;
  forward(kernels: Kernels, losses: number, x: number, t: number, rows: Rows): void;
  backward?(kernels: Kernels, dx: number, x: number, t: number, rows: Rows, divisor: number): void;
}

const all = ([n, rows, columns]: Rows): number => n * rows * columns;

const cases: readonly Case[] = [
  {
    name: 'meanSquaredError',
    loss: reference.meanSquaredError,
    probabilities: false,
    forward: (k, losses, x, t, [n, rows, columns]) => k.meanSquaredErrorForward(losses, x, t, n, rows * columns),
    backward: (k, dx, x, t, rows, divisor) => k.meanSquaredErrorBackward(dx, x, t, all(rows), divisor),
  },
  {
    name: 'meanAbsoluteError',
    loss: reference.meanAbsoluteError,
    probabilities: false,
    forward: (k, losses, x, t, [n, rows, columns]) => k.meanAbsoluteErrorForward(losses, x, t, n, rows * columns),
    backward: (k, dx, x, t, rows, divisor) => k.meanAbsoluteErrorBackward(dx, x, t, all(rows), divisor),
  },
  {
    name: 'huber',
    loss: reference.huber(0.75),
    probabilities: false,
    forward: (k, losses, x, t, [n, rows, columns]) => k.huberForward(losses, x, t, n, rows * columns, 0.75),
    backward: (k, dx, x, t, rows, divisor) => k.huberBackward(dx, x, t, all(rows), divisor, 0.75),
  },
  {
    name: 'sigmoidCrossEntropy',
    loss: reference.sigmoidCrossEntropy,
    probabilities: false,
    forward: (k, losses, x, t, [n, rows, columns]) => k.sigmoidCrossEntropyForward(losses, x, t, n, rows * columns),
  },
  ...(
    [
      [0, 1, 1],
      [2, 1, 1],
      [0.5, 0.25, 0.75],
    ] as const
  ).map(([gamma, yes, no]): Case => ({
    name: `binaryCrossEntropy, gamma ${gamma}, ${yes} : ${no}`,
    loss: reference.binaryCrossEntropy(gamma, yes, no),
    probabilities: true,
    forward: (k, losses, x, t, [n, rows, columns]) =>
      k.binaryCrossEntropyForward(losses, x, t, n, rows * columns, gamma, yes, no),
    backward: (k, dx, x, t, rows, divisor) =>
      k.binaryCrossEntropyBackward(dx, x, t, all(rows), divisor, gamma, yes, no),
  })),
  ...(
    [
      [1, 0],
      [0.25, 2],
      [1, 0.5],
    ] as const
  ).map(([alpha, gamma]): Case => ({
    name: `categoricalCrossEntropy, alpha ${alpha}, gamma ${gamma}`,
    loss: reference.categoricalCrossEntropy(alpha, gamma),
    probabilities: true,
    forward: (k, losses, x, t, rows) => k.categoricalCrossEntropyForward(losses, x, t, ...rows, alpha, gamma),
    backward: (k, dx, x, t, [n, rows, columns], divisor) =>
      k.categoricalCrossEntropyBackward(dx, x, t, n * rows, columns, divisor, alpha, gamma),
  })),
  {
    name: 'kullbackLeibler',
    loss: reference.kullbackLeibler,
    probabilities: true,
    forward: (k, losses, x, t, rows) => k.kullbackLeiblerForward(losses, x, t, ...rows),
    backward: (k, dx, x, t, rows, divisor) => k.kullbackLeiblerBackward(dx, x, t, all(rows), divisor),
  },
];

/** Predictions and targets; probabilities with some at the ends, where they are clipped. */
function data(count: number, probabilities: boolean): [x: Float32Array, t: Float32Array] {
  if (!probabilities) return [randomFloats(count, 1, -3, 3), randomFloats(count, 2, 0, 1)];
  const x = randomFloats(count, 1, 0.01, 0.99).map((p, i) => (i % 7 === 5 ? 0 : i % 11 === 7 ? 1 : p));
  return [x, randomFloats(count, 2, 0, 1).map((p, i) => (i % 3 === 0 ? 0 : p))];
}

for (const { name, loss, probabilities, forward, backward } of cases)
  onEachBuild(`${name}: forward and backward`, (memory, kernels) => {
    for (const columns of [2, ...sizes])
      for (const [n, rows] of [
        [1, 1],
        [3, 1],
        [2, 5],
      ] as const) {
        if (/^(categorical|kull)/.test(name) && columns === 1) continue;
        const all = [n, rows, columns] as const;
        const [x, t] = data(n * rows * columns, probabilities);
        const [atX, atT, losses] = [memory.input(x), memory.input(t), memory.output(n)];
        forward(kernels, losses.byteOffset, atX.byteOffset, atT.byteOffset, all);
        const expected = loss(wide(x), wide(t), n, columns);
        // One rounding, of a sum in f64 whose terms are right to 1e-12.
        within(worst(losses, expected.losses, expected.losses), 1.01 * ROUNDING, `${all}: losses`);
        if (backward) {
          const dx = memory.output(x.length);
          const byRow = /^(categorical|kull)/.test(name);
          backward(kernels, dx.byteOffset, atX.byteOffset, atT.byteOffset, all, byRow ? n * rows : x.length);
          const largest = expected.dx.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
          within(worst(dx, expected.dx, largest), 1.01 * ROUNDING, `${all}: dx`);
        }
        memory.verify(`${all}`);
      }
  });

onEachBuild('smoothLabels and meanOfEach', (memory, kernels) => {
  for (const count of sizes) {
    const t = randomFloats(count, 3, 0, 1);
    const y = memory.output(count);
    kernels.smoothLabels(y.byteOffset, memory.input(t).byteOffset, count, 0.9, 0.025);
    within(
      worst(
        y,
        wide(t).map((value) => 0.9 * value + 0.025),
        1,
      ),
      2 * ROUNDING,
      `${count}: smoothed`,
    );
    const means = memory.output(2);
    const x = randomFloats(2 * count, 4);
    kernels.meanOfEach(means.byteOffset, memory.input(x).byteOffset, 2, count);
    const mean = (from: number): number =>
      wide(x)
        .slice(from, from + count)
        .reduce((a, b) => a + b) / count;
    within(worst(means, [mean(0), mean(count)], 1), ROUNDING, `${count}: means`);
    memory.verify(`${count}`);
  }
});

onEachBuild('NaN in a prediction shows in every loss', (memory, kernels) => {
  for (const { name, forward, probabilities } of cases) {
    const [x, t] = data(6, probabilities);
    x[4] = NaN;
    t.fill(0.5);
    const losses = memory.output(2);
    forward(kernels, losses.byteOffset, memory.input(x).byteOffset, memory.input(t).byteOffset, [2, 1, 3]);
    within(Number.isNaN(losses[1]) && Number.isFinite(losses[0]) ? 0 : 1, 0, `${name}: ${losses}`);
    memory.verify(name);
  }
});

test.run();
