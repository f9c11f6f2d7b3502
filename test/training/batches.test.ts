// The way of a batch into the engine's memory: each example whole, in the order that was asked for, of any kind and size.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TensorData } from '../../src/base/tensor.js';
import { copyExamples } from '../../src/training/batches.js';

const order = Uint32Array.of(3, 0, 4, 4, 1);
const GUARD = 7;

for (const size of [1, 3, 127, 128, 129, 784]) {
  const values = Array.from({ length: 5 * size }, (_, i) => (i * 37) % 256);
  const kinds: Record<string, [from: TensorData, to: Uint8Array | Float32Array]> = {
    bytes: [Uint8Array.from(values), new Uint8Array(4 * size).fill(GUARD)],
    'a canvas': [Uint8ClampedArray.from(values), new Uint8Array(4 * size).fill(GUARD)],
    floats: [Float32Array.from(values, (value) => value / 255), new Float32Array(4 * size).fill(GUARD)],
    integers: [Int32Array.from(values), new Float32Array(4 * size).fill(GUARD)],
    'shared memory': [
      Uint8Array.from([9, ...values]).subarray(1),
      new Uint8Array(new SharedArrayBuffer(4 * size)).fill(GUARD),
    ],
  };
  for (const [kind, [from, to]] of Object.entries(kinds)) {
    test(`examples of ${size} elements: ${kind}`, () => {
      copyExamples(to, from, size, order, 1, 3);
      const expected = [0, 4, 4].flatMap((example) => Array.from(from.subarray(example * size, (example + 1) * size)));
      assert.equal(Array.from(to), [...expected, ...Array(size).fill(GUARD)]);
    });
  }
}

test.run();
