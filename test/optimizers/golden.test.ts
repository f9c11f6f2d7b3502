// Every optimizer, its options and schedules: 20 steps as Keras makes them (test/golden/optimizers.json), in f64 by the formulas and in f32
// by the kernels.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { schedules, type Schedule } from '../../src/index.js';
import { denseModel, make, referenceSteps, runSteps, type Options } from './steps.js';
import { setToAverage } from '../../src/training/fit.js';

interface Recorded {
  readonly name: string;
  readonly options: Options;
  /** After steps 1, 2 and 20. */
  readonly steps: readonly (readonly number[])[];
  readonly finalized: readonly number[];
}

interface Rates {
  readonly name: string;
  readonly options: object;
  readonly steps: readonly number[];
  readonly rates: readonly number[];
}

const recorded = JSON.parse(readFileSync(new URL('../../../test/golden/optimizers.json', import.meta.url), 'utf8')) as {
  readonly optimizers: readonly Recorded[];
  readonly schedules: readonly Rates[];
  readonly oneCycle: readonly Rates[];
};

const [STEPS, WEIGHTS] = [20, 18];
const KEPT = [1, 2, STEPS];

/** As recordOptimizers.py makes them. */
function numbers(stream: number, factor = 1): Float32Array {
  return Float32Array.from({ length: WEIGHTS }, (_, i) => {
    const thousandths = ((i * 7919 + stream * 104729 + 12345) % 2001) - 1000;
    return factor * Math.fround(thousandths / 1000);
  });
}

const gradients = Array.from({ length: STEPS }, (_, i) => numbers(i + 1, (i + 1) % 5 === 0 ? 4 : 1));
const scheduleOf = (name: string, options: object): Schedule =>
  (schedules as unknown as Record<string, (options: object) => Schedule>)[name]!(options);

/** With a schedule in place of the class that the record names. */
function optionsOf({ options }: Recorded): Options {
  const { learningRate, ...rest } = options;
  if (typeof learningRate !== 'object') return options;
  const { class: name, ...own } = learningRate as { class: string };
  return { ...rest, learningRate: scheduleOf(name[0]!.toLowerCase() + name.slice(1), own) };
}

function worst(actual: ArrayLike<number>, expected: readonly number[]): number {
  assert.is(actual.length, expected.length);
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(actual[i]! - value)), 0);
}

for (const record of recorded.optimizers) {
  const { name, steps, finalized } = record;
  const what = `${name}(${JSON.stringify(record.options)})`;
  test(`${what}: the formulas in f64`, () => {
    const options = optionsOf(record);
    const { learningRate } = options;
    const rateOf = typeof learningRate === 'object' ? [(t: number) => (learningRate as Schedule).at(t)] : [];
    const { weights } = referenceSteps(name, options, numbers(0), gradients, { kernel: 15, bias: 3 }, ...rateOf);
    for (const [i, t] of KEPT.entries()) {
      const error = worst(weights[t - 1]!, steps[i]!);
      // TensorFlow makes f32 of some of Keras' numbers (1 - β2 is known to 6e-6 then), whatever the weights are.
      const change = worst(numbers(0), steps[i]!);
      assert.ok(error <= 1e-5 * change, `step ${t}: off by ${error} of ${change}`);
    }
  });
  test(`${what}: the kernels`, async () => {
    const model = denseModel(5, 3, make(name, optionsOf(record)));
    const all = numbers(0);
    model.setWeights([
      { data: all.slice(0, 15), shape: [5, 3] },
      { data: all.slice(15), shape: [3] },
    ]);
    const weightsNow = (): number[] => model.getWeights().flatMap(({ data }) => [...data]);
    runSteps(model, gradients, (t) => {
      const i = KEPT.indexOf(t);
      if (i < 0) return;
      const error = worst(weightsNow(), steps[i]!);
      // Weights of up to 1 are rounded a few times a step, and so are changes of up to 0.05.
      assert.ok(error <= 2e-7 * (t + 1), `step ${t}: off by ${error}`);
    });
    const { average } = model.compiled!.optimizer;
    if (average) await setToAverage(model, average);
    const error = worst(weightsNow(), finalized);
    assert.ok(error <= 4e-6, `at the end: off by ${error}`);
  });
}

for (const { name, options, steps, rates } of recorded.schedules)
  test(`${name}(${JSON.stringify(options)}): rates`, () => {
    const schedule = scheduleOf(name, options);
    for (const [i, step] of steps.entries()) {
      const rate = schedule.at(step + 1);
      // TensorFlow makes f32 of Keras' numbers.
      assert.ok(Math.abs(rate - rates[i]!) <= 5e-7 * Math.max(0.1, rate), `step ${step}: ${rate}, not ${rates[i]}`);
    }
    const again = scheduleOf(name, JSON.parse(JSON.stringify(schedule.getConfig())) as object);
    assert.is(again.at(7), schedule.at(7));
  });

for (const { options, rates } of recorded.oneCycle)
  test(`oneCycle(${JSON.stringify(options)}): rates`, () => {
    const schedule = scheduleOf('oneCycle', options);
    for (const [step, expected] of rates.entries()) {
      const rate = schedule.at(step + 1);
      assert.ok(Math.abs(rate - expected) <= 1e-14, `step ${step}: ${rate}, not ${expected}`);
    }
  });

test.run();
