// Slopes of penalties against central differences of the penalties.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { regularizers } from '../../src/index.js';
import { RandomStream } from '../../src/base/random.js';
import { gradientError } from './centralDifferences.js';
import { activityPenalty, weightPenalties } from './penalties.js';

const random = new RandomStream(5);
/** Away from 0, where |x| has its kink. */
const values = Float64Array.from({ length: 12 }, () => random.between(0.1, 1) * (random.below(2) === 0 ? 1 : -1));
const { l1, l2, l1l2 } = regularizers;

for (const regularizer of [l1(), l2({ l2: 0.3 }), l1l2({ l1: 0.2, l2: 0.5 })]) {
  test(`${regularizer.className} on a weight and on an output`, () => {
    const config = { depthwiseRegularizer: regularizer, activityRegularizer: regularizer };
    const own = weightPenalties(config, ['depthwiseKernel', 'bias'], [values, values]);
    assert.is(own.slopes[1], null);
    assert.ok(Math.abs(own.penalty - regularizer.penalty(Float32Array.from(values), 0, 12)) <= 1e-6);
    const pairs = [
      [own.slopes[0]!, (x: Float64Array) => weightPenalties(config, ['depthwiseKernel'], [x]).penalty],
      [activityPenalty(config, values, 3)!.slopes, (x: Float64Array) => activityPenalty(config, x, 3)!.penalty],
    ] as const;
    for (const [slopes, penalty] of pairs) {
      const error = gradientError(values, slopes, () => penalty(values));
      assert.ok(error <= 1e-7, `off by ${error} of the largest`);
    }
  });
}

test.run();
