// Activations against plain f64 loops, on counts around the lane, in place too.
import { test } from 'uvu';
import type { Kernels } from '../../src/engine/kernels.generated.js';
import * as reference from '../reference/activations.js';
import { softmaxBackward, softmaxForward } from '../reference/softmax.js';
import { onEachBuild, randomFloats, ROUNDING, same, sizes, wide, within, worst } from './guardedMemory.js';

// exp is right to 2e-7 (math.test.ts) = 3.4 roundings, tanh to 3e-7 = 5; sigmoid adds the sum and the quotient.
const limits = { relu: 0, sigmoid: 6 * ROUNDING, tanh: 5 * ROUNDING };
const names = ['relu', 'sigmoid', 'tanh'] as const;

/** A range that has both branches of tanh, and 0. */
const inputs = (count: number): Float32Array =>
  randomFloats(count, 1, -9, 9).map((x, i) => (i === 2 ? 0 : i % 3 === 0 ? x / 16 : x));
const call = (kernels: Kernels, name: (typeof names)[number], pass: 'Forward' | 'Backward') =>
  kernels[`${name}${pass}`].bind(kernels) as (...args: number[]) => void;

for (const name of names) {
  onEachBuild(`${name}: forward and backward, into a new place and in place`, (memory, kernels) => {
    for (const count of sizes)
      for (const inPlace of [false, true]) {
        const what = `${count} values${inPlace ? ' in place' : ''}`;
        const x = inputs(count);
        const atX = inPlace ? memory.inout(x) : memory.input(x);
        const y = inPlace ? atX : memory.output(count);
        call(kernels, name, 'Forward')(y.byteOffset, atX.byteOffset, count);
        const expected = reference[`${name}Forward`](wide(x));
        within(worst(y, expected, expected.map(Math.abs)), limits[name], `${what}: forward`);
        const result = y.slice();
        memory.verify(what);

        const dy = randomFloats(count, 2);
        const atDy = inPlace ? memory.inout(dy) : memory.input(dy);
        const dx = inPlace ? atDy : memory.output(count);
        call(kernels, name, 'Backward')(dx.byteOffset, atDy.byteOffset, memory.input(result).byteOffset, count);
        // From the y at hand: one product for y², one difference (of numbers up to 1), two more products.
        within(
          worst(dx, reference[`${name}Backward`](wide(dy), wide(result)), dy.map(Math.abs)),
          name === 'relu' ? 0 : 4 * ROUNDING,
          `${what}: backward`,
        );
        memory.verify(what);
      }
  });

  onEachBuild(`${name}: infinities, zeros and NaN, in a lane and in the tail`, (memory, kernels) => {
    const x = [-Infinity, Infinity, -0, 0, NaN];
    const [low, high, middle] = { relu: [0, Infinity, 0], sigmoid: [0, 1, 0.5], tanh: [-1, 1, 0] }[name] as [
      number,
      number,
      number,
    ];
    for (const value of x)
      for (const count of [4, 1]) {
        const y = memory.output(count);
        call(kernels, name, 'Forward')(y.byteOffset, memory.input(Array<number>(count).fill(value)).byteOffset, count);
        const expected = Number.isNaN(value) ? NaN : value === -Infinity ? low : value === Infinity ? high : middle;
        // sigmoid(-∞) is as small as exp's saturation allows: 1 / 2.4e38.
        for (const result of y)
          within(
            Number.isNaN(expected) && Number.isNaN(result) ? 0 : worst([result], [expected], 1),
            name === 'sigmoid' ? 1e-38 : 0,
            `${name}(${value})`,
          );
        memory.verify(name);
      }
  });
}

onEachBuild('relu gives bit for bit what max gives, and no gradient at 0', (memory, kernels) => {
  const y = memory.output(5);
  kernels.reluForward(y.byteOffset, memory.input([-1, 1e-45, 0, 3, -1e-45]).byteOffset, 5);
  same(y, Float32Array.of(0, 1e-45, 0, 3, 0), 'forward');
  const dx = memory.output(5);
  kernels.reluBackward(dx.byteOffset, memory.input([1, 2, 3, 4, 5]).byteOffset, y.byteOffset, 5);
  same(dx, [0, 2, 0, 4, 0], 'backward');
  memory.verify('relu');
});

onEachBuild('softmax: forward and backward', (memory, kernels) => {
  for (const columns of sizes)
    for (const rows of [1, 3])
      for (const inPlace of [false, true]) {
        const what = `[${rows}, ${columns}]${inPlace ? ' in place' : ''}`;
        const x = randomFloats(rows * columns, 3, -5, 5);
        const atX = inPlace ? memory.inout(x) : memory.input(x);
        const y = inPlace ? atX : memory.output(x.length);
        kernels.softmaxForward(y.byteOffset, atX.byteOffset, rows, columns);
        const expected = softmaxForward(wide(x), columns);
        // exp twice (above and in the sum, 3.4 roundings each), its argument (up to 10, half a rounding of 16), the sum and the quotient.
        within(worst(y, expected, expected), (7 + 16 + columns + 1) * ROUNDING, `${what}: forward`);
        const result = y.slice();
        memory.verify(what);

        const dy = randomFloats(rows * columns, 4);
        const atDy = inPlace ? memory.inout(dy) : memory.input(dy);
        const dx = inPlace ? atDy : memory.output(x.length);
        kernels.softmaxBackward(dx.byteOffset, atDy.byteOffset, memory.input(result).byteOffset, rows, columns);
        // Σ dy y: a product and an addition a column, of at most 1 in all; then a difference and a product.
        within(
          worst(dx, softmaxBackward(wide(dy), wide(result), columns), result),
          (columns + 4) * ROUNDING,
          `${what}: backward`,
        );
        memory.verify(what);
      }
});

onEachBuild('softmax of huge logits is finite and sums to 1', (memory, kernels) => {
  const x = [1e30, 1e30, -1e30, 0, 88, 89, -104, 1e-30, -3e38, -3e38, -3e38, -3e38];
  const y = memory.output(12);
  kernels.softmaxForward(y.byteOffset, memory.input(x).byteOffset, 3, 4);
  const expected = softmaxForward(wide(x), 4);
  // Where e^x is below f32's smallest normal number, the kernel gives that instead of 0.
  within(
    worst(
      y,
      expected,
      expected.map((value) => value + 1e-31),
    ),
    32 * ROUNDING,
    'y',
  );
  memory.verify('softmax');
});

onEachBuild('softmax: NaN in a row makes the row NaN, and no other', (memory, kernels) => {
  const y = memory.output(6);
  kernels.softmaxForward(y.byteOffset, memory.input([1, NaN, 2, 0, 0, 0]).byteOffset, 2, 3);
  same(y.subarray(0, 3), [NaN, NaN, NaN], 'first row');
  same(y.subarray(3), Array<number>(3).fill(Math.fround(1 / 3)), 'second row');
  memory.verify('softmax');
});

test.run();
