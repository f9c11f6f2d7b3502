// Inputs that do not meet get one sentence that names both shapes.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { input, layers, type Shape } from '../../src/index.js';

const of = (...shapes: Shape[]) => shapes.map((shape) => input({ shape }));
const sentences: readonly [() => unknown, string][] = [
  [
    () => layers.add().apply(of([4, 4, 8], [4, 3, 8])),
    "add needs inputs whose axes are equal or 1, got [4, 4, 8] and [4, 3, 8]; make them meet before, e.g. with a 1 × 1 conv2d, padding: 'same', or keepDims: true",
  ],
  [
    () => layers.multiply({ name: 'gate' }).apply(of([4, 4, 8], [1, 1, 8], [7])),
    "gate needs inputs whose axes are equal or 1, got [4, 4, 8] and [7]; make them meet before, e.g. with a 1 × 1 conv2d, padding: 'same', or keepDims: true",
  ],
  [
    () => layers.subtract().apply(of([4], [4], [4])),
    'subtract takes two inputs, got 3; subtract() them one after another',
  ],
  [
    () => layers.average().apply(of([4])),
    'average needs two inputs or more, got 1; call apply([a, b]), in model({ inputs, outputs })',
  ],
  [
    () => layers.concatenate().apply(of([4, 4, 8], [4, 3, 8])),
    'concatenate needs inputs that are equal but for axis -1, got [4, 4, 8] and [4, 3, 8]; make them meet before, e.g. with cropping2d or resizing',
  ],
  [
    () => layers.concatenate().apply(of([4, 4, 8], [4])),
    'concatenate needs inputs that are equal but for axis -1, got [4, 4, 8] and [4]; make them meet before, e.g. with cropping2d or resizing',
  ],
  [
    () => layers.concatenate({ axis: 4 }).apply(of([4, 4, 8], [4, 4, 8])),
    'concatenate joins along axis 4, and its inputs have axes 1 to 3, or -1 to -3',
  ],
  [
    () => layers.concatenate({ axis: 0 }),
    "concatenate's axis must be a whole number other than 0, the examples' own, got 0",
  ],
  [
    () => layers.globalMaxPooling2d({ keepDims: 1 as never }),
    "globalMaxPooling2d's keepDims must be true or false, got 1",
  ],
];
for (const [make, sentence] of sentences)
  test(sentence, () => {
    assert.throws(make, (error: Error) => (assert.is(error.message, sentence), true));
  });

test.run();
