// What Keras' augmentation layers make of an image (recorded by recordAugmentation.py): the transforms and the sampling of each fill mode.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import { augmentedBatch, layers, sequential } from '../../src/index.js';
import { sizeOf, type Shape } from '../../src/base/shape.js';
import { deserializeLayer } from '../../src/layers/deserialize.js';
import { within, worst } from '../assembly/guardedMemory.js';

interface Recorded {
  readonly className: string;
  readonly config: { readonly shear?: number; readonly [option: string]: unknown };
  readonly shape: Shape;
  readonly y: readonly number[];
}

const recorded = JSON.parse(
  readFileSync(new URL('../../../test/golden/kerasAugmentation.json', import.meta.url), 'utf8'),
) as Recorded[];

/** As recordAugmentation.py makes them. */
const image = (shape: Shape): Float32Array =>
  Float32Array.from({ length: sizeOf(shape) }, (_, i) => (((i * 37) % 65) - 32) / 32);

/** The images that a layer makes of n times the same one. */
function augmented(layer: layers.Layer, shape: Shape, n: number): Float32Array[] {
  const model = sequential({ inputShape: shape, layers: [layer] });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError', batchSize: n });
  const size = sizeOf(shape);
  const x = { data: new Float32Array(n * size), shape: [n, ...shape] };
  for (let i = 0; i < n; i++) x.data.set(image(shape), i * size);
  const { data } = augmentedBatch(model, x, x);
  return Array.from({ length: n }, (_, i) => data.subarray(i * size, (i + 1) * size));
}

for (const { className, config, shape, y } of recorded) {
  const { shear, ...sampling } = config;
  test(`${className} ${JSON.stringify(config)} of [${shape.join(', ')}]`, () => {
    const layer =
      shear === undefined
        ? deserializeLayer(className, config)
        : layers.randomShear({ xFactor: [shear, shear], ...(sampling as object) });
    // Either way with one chance in two, where Keras was told one way.
    const images = augmented(layer, shape, shear === undefined ? 1 : 8);
    // Places are right to about 1e-6 of a pixel, and neighbors differ by up to 2.
    within(Math.min(...images.map((each) => worst(each, y, 1))), 1e-5, 'the nearest image');
  });
}

test.run();
