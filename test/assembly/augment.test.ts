// Crops, erased rectangles, brightness, contrast and elastic distortion against the f64 layers of test/reference, forward and backward, of a
// batch that is cut in two: what is drawn follows from the example's number in the batch.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makeKey, mix } from '../../src/base/random.js';
import type { Kernels } from '../../src/engine/kernels.generated.js';
import * as references from '../reference/augmentation.js';
import type { ReferenceLayer } from '../reference/layer.js';
import { onEachBuild, randomFloats, wide, within, worst, type GuardedMemory } from './guardedMemory.js';

type Image = readonly [height: number, width: number, channels: number];

const images: readonly Image[] = [
  [1, 1, 1],
  [3, 4, 1],
  [5, 7, 1],
  [4, 9, 3],
  [8, 5, 4],
  [9, 17, 2],
];
/** Examples of the batch, and those of its first part. */
const [n, split] = [5, 2];

type Drawn = [key: number, salt: number, first: number, count: number];

/** Calls of a layer's kernels for `count` examples from number `first` on; y is what forward gave. */
interface Passes {
  forward(y: number, x: number, ...drawn: Drawn): void;
  backward(dx: number, dy: number, y: number, ...drawn: Drawn): void;
}

/** Both passes over the batch in two parts, and the reference. */
function compare(
  memory: GuardedMemory,
  passes: Passes,
  reference: ReferenceLayer,
  config: object,
  [input, output]: readonly [Image, Image],
  limit: number,
  inPlace = false,
): void {
  const what = `${JSON.stringify(config)} of [${input.join(', ')}]`;
  const size = (image: Image): number => image[0] * image[1] * image[2];
  const random = { seed: 3, step: 4, index: 5 };
  const key = memory.inputWords([makeKey(random.seed, 2, random.step)]).byteOffset;
  const salt = mix(random.index) | 0;
  const [x, dy] = [randomFloats(n * size(input), 1), randomFloats(n * size(output), 2)];
  const y = inPlace ? memory.inout(x) : memory.output(dy.length);
  const atX = inPlace ? y.byteOffset : memory.input(x).byteOffset;
  const dx = memory.output(x.length);
  const atDy = memory.input(dy).byteOffset;
  for (const [first, count] of [
    [0, split],
    [split, n - split],
  ] as const) {
    const [inFirst, outFirst] = [4 * first * size(input), 4 * first * size(output)];
    passes.forward(y.byteOffset + outFirst, atX + inFirst, key, salt, first, count);
    passes.backward(dx.byteOffset + inFirst, atDy + outFirst, y.byteOffset + outFirst, key, salt, first, count);
  }
  const expected = reference({ config, inputs: [{ values: wide(x), shape: input }], weights: [], n, random });
  assert.equal([...expected.shape], [...output]);
  within(worst(y, expected.values, limit), 1, what);
  within(worst(dx, expected.backward(wide(dy)).inputs[0]!, limit * size(input)), 1, `${what}, backward`);
  memory.verify(what);
}

onEachBuild('randomCrop: windows anywhere, zeros around, each value as it was', (memory, kernels) => {
  for (const image of images)
    for (const padding of [
      [0, 0],
      [2, 0],
      [1, 3],
    ] as const)
      for (const less of [0, 2]) {
        const [inH, inW, channels] = image;
        const [height, width] = [Math.max(1, inH - less), Math.max(1, inW - less)];
        const sizes = [inH, inW, channels, height, width, padding[0], padding[1]] as const;
        const passes: Passes = {
          forward: (y, x, ...drawn: Drawn) => kernels.randomCropForward(y, x, ...drawn, ...sizes),
          backward: (dx, dy, _y, ...drawn: Drawn) => kernels.randomCropBackward(dx, dy, ...drawn, ...sizes),
        };
        const config = { height, width, padding };
        compare(memory, passes, references.randomCrop, config, [image, [height, width, channels]], 1e-9);
      }
});

onEachBuild('randomErasing: a rectangle, of a value or of noise', (memory, kernels) => {
  for (const image of images)
    for (const [factor, fillValue, scale] of [
      [1, 0.5, [0.02, 0.33]],
      [0.5, null, [0.3, 1]],
      [1, null, [0, 0.6]],
      [0, 0.5, [1, 1]],
    ] as const)
      for (const inPlace of [false, true]) {
        const valueRange = [-1, 2] as const;
        const rectangle = [...image, factor, scale[0], scale[1]] as const;
        const noise = fillValue === null ? 2 : 0;
        const passes: Passes = {
          forward: (y, x, ...drawn: Drawn) =>
            kernels.eraseRandomly(y, x, ...drawn, ...rectangle, fillValue ?? 0, noise, -1, 2),
          backward: (dx, dy, _y, ...drawn: Drawn) => kernels.eraseRandomly(dx, dy, ...drawn, ...rectangle, 0, 0, 0, 0),
        };
        const config = { factor, scale, fillValue, valueRange };
        // Noise reaches 5.4 deviations and is right to 1e-6.
        compare(memory, passes, references.randomErasing, config, [image, image], noise ? 1e-5 : 1e-9, inPlace);
      }
});

