// adamStep against Adam in f64, several steps in a row, with every tail.
import { test } from 'uvu';
import { adam } from '../../src/optimizers/adam.js';
import { adamStep, kerasAdam } from '../reference/adam.js';
import { magnitudes, onEachBuild, randomFloats, ROUNDING, same, sizes, wide, within, worst } from './guardedMemory.js';

const STEPS = 5;

onEachBuild('five steps of weights, m and v', (memory, kernels) => {
  for (const count of [...sizes, 2, 6])
    for (const options of [kerasAdam, { learningRate: 0.05, beta1: 0.5, beta2: 0.75, epsilon: 1e-3 }]) {
      const what = `${count} weights, learning rate ${options.learningRate}`;
      const start = randomFloats(count, 1);
      let [w, m, v] = [start, new Float32Array(count), new Float32Array(count)];
      const expected = { w: wide(start), m: new Float64Array(count), v: new Float64Array(count) };
      const size = { w: wide(start), m: new Float64Array(count), v: new Float64Array(count) };
      const { scalars } = adam(options);
      for (let t = 1; t <= STEPS; t++) {
        // From ordinary gradients down to ones where epsilon counts, and 0.
        const g = randomFloats(count, 10 + t).map((value, i) => value * [1, 1e-3, 1e-7, 0][i % 4]!);
        const at = { w: memory.inout(w), m: memory.inout(m), v: memory.inout(v) };
        kernels.adamStep(
          at.w.byteOffset,
          at.m.byteOffset,
          at.v.byteOffset,
          memory.input(g).byteOffset,
          memory.input(scalars(t, options.learningRate)).byteOffset,
          count,
        );
        [w, m, v] = [at.w.slice(), at.m.slice(), at.v.slice()];
        memory.verify(`${what}, step ${t}`);
        adamStep(expected.w, expected.m, expected.v, wide(g), t, options);
        adamStep(size.w, size.m, size.v, magnitudes(g), t, options);

        // A step rounds m twice and its constants once each (v three times); the sums of magnitudes bound what cancels.
        within(
          worst(
            m,
            expected.m,
            size.m.map((value) => 4 * t * ROUNDING * value),
          ),
          1,
          `${what}, step ${t}: m`,
        );
        within(
          worst(
            v,
            expected.v,
            expected.v.map((value) => 5 * t * ROUNDING * value),
          ),
          1,
          `${what}, step ${t}: v`,
        );
        // The change is at most α t (|m| / √v ≤ 1 / √(1 - β2)…), known to the errors above; w is rounded once a step.
        const change = size.w.map((value, i) => Math.abs(value - start[i]!));
        within(
          worst(
            w,
            expected.w,
            change.map((value, i) => ROUNDING * (t * (Math.abs(start[i]!) + value) + 12 * t * value)),
          ),
          1,
          `${what}, step ${t}: w`,
        );
      }
    }
});

onEachBuild('a weight is treated alike in a lane and in the tail', (memory, kernels) => {
  const scalars = adam().scalars(3, 0.001);
  for (const count of [4, 5, 6, 7]) {
    const at = {
      w: memory.inout(Array<number>(count).fill(0.3)),
      m: memory.inout(Array<number>(count).fill(-0.02)),
      v: memory.inout(Array<number>(count).fill(0.007)),
    };
    kernels.adamStep(
      at.w.byteOffset,
      at.m.byteOffset,
      at.v.byteOffset,
      memory.input(Array<number>(count).fill(0.11)).byteOffset,
      memory.input(scalars).byteOffset,
      count,
    );
    for (const values of [at.w, at.m, at.v]) same(values, Array<number>(count).fill(values[0]!), `${count} weights`);
    memory.verify(`${count} weights`);
  }
});

onEachBuild('a gradient of 0 from the start moves nothing; NaN stays where it is', (memory, kernels) => {
  const at = {
    w: memory.inout([1, 2, 3, 4, 5]),
    m: memory.inout(new Float32Array(5)),
    v: memory.inout(new Float32Array(5)),
  };
  kernels.adamStep(
    at.w.byteOffset,
    at.m.byteOffset,
    at.v.byteOffset,
    memory.input([0, NaN, 0, 0, 0]).byteOffset,
    memory.input(adam().scalars(1, 0.001)).byteOffset,
    5,
  );
  same(at.w, [1, NaN, 3, 4, 5], 'w');
  memory.verify('w');
});

test.run();
