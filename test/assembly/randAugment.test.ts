// RandAugment's operations, forward and backward: those that are drawn against the f64 layers of test/reference, in a batch that is cut in
// two, and each by itself against what Keras makes of an image (recorded by test/golden/recordRandAugment.py).
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makeKey, mix } from '../../src/base/random.js';
import type { ReferenceLayer } from '../reference/layer.js';
import * as references from '../reference/randAugment.js';
import type { Sampling } from '../reference/warp.js';
import { onEachBuild, randomFloats, wide, within, worst, type GuardedMemory } from './guardedMemory.js';

type Image = readonly [height: number, width: number, channels: number];

const images: readonly Image[] = [
  [1, 1, 1],
  [3, 4, 1],
  [5, 7, 3],
  [8, 5, 4],
  [9, 17, 2],
  [7, 6, 3],
];
const fillModes = ['constant', 'nearest', 'reflect', 'wrap'] as const;
/** Examples of the batch, and those of its first part. */
const [n, split] = [12, 5];
const [low, high] = [-1, 1.5] as const;
const sizeOf = ([height, width, channels]: Image): number => height * width * channels;
const scratchOf = ([height, width, channels]: Image, numOps: number): number =>
  Math.max(36 * Math.ceil(width / 4), 256) + numOps * height * width * channels;