onEachBuild('randomContrast and randomBrightness: about the mean, within the range', (memory, kernels) => {
  for (const image of images)
    for (const valueRange of [
      [-5, 5],
      [-0.4, 0.6],
    ] as const)
      for (const inPlace of [false, true]) {
        const sizes = [image[0] * image[1], image[2]] as const;
        const [low, high] = valueRange;
        const passes = (contrast: readonly [number, number], shift: readonly [number, number]): Passes => ({
          forward: (y, x, ...drawn: Drawn) =>
            kernels.adjustForward(y, x, ...drawn, ...sizes, ...contrast, ...shift, low, high),
          backward: (dx, dy, y, ...drawn: Drawn) =>
            kernels.adjustBackward(dx, dy, y, ...drawn, ...sizes, ...contrast, low, high),
        });
        const width = high - low;
        const contrast = passes([0.1, 1.7], [0, 0]);
        const shapes = [image, image] as const;
        compare(memory, contrast, references.randomContrast, { factor: [0.9, 0.7], valueRange }, shapes, 1e-6, inPlace);
        const brightness = passes([1, 1], [-0.3 * width, 0.1 * width]);
        const config = { factor: [-0.3, 0.1], valueRange };
        compare(memory, brightness, references.randomBrightness, config, shapes, 1e-6, inPlace);
      }
});

const fillModes = ['constant', 'nearest', 'reflect', 'wrap'] as const;

function elastic(
  kernels: Kernels,
  memory: GuardedMemory,
  [height, width, channels]: Image,
  { factor, scale, alpha, sigma }: { factor: number; scale: readonly [number, number]; alpha: number; sigma: number },
  fillMode: (typeof fillModes)[number],
): Passes {
  const radius = Math.floor((6 * sigma * scale[1]) / 2);
  const rows = (floats: number): number => Math.ceil(floats / 4) * 4;
  const scratch = memory.output(rows(2 * radius + 1) + (height + 2 * radius) * rows(width + 2 * radius + 4)).byteOffset;
  const taps = memory.output(36 * Math.ceil(width / 4)).byteOffset;
  const field = memory.output(n * 2 * height * rows(width)).byteOffset;
  const at = (first: number): number => field + first * 8 * height * rows(width);
  const sampled = [height, width, channels, 1, fillModes.indexOf(fillMode)] as const;
  const drawn = [height, width, factor, ...scale, alpha, sigma, radius] as const;
  return {
    forward(y, x, key, salt, first, count) {
      kernels.drawElastic(at(first), scratch, key, salt, first, count, ...drawn);
      kernels.warpByFieldForward(y, x, at(first), taps, count, ...sampled, 0.5);
    },
    backward: (dx, dy, _y, _key, _salt, first, count) =>
      kernels.warpByFieldBackward(dx, dy, at(first), taps, count, ...sampled),
  };
}

onEachBuild('randomElasticTransform: smoothed noise moves the pixels', (memory, kernels) => {
  for (const [i, image] of images.entries())
    for (const strength of [
      { factor: 1, scale: [1, 1], alpha: 3, sigma: 1.4 },
      { factor: 0.5, scale: [0.2, 1], alpha: 6, sigma: 4 },
      { factor: 1, scale: [0, 0.1], alpha: 20, sigma: 1 },
    ] as const) {
      const fillMode = fillModes[i % 4]!;
      const config = { ...strength, interpolation: 'bilinear', fillMode, fillValue: 0.5 };
      const passes = elastic(kernels, memory, image, strength, fillMode);
      // Noise of up to 5.4 deviations is right to 1e-6, and alpha times it to 1e-4 of a pixel.
      compare(memory, passes, references.randomElasticTransform, config, [image, image], 3e-4);
    }
});

test('the references agree with central differences', () => {
  const shape: Image = [4, 5, 2];
  const random = { seed: 1, step: 1, index: 0 };
  const values = wide(randomFloats(2 * 40, 1));
  for (const [reference, config] of [
    [references.randomContrast, { factor: 0.5, valueRange: [-0.7, 0.7] }],
    [references.randomBrightness, { factor: 0.5, valueRange: [-0.7, 0.7] }],
    [references.randomErasing, { factor: 1, scale: 0.5, fillValue: 0.1, valueRange: null }],
    [references.randomCrop, { height: 3, width: 5, padding: [1, 2] }],
    [
      references.randomElasticTransform,
      { factor: 1, scale: 1, alpha: 4, sigma: 1, interpolation: 'bilinear', fillMode: 'reflect', fillValue: 0 },
    ],
  ] as const) {
    const run = (x: Float64Array) => reference({ config, inputs: [{ values: x, shape }], weights: [], n: 2, random });
    const dy = wide(randomFloats(run(values).values.length, 2));
    const loss = (x: Float64Array): number => run(x).values.reduce((sum, value, i) => sum + value * dy[i]!, 0);
    const dx = run(values).backward(dy).inputs[0]!;
    for (const [i, slope] of dx.entries()) {
      const moved = (by: number): Float64Array => values.map((value, j) => (j === i ? value + by : value));
      within(Math.abs((loss(moved(1e-6)) - loss(moved(-1e-6))) / 2e-6 - slope), 1e-7, `${JSON.stringify(config)} ${i}`);
    }
  }
});

test.run();
