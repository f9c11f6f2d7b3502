// Powers and cosines of our own against the host's, and their exact values.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../src/base/random.js';
import { cosPi, exp, log, power } from '../../src/base/elementary.js';

test('cosPi', () => {
  assert.equal([0, 1].map(cosPi), [1, -1]);
  assert.is(Math.abs(cosPi(0.5)), 0);
  for (let i = 0; i <= 1000; i++) {
    const error = Math.abs(cosPi(i / 1000) - Math.cos((Math.PI * i) / 1000));
    assert.ok(error <= 5e-16, `${i / 1000}: off by ${error}`);
  }
});

test('log and exp', () => {
  const random = new RandomStream(1);
  for (let i = 0; i < 20_000; i++) {
    for (const x of [random.uniform() + 1e-9, 1 / (random.uniform() + 1e-9)])
      assert.ok(Math.abs(log(x) - Math.log(x)) <= 1e-15 * Math.max(1, Math.abs(Math.log(x))), `ln ${x}`);
    const x = 200 * (random.uniform() - 0.5);
    assert.ok(Math.abs(exp(x) / Math.exp(x) - 1) <= 1e-13, `e^${x}`);
  }
  assert.equal([exp(-800), exp(800), exp(0), log(1)], [0, Infinity, 1, 0]);
});

test('power', () => {
  assert.equal([power(0, 0), power(0, 0.5), power(3, 4), power(0.5, 1), power(7, 0)], [1, 0, 81, 0.5, 1]);
  for (const x of [1e-300, 1e-9, 0.3, 0.96, 1, 1.5, 700])
    for (const y of [0.001, 0.5, 1.7, 2.999, 30.25]) {
      const [ours, theirs] = [power(x, y), Math.pow(x, y)];
      assert.ok(Math.abs(ours - theirs) <= 1e-12 * theirs + 1e-307, `${x}^${y}: ${ours}, not ${theirs}`);
    }
});

test.run();