/** Both passes over the batch in two parts, and the reference, on images where nothing lies on an edge. */
function compare(
  memory: GuardedMemory,
  image: Image,
  {
    numOps,
    only = -1,
    probability = 1,
    ranges,
  }: { numOps: number; only?: number; probability?: number; ranges: readonly number[] },
  reference: ReferenceLayer,
  config: Partial<Sampling>,
  seed: number,
): boolean {
  const what = `${JSON.stringify(config)} of [${image.join(', ')}]`;
  const random = { seed: 3, step: seed, index: 5 };
  const size = sizeOf(image);
  const [x, slopes] = [randomFloats(n * size, seed, -1.2, 1.7), randomFloats(n * size, 2)];
  const expected = reference({ config, inputs: [{ values: wide(x), shape: image }], weights: [], n, random });
  if (!(expected.margin! > 5e-6)) return false;
  const key = memory.inputWords([makeKey(random.seed, 2, random.step)]).byteOffset;
  const salt = mix(random.index) | 0;
  const [atX, dy, y, dx] = [memory.input(x), memory.inout(slopes), memory.output(n * size), memory.output(n * size)];
  const operations = memory.output(8 * n * numOps).byteOffset;
  const scratch = memory.output(scratchOf(image, numOps)).byteOffset;
  const [height, width] = image;
  const { interpolation = 'bilinear', fillMode = 'reflect', fillValue = 0 } = config;
  const sampled = [interpolation === 'bilinear' ? 1 : 0, fillModes.indexOf(fillMode), fillValue, low, high] as const;
  type Drawn = [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const drawn = [numOps, only, probability, height, width, ...ranges, low, high] as unknown as [
    ...Drawn,
    number,
    number,
    number,
  ];
  for (const [first, count] of [
    [0, split],
    [split, n - split],
  ] as const) {
    const [at, own] = [4 * first * size, operations + 32 * first * numOps];
    memory.kernels.drawRandAugment(own, key, salt, first, count, ...drawn);
    memory.kernels.randAugmentForward(
      y.byteOffset + at,
      atX.byteOffset + at,
      own,
      scratch,
      count,
      numOps,
      ...image,
      ...sampled,
    );
    memory.kernels.randAugmentBackward(
      ...([dx.byteOffset + at, dy.byteOffset + at, atX.byteOffset + at, own, scratch, count, numOps] as const),
      ...([...image, ...sampled] as const),
    );
  }
  within(worst(y, expected.values, 2e-5), 1, what);
  within(worst(dx, expected.backward(wide(slopes)).inputs[0]!, 2e-4 * Math.sqrt(size)), 1, `${what}, backward`);
  memory.verify(what);
  return true;
}

/** On the first images that have no value on an edge. */
function compareSome(
  ...[memory, image, drawing, reference, config]: Parameters<typeof compare> extends [...infer Rest, number]
    ? Rest
    : never
): void {
  for (let seed = 1; seed < 60; seed++) if (compare(memory, image, drawing, reference, config, seed)) return;
  throw new Error(`each of 60 batches of [${image.join(', ')}] has a value on an edge`);
}

const valueRange = [low, high] as const;
const still = [0, 0, 1, 1, 0, 0, 0, 0, 8, 8] as const;

onEachBuild('randAugment: a few operations of eleven on each image, and the backward pass', (memory) => {
  for (const [i, image] of images.entries())
    for (const [numOps, factor, [moved, contrast, share, bits]] of [
      [
        1,
        0.5,
        [
          [-0.5, 0.5],
          [0.5, 1.5],
          [0, 0.5],
          [1, 3],
        ],
      ],
      [
        2,
        [0.1, 0.3],
        [
          [0.1, 0.3],
          [0.9, 1.3],
          [0.1, 0.3],
          [1, 1],
        ],
      ],
      [
        3,
        1,
        [
          [-1, 1],
          [0, 2],
          [0, 1],
          [1, 7],
        ],
      ],
    ] as const) {
      const config = {
        numOps,
        factor,
        valueRange,
        interpolation: 'bilinear',
        fillMode: fillModes[i % 4]!,
        fillValue: 0.5,
      } as const;
      const ranges = [...moved, ...contrast, ...share, ...share, ...bits];
      compareSome(memory, image, { numOps, ranges }, references.randAugment, config);
    }
});

onEachBuild('the layers of one operation', (memory) => {
  for (const image of images) {
    const one = (
      only: number,
      at: number,
      range: readonly number[],
      probability = 1,
    ): Parameters<typeof compare>[2] => {
      const ranges: number[] = [...still];
      ranges.splice(at, range.length, ...range);
      return { numOps: 1, only, probability, ranges };
    };
    const run = (drawing: Parameters<typeof compare>[2], reference: ReferenceLayer, config: object): void =>
      compareSome(memory, image, drawing, reference, config);
    run(one(6, 4, [0.2, 1]), references.randomSharpness, { factor: [0.2, 1], valueRange });
    run(one(7, 8, [2, 5]), references.randomPosterization, { factor: [2, 5], valueRange });
    const factors = { additionFactor: 0.3, thresholdFactor: [0.2, 0.8], valueRange };
    run(one(8, 4, [0, 0.3, 0.2, 0.8]), references.solarization, factors);
    run(one(8, 4, [], 0.4), references.randomInvert, { factor: 0.4, valueRange });
    if (image[2] === 3) run(one(4, 4, [0, 0.7]), references.randomColorDegeneration, { factor: 0.7, valueRange });
  }
});

interface Recorded {
  readonly operation: string;
  readonly values: readonly number[];
  readonly shape: Image;
  readonly range: readonly [number, number];
  readonly y: readonly number[];
}
const recorded = JSON.parse(
  readFileSync(new URL('../../../test/golden/randAugment.json', import.meta.url), 'utf8'),
) as Recorded[];
const names = [
  ...['', '', '', 'brightness', 'colorDegeneration', 'contrast', 'sharpness'],
  ...['posterization', 'solarization', 'autoContrast', 'equalization'],
];

/** Values as recordRandAugment.py makes them: bytes, scaled to the range. */
const bytesOf = (shape: Image, [least, most]: readonly [number, number]): Float32Array =>
  Float32Array.from(
    { length: sizeOf(shape) },
    (_, i) => least + ((most - least) * ((i * i * 37 + i * 11) % 251)) / 255,
  );

onEachBuild('each operation gives what Keras gives', (memory, kernels) => {
  assert.is(recorded.length, 60);
  for (const { operation, values, shape, range, y } of recorded) {
    const x = memory.input(bytesOf(shape, range));
    const result = memory.output(sizeOf(shape));
    const own = memory.inout([names.indexOf(operation), ...values, 0, 0, 0, 0, 0, 0, 0].slice(0, 8));
    const scratch = memory.output(scratchOf(shape, 1));
    const sampled = [1, 2, 0, ...range] as const;
    kernels.randAugmentForward(
      ...([result.byteOffset, x.byteOffset, own.byteOffset, scratch.byteOffset, 1, 1] as const),
      ...shape,
      ...sampled,
    );
    const limit = 2e-6 * (range[1] - range[0]);
    within(
      worst(result, y, limit),
      1,
      `${operation} ${values.join(', ')} of [${shape.join(', ')}] in ${range.join(' … ')}`,
    );
    memory.verify(operation);
  }
});

onEachBuild('NaN comes out, and nothing traps', (memory, kernels) => {
  for (let which = 0; which < 11; which++) {
    const x = memory.input([NaN, 0.5, NaN, 1, 0, 0.25]);
    const [y, dx, dy] = [memory.output(6), memory.output(6), memory.inout([1, 1, 1, 1, 1, 1])];
    const own = memory.inout([which, which < 3 ? 1 : 0.5, 0, 0, 0, 1, 0, 0]);
    const scratch = memory.output(scratchOf([1, 2, 3], 1)).byteOffset;
    const rest = [own.byteOffset, scratch, 1, 1, 1, 2, 3, 1, 2, 0, 0, 1] as const;
    kernels.randAugmentForward(y.byteOffset, x.byteOffset, ...rest);
    kernels.randAugmentBackward(dx.byteOffset, dy.byteOffset, x.byteOffset, ...rest);
    memory.verify(`${which}`);
  }
});

test('the references agree with central differences, except for levels, which pass gradients on', () => {
  const shape: Image = [4, 5, 3];
  const sampling = { interpolation: 'bilinear', fillMode: 'reflect', fillValue: 0 } as const;
  const { operations } = references;
  for (const [name, operation] of Object.entries({
    shear: operations.shear(0.2, -0.3, sampling),
    translation: operations.translation(0.2, -0.13, sampling),
    rotation: operations.rotation(0.1, sampling),
    brightness: operations.brightness(0.2),
    contrast: operations.contrast(1.4),
    colorDegeneration: operations.colorDegeneration(0.3),
    sharpness: operations.sharpness(0.9),
    solarization: operations.solarization(0.1, 0.6),
    autoContrast: operations.autoContrast(),
  })) {
    const x = wide(randomFloats(60, 7));
    const dy = wide(randomFloats(60, 2));
    const run = (values: Float64Array) => operation(values, shape, [-0.8, 0.7]);
    const loss = (values: Float64Array): number => run(values).y.reduce((sum, value, i) => sum + value * dy[i]!, 0);
    for (const [i, slope] of run(x).backward(dy).entries()) {
      const moved = (by: number): Float64Array => x.map((value, j) => (j === i ? value + by : value));
      within(Math.abs((loss(moved(1e-6)) - loss(moved(-1e-6))) / 2e-6 - slope), 1e-7, `${name} ${i}`);
    }
  }
  for (const operation of [operations.posterization(3), operations.equalization()]) {
    const dy = wide(randomFloats(60, 2));
    assert.equal(operation(wide(randomFloats(60, 7)), shape, [-1, 1]).backward(dy), dy);
  }
});

test.run();
