// Adam against two steps worked out by hand (40 decimal digits, rounded here to 17).
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { adamStep, kerasAdam } from './adam.js';

/** 1 − 0.999 in f64 is off by up to 1e-13 of itself, so 1e-12. */
const close = (actual: Float64Array, expected: number[]): void =>
  expected.forEach((value, i) =>
    assert.ok(Math.abs(actual[i]! - value) <= 1e-12 * Math.abs(value), `${actual[i]} instead of ${value}`),
  );

test('two steps with round numbers', () => {
  const options = { learningRate: 0.1, beta1: 0.5, beta2: 0.75, epsilon: 1 };
  const [w, m, v] = [Float64Array.of(1), Float64Array.of(0), Float64Array.of(0)];
  // m = 0.5 · 2 = 1, v = 0.25 · 4 = 1, alpha = 0.1 √0.25 / 0.5 = 0.1, w = 1 − 0.1 · 1 / (1 + 1)
  adamStep(w, m, v, Float64Array.of(2), 1, options);
  close(w, [0.95]);
  // m = 0.5 + 0.5 · 3 = 2, v = 0.75 + 0.25 · 9 = 3, alpha = 0.1 √0.4375 / 0.75 = 0.0881917…, w = 0.95 − 0.1763834… / (√3 + 1)
  adamStep(w, m, v, Float64Array.of(3), 2, options);
  close(m, [2]);
  close(v, [3]);
  close(w, [0.88543918720362502]);
});

test("two steps with Keras' defaults, one gradient so small that epsilon counts", () => {
  const [w, m, v] = [Float64Array.of(0.25, -1), new Float64Array(2), new Float64Array(2)];
  // alpha = 0.001 √0.001 / 0.1 = 0.000316227766…
  adamStep(w, m, v, Float64Array.of(0.02, 1e-6), 1, kerasAdam);
  close(m, [0.002, 1e-7]);
  close(v, [4e-7, 1e-15]);
  close(w, [0.24900015808888699, -1.000240253073352]);
  // alpha = 0.001 √0.001999 / 0.19 = 0.000235316725…
  adamStep(w, m, v, Float64Array.of(-0.01, 3e-6), 2, kerasAdam);
  close(m, [0.0008, 3.9e-7]);
  close(v, [4.996e-7, 9.999e-15]);
  close(w, [0.24873385872471702, -1.0006991321600046]);
});

test.run();
