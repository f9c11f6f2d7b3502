// Values by rank, against sorting all of them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ranked } from '../../src/data/digitImage/ranked.js';
import { RandomStream } from '../../src/base/random.js';

test('the values that sorting would put there', () => {
  const random = new RandomStream(8);
  for (const length of [1, 2, 3, 100, 5001]) {
    const floats = Float32Array.from({ length }, () =>
      random.uniform() < 0.3 ? -7.25 : 1000 * random.uniform() ** 4 - 500,
    );
    for (const values of [floats, Uint8Array.from(floats), new Float32Array(length).fill(3), new Uint8Array(length)]) {
      const ranks = [0, length >> 2, length >> 1, length - 1],
        sorted = values.slice().sort();
      assert.equal(
        ranked(values, ...ranks),
        ranks.map((rank) => sorted[rank]!),
      );
    }
  }
});

test.run();
