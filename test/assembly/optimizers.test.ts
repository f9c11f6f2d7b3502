// The kernels of optimizers against the formulas in f64, several steps in a row, with every tail; and that NaN is not lost.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { make, referenceSteps, type Options } from '../optimizers/steps.js';
import {
  onEachBuild,
  randomFloats,
  ROUNDING,
  same,
  sizes,
  wide,
  within,
  worst,
  type GuardedMemory,
} from './guardedMemory.js';
import type { Kernels } from '../../src/engine/kernels.generated.js';

const STEPS = 5;
const KINDS: readonly (readonly [name: string, options: Options])[] = [
  ['sgd', {}],
  ['sgd', { momentum: 0.9 }],
  ['sgd', { momentum: 0.9, nesterov: true }],
  ['rmsprop', {}],
  ['rmsprop', { momentum: 0.5 }],
  ['rmsprop', { centered: true }],
  ['rmsprop', { momentum: 0.5, centered: true }],
  ['adam', { amsgrad: true }],
  ['nadam', {}],
  ['adagrad', {}],
  ['adadelta', { learningRate: 1 }],
  ['lion', {}],
  ['sgd', { weightDecay: 0.1, useEma: true, emaMomentum: 0.5, emaOverwriteFrequency: 2 }],
  ['sgd', { clipvalue: 0.25 }],
];

/** One step of an optimizer on arrays between guards. */
function step(
  memory: GuardedMemory,
  kernels: Kernels,
  [name, options]: (typeof KINDS)[number],
  t: number,
  given: readonly Float32Array[],
  g: Float32Array,
): Float32Array[] {
  const optimizer = make(name, options);
  const [w, ...slots] = given.map((values) => memory.inout(values));
  const gradients = memory.inout(g);
  const scalars = memory.input(optimizer.scalars(t, optimizer.schedule.at(t)));
  const count = g.length;
  const plan = {
    variables: [{ name: 'w', offset: 0, size: count, role: 'weight' }] as never,
    gradients: 0,
    scratch: 0,
  };
  optimizer.step(
    kernels,
    w!.byteOffset,
    slots.map(({ byteOffset }) => byteOffset),
    gradients.byteOffset,
    scalars.byteOffset,
    count,
    plan,
    0,
  );
  const after = [w!, ...slots].map((values) => values.slice());
  memory.verify(`${name}, step ${t}`);
  return after;
}

for (const kind of KINDS) {
  const [name, options] = kind;
  const what = `${name}(${JSON.stringify(options)})`;
  onEachBuild(`five steps of ${what}`, (memory, kernels) => {
    for (const count of sizes) {
      const start = randomFloats(count, 1);
      const gradients = Array.from({ length: STEPS }, (_, i) => randomFloats(count, 10 + i));
      const { weights } = referenceSteps(name, options, start, gradients, { w: count });
      const slots = make(name, options).slots.map(() => new Float32Array(count));
      make(name, options).begin?.(slots, start);
      let state = [start, ...slots];
      for (const [i, g] of gradients.entries()) {
        state = step(memory, kernels, kind, i + 1, state, g);
        // A few roundings a step, of weights of up to 1 and changes that are smaller; Adadelta's of up to 1.
        within(worst(state[0]!, weights[i]!, 16 * (i + 1) * ROUNDING), 1, `${count} weights, step ${i + 1}`);
      }
    }
  });

  onEachBuild(`${what}: a weight is treated alike in a lane and in the tail`, (memory, kernels) => {
    for (const count of [4, 5, 6, 7, 13]) {
      const slots = make(name, options).slots.map(() => new Float32Array(count).fill(0.007));
      const after = step(
        memory,
        kernels,
        kind,
        3,
        [new Float32Array(count).fill(0.3), ...slots],
        new Float32Array(count).fill(0.11),
      );
      for (const values of after) same(values, new Float32Array(count).fill(values[0]!), `${count} weights`);
    }
  });

  onEachBuild(`${what}: NaN in a gradient comes to its weight, and no other`, (memory, kernels) => {
    const slots = make(name, options).slots.map(() => new Float32Array(5));
    const start = Float32Array.of(1, 1, 1, 1, 1);
    make(name, options).begin?.(slots, start);
    const [w] = step(memory, kernels, kind, 1, [start, ...slots], Float32Array.of(0.5, NaN, 0.5, 0.5, 0.5));
    same(w!, [w![0]!, NaN, w![0]!, w![0]!, w![0]!], 'w');
    assert.ok(Number.isFinite(w![0]!));
  });
}

onEachBuild('sums of squares, and gradients that are shortened to a norm', (memory, kernels) => {
  for (const count of [...sizes, 1000]) {
    const g = randomFloats(count, 3);
    const exact = wide(g).reduce((sum, value) => sum + value * value, 0);
    const sum = memory.output(2);
    kernels.sumOfSquares(sum.byteOffset, memory.input(g).byteOffset, count);
    const [found] = new Float64Array(sum.slice().buffer);
    memory.verify(`${count} squares`);
    within(Math.abs(found! - exact) / exact, 1e-13, `${count} squares`);
    for (const limit of [0.01, 100]) {
      const shortened = memory.inout(g);
      const parts = memory.input(new Float32Array(Float64Array.of(exact / 4, exact / 4, exact / 2).buffer));
      kernels.clipByNorm(shortened.byteOffset, parts.byteOffset, memory.input([limit]).byteOffset, count, 3);
      const factor = Math.min(1, Math.fround(limit) / Math.sqrt(exact));
      within(
        worst(
          shortened,
          wide(g).map((value) => value * factor),
          2 * ROUNDING,
        ),
        1,
        `${count} values, limit ${limit}`,
      );
      memory.verify(`${count} values, limit ${limit}`);
    }
  }
});

test.run();
