// Penalties and constraints against plain f64 loops, on every length of a tail and every place of the axes.
import * as assert from 'uvu/assert';
import { test } from 'uvu';
import type { Kernels } from '../../src/engine/kernels.generated.js';
import { onEachBuild, randomFloats, sizes, within, type GuardedMemory } from './guardedMemory.js';

/** A few roundings of f32 each. */
const ROUNDINGS = 4e-7;
const distanceOf = (given: ArrayLike<number>, wanted: ArrayLike<number>): number =>
  Array.from(given).reduce((worst, value, i) => {
    const distance = Math.abs(value - wanted[i]!);
    return distance <= worst ? worst : distance;
  }, 0);

/** Some zeros, of either sign: the slope of |x| there is 0. */
const withZeros = (values: Float32Array): Float32Array =>
  values.map((value, i) => (i % 5 === 2 ? (i % 2 === 0 ? 0 : -0) : value));

onEachBuild("slopes of penalties are added, and each example's penalty", (memory, kernels) => {
  for (const size of [...sizes, 33])
    for (const [l1, l2] of [
      [0.5, 0],
      [0, 0.25],
      [0.1, 2],
    ] as const) {
      const values = withZeros(randomFloats(size, 3));
      const before = randomFloats(size, 4);
      const [x, gradients] = [memory.input(values), memory.inout(before)];
      kernels.addPenaltySlopes(gradients.byteOffset, x.byteOffset, size, l1, 2 * l2);
      const wanted = before.map((value, i) => value + l1 * Math.sign(values[i]!) + 2 * l2 * values[i]!);
      within(distanceOf(gradients, wanted), ROUNDINGS * 8, `slopes of ${size}`);
      memory.verify(`slopes of ${size}`);
      for (const n of [1, 3]) {
        const examples = randomFloats(n * size, 5);
        const [given, penalties] = [memory.input(examples), memory.output(n)];
        kernels.penaltyOfEach(penalties.byteOffset, given.byteOffset, n, size, l1, l2);
        const sums = Array.from({ length: n }, (_, i) =>
          examples
            .subarray(i * size, (i + 1) * size)
            .reduce((sum, value) => sum + l1 * Math.abs(value) + l2 * value * value, 0),
        );
        for (const [i, sum] of sums.entries())
          within(Math.abs(penalties[i]! / sum - 1), ROUNDINGS, `penalty of ${size}`);
        memory.verify(`penalties of ${n} × ${size}`);
      }
    }
});

onEachBuild('an example weighs as much as it is told', (memory, kernels) => {
  for (const size of sizes)
    for (const n of [1, 4, 5]) {
      const [values, given] = [randomFloats(n * size, 6), randomFloats(n, 7)];
      const [dx, weights] = [memory.inout(values), memory.input(given)];
      kernels.weighExamples(dx.byteOffset, weights.byteOffset, n, size);
      assert.equal(
        [...dx],
        [...values].map((value, i) => Math.fround(value * given[Math.floor(i / size)]!)),
      );
      memory.verify(`${n} × ${size}`);
    }
});

type Sizes = readonly [a: number, r: number, b: number, s: number, c: number];

function constrained(
  values: Float32Array,
  [a, r, b, s, c]: Sizes,
  least: number,
  most: number,
  rate: number,
): number[] {
  const result = [...values];
  for (let i = 0; i < a; i++)
    for (let k = 0; k < b; k++)
      for (let m = 0; m < c; m++) {
        const places: number[] = [];
        for (let j = 0; j < r; j++) for (let l = 0; l < s; l++) places.push((((i * r + j) * b + k) * s + l) * c + m);
        const norm = Math.sqrt(places.reduce((sum, at) => sum + values[at]! * values[at]!, 0));
        const desired = rate * Math.min(Math.max(norm, least), most) + (1 - rate) * norm;
        for (const at of places) result[at] = (values[at]! * desired) / (1e-7 + norm);
      }
  return result;
}

function normsCase(
  memory: GuardedMemory,
  kernels: Kernels,
  shape: Sizes,
  [least, most, rate]: readonly number[],
): void {
  const what = `[${shape.join(', ')}] from ${least} to ${most} by ${rate}`;
  const values = randomFloats(
    shape.reduce((a, b) => a * b),
    8,
  );
  const w = memory.inout(values);
  kernels.constrainNorms(w.byteOffset, ...shape, least!, most!, rate!);
  within(distanceOf(w, constrained(values, shape, least!, most!, rate!)), 1e-6, what);
  memory.verify(what);
}

onEachBuild('norms along any axes are brought between two bounds', (memory, kernels) => {
  for (const bounds of [
    [0, 0.7, 1],
    [1, 1, 1],
    [0.4, 0.8, 0.5],
  ]) {
    for (const columns of sizes) normsCase(memory, kernels, [1, 6, 1, 1, columns], bounds);
    for (const shape of [
      [3, 5, 1, 1, 1],
      [2, 3, 4, 5, 1],
      [1, 2, 3, 4, 5],
      [2, 3, 2, 1, 6],
      [1, 1, 1, 1, 1],
    ] as const)
      normsCase(memory, kernels, shape, bounds);
  }
});

onEachBuild('no weight is left below 0, and NaN is not lost', (memory, kernels) => {
  for (const size of sizes) {
    const values = randomFloats(size, 9);
    const w = memory.inout(values);
    kernels.keepNonNegative(w.byteOffset, size);
    assert.equal(
      [...w],
      [...values].map((value) => Math.max(value, 0)),
    );
    memory.verify(`${size}`);
    const bad = memory.inout(values.map((value, i) => (i === size - 1 ? NaN : value)));
    kernels.keepNonNegative(bad.byteOffset, size);
    assert.ok(Number.isNaN(bad[size - 1]!));
    memory.verify(`${size}, NaN`);
  }
});

test.run();
