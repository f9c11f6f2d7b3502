// Shape layers that do not fit get one sentence, and what Keras' pages say of them holds.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { input, layers, sequential, type Shape } from '../../src/index.js';

const { centerCrop, cropping2d, permute, reshape, resizing, upSampling2d, zeroPadding2d } = layers;
const sentences: readonly [() => unknown, string][] = [
  [
    () => reshape({ targetShape: [4, -1, -1] }),
    "reshape's targetShape must be an array of whole numbers above 0, one of which may be -1, got [4,-1,-1]",
  ],
  [
    () => reshape({} as never),
    "reshape's targetShape must be an array of whole numbers above 0, one of which may be -1, got undefined",
  ],
  [
    () => reshape({ targetShape: [5, -1] }).apply(input({ shape: [4, 3] })),
    'reshape cannot make [5, -1] of [4, 3], which has 12 values; choose axes whose product that is',
  ],
  [
    () => permute({ dims: [0, 1] }),
    "permute's dims must be the numbers from 1 to the number of axes in another order, e.g. [2, 1, 3], got [0,1]",
  ],
  [
    () => permute({ dims: [2, 1] }).apply(input({ shape: [4, 3, 2] })),
    'permute needs input of 2 axes, one for each of its dims, got [4, 3, 2]',
  ],
  [
    () => zeroPadding2d({ padding: [1, 2, 3] as never }),
    "zeroPadding2d's padding must be a number, [rows, columns] or [[top, bottom], [left, right]], got [1,2,3]",
  ],
  [() => zeroPadding2d({ padding: -1 }), "zeroPadding2d's padding must be a whole number of at least 0, got -1"],
  [
    () =>
      cropping2d({
        cropping: [
          [2, 2],
          [0, 0],
        ],
      }).apply(input({ shape: [4, 5, 1] })),
    'cropping2d needs an image of more than 4 × 0, which it takes away, got [4, 5, 1]; crop less',
  ],
  [
    () => resizing({ height: 4, width: 4, interpolation: 'cubic' as never }),
    "resizing's interpolation must be 'bilinear' or 'nearest', got \"cubic\"",
  ],
  [() => resizing({ height: 0, width: 4 }), "resizing's height must be a whole number of at least 1, got 0"],
  [
    () => resizing({ height: 2 ** 30, width: 4 }),
    "resizing's height must be less than 1073741824, as every image is, got 1073741824; make it smaller",
  ],
  [
    () => centerCrop({ height: 2, width: 2 }).apply(input({ shape: [4] })),
    'centerCrop needs input [height, width, channels], got [4]; put it before flatten(), or give the model such an inputShape',
  ],
];
for (const [make, sentence] of sentences)
  test(sentence, () => {
    assert.throws(make, (error: Error) => (assert.is(error.message, sentence), true));
  });

async function outputOf(layer: layers.Layer, inputShape: Shape, values: readonly number[]): Promise<number[]> {
  const model = sequential({ inputShape, layers: [layer] });
  return [...(await model.predict({ data: Float32Array.from(values), shape: [1, ...inputShape] })).data];
}

// As PyTorch 1.13's interpolate gives (align_corners=False, and nearest-exact), which has TensorFlow 2's rule.
test('resizing as TensorFlow 2 does', async () => {
  const row = [1, 2, 4];
  assert.equal(await outputOf(resizing({ height: 1, width: 6 }), [1, 3, 1], row), [1, 1.25, 1.75, 2.5, 3.5, 4]);
  assert.equal(await outputOf(resizing({ height: 1, width: 2 }), [1, 4, 1], [1, 2, 4, 8]), [1.5, 6]);
  const nearest = { height: 1, width: 5, interpolation: 'nearest' } as const;
  assert.equal(await outputOf(resizing(nearest), [1, 3, 1], row), [1, 1, 2, 4, 4]);
  assert.equal(await outputOf(upSampling2d({ size: [1, 2] }), [1, 3, 1], row), [1, 1, 2, 2, 4, 4]);
});

test('views move nothing', () => {
  const model = sequential({
    inputShape: [2, 3, 4],
    layers: [reshape({ targetShape: [6, 4] }), reshape({ targetShape: [1, -1] }), permute({ dims: [2, 1] })],
  });
  model.add(layers.flatten());
  model.add(layers.dense({ units: 3, activation: 'softmax' }));
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  const [first] = model.plan!.ops;
  for (const { inputs } of model.plan!.ops.slice(0, 5)) assert.equal(inputs[0], first!.inputs[0]);
});

test.run();
