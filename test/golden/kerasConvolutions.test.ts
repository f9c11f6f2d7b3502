// Convolutions as Keras makes them (recorded by kerasConvolutions.py): shapes of outputs and weights, and outputs.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sequential } from '../../src/index.js';
import { sizeOf, type Shape } from '../../src/base/shape.js';
import { deserializeLayer } from '../../src/layers/deserialize.js';

interface Recorded {
  readonly className: string;
  readonly inputShape: Shape;
  readonly config: object;
  readonly weightShapes: readonly Shape[];
  readonly outputShape: Shape;
  readonly y: readonly number[];
}

const recorded = JSON.parse(
  readFileSync(new URL('../../../test/golden/kerasConvolutions.json', import.meta.url), 'utf8'),
) as Recorded[];

/** As kerasConvolutions.py makes them. */
const values = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => (((i * 37 + seed * 11) % 65) - 32) / 32);

for (const { className, inputShape, config, weightShapes, outputShape, y } of recorded)
  test(`${className} ${JSON.stringify(config)} of [${inputShape.join(', ')}]`, async () => {
    const model = sequential({ inputShape, layers: [deserializeLayer(className, config)] });
    assert.equal(
      model.getWeights().map(({ shape }) => [...shape]),
      weightShapes,
    );
    assert.equal([...model.layers[0]!.outputShape], outputShape);
    model.setWeights(weightShapes.map((shape, i) => ({ data: values(sizeOf(shape), 1 + i), shape: [...shape] })));
    const { data } = await model.predict({ data: values(sizeOf(inputShape), 0), shape: [1, ...inputShape] });
    // Products of multiples of 1/32 up to 1, and a hundred of them at most: f32 sums them exactly.
    assert.equal([...data], y);
  });

test.run();
