// Augmentation's geometry: transforms against the formula in f64 and the statistics of what is drawn; images warped by them against loops.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { randomBits } from '../../src/base/random.js';
import { transformOf } from '../reference/randomAffine.js';
import { affinePlaces, warp, type FillMode, type Sampling } from '../reference/warp.js';
import { onEachBuild, randomFloats, same, wide, within, worst, type GuardedMemory } from './guardedMemory.js';
import type { Kernels } from '../../src/engine/kernels.generated.js';

const fillModes: readonly FillMode[] = ['constant', 'nearest', 'reflect', 'wrap'];

type Drawn =
  Parameters<Kernels['drawAffine']> extends [number, number, number, number, number, ...infer Rest] ? Rest : never;
/** Height, width, flips, angles, shifts, zooms, keepAspect, shears: all of them. */
const drawn: Drawn = [9, 14, 0.5, 0.5, -0.2, 0.3, -2, 3, -1, 4, 0.7, 1.2, 0.9, 1.6, 0, 0.1, 0.4, 0, 0.2];
/** The same in the layers' words. */
const drawing = {
  flip: 'horizontalAndVertical',
  rotation: [-0.2, 0.3],
  translation: { height: [-2 / 9, 3 / 9], width: [-1 / 14, 4 / 14] },
  zoom: { height: [-0.3, 0.2], width: [-0.1, 0.6] },
  shear: { x: [0.1, 0.4], y: [0, 0.2] },
} as const;

onEachBuild('drawAffine: the transform of each example follows from its own random numbers', (memory, kernels) => {
  for (const [n, first] of [
    [1, 0],
    [3, 5],
    [17, 112],
  ] as const) {
    const [key, salt] = [n * 7919, 0x9e3779b9 | 0];
    const at = memory.inputWords([key]).byteOffset;
    const transforms = memory.output(6 * n);
    kernels.drawAffine(transforms.byteOffset, at, salt, first, n, ...drawn);
    for (let i = 0; i < n; i++) {
      const u = (k: number): number => (randomBits((key ^ salt) >>> 0, 16 * (first + i) + k) >>> 8) / 2 ** 24;
      const expected = transformOf(drawing, u, [9, 14]);
      within(worst(transforms.subarray(6 * i, 6 * i + 6), expected, 20 * 2 ** -24), 1, `example ${first + i}`);
    }
    memory.verify(`${n} from ${first}`);
  }
});

onEachBuild('drawAffine: nothing drawn leaves an image, and its mirror is exact', (memory, kernels) => {
  const still: Drawn = [4, 6, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0];
  for (const [flip, expected] of [
    [0, [1, 0, 2.5, 0, 1, 1.5]],
    [1, [-1, 0, 2.5, 0, -1, 1.5]],
  ] as const) {
    const transforms = memory.output(6);
    const ranges: Drawn = [4, 6, flip, flip, ...(still.slice(4) as never as [0])] as never;
    kernels.drawAffine(transforms.byteOffset, memory.inputWords([1]).byteOffset, 2, 3, 1, ...ranges);
    assert.equal([...transforms].map(Math.abs), expected.map(Math.abs));
    assert.equal([...transforms].map(Math.sign).filter(Boolean), expected.map(Math.sign).filter(Boolean));
    memory.verify(`flip ${flip}`);
  }
});

onEachBuild('drawAffine: what is drawn is uniform, and each axis is drawn for itself', (memory, kernels) => {
  const n = 4000;
  const draw = (ranges: Drawn): Float32Array => {
    const transforms = memory.output(6 * n);
    kernels.drawAffine(transforms.byteOffset, memory.inputWords([77]).byteOffset, 5, 0, n, ...ranges);
    memory.verify('statistics');
    return transforms.slice();
  };
  const moments = (values: readonly number[]): { mean: number; variance: number } => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
  };
  const column = (transforms: Float32Array, k: number): number[] =>
    Array.from({ length: n }, (_, i) => transforms[6 * i + k]!);
  // Only flips and shifts: a and e are ±1, c and f the middle less the shift.
  const moved = draw([1, 1, 0.5, 0.5, 0, 0, -2, 2, -1, 3, 1, 1, 1, 1, 1, 0, 0, 0, 0]);
  const [mirrored, upside, right, down] = [column(moved, 0), column(moved, 4), column(moved, 2), column(moved, 5)];
  const shiftX = right.map((value, i) => -value * mirrored[i]!);
  const shiftY = down.map((value, i) => -value * upside[i]!);
  const standardError = 1 / Math.sqrt(n);
  for (const [what, values, low, high] of [
    ['right', shiftX, -1, 3],
    ['down', shiftY, -2, 2],
  ] as const) {
    const { mean, variance } = moments(values);
    const deviation = (high - low) / Math.sqrt(12);
    within(Math.abs(mean - (low + high) / 2), 4 * deviation * standardError, `${what}: mean`);
    within(Math.abs(variance / deviation ** 2 - 1), 4 * Math.sqrt(0.8) * standardError, `${what}: variance`);
    assert.ok(Math.min(...values) >= low && Math.max(...values) < high, `${what}: range`);
  }
  const pairs = [
    [mirrored, upside],
    [mirrored, shiftX],
    [shiftX, shiftY],
  ] as const;
  for (const [a, b] of pairs) {
    const [x, y] = [moments(a), moments(b)];
    const covariance = a.reduce((sum, value, i) => sum + (value - x.mean) * (b[i]! - y.mean), 0) / n;
    within(Math.abs(covariance) / Math.sqrt(x.variance * y.variance), 4 * standardError, 'correlation');
  }
  within(Math.abs(moments(mirrored).mean), 4 * standardError, 'half of the images are mirrored');
  // Shear alone: its sign is as often - as +.
  const sheared = column(draw([1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0.1, 0.3, 0, 0]), 1);
  within(Math.abs(moments(sheared.map(Math.sign)).mean), 4 * standardError, 'sign of the shear');
  within(Math.abs(moments(sheared.map(Math.abs)).mean - 0.2), 4 * (0.2 / Math.sqrt(12)) * standardError, 'shear');
  // One zoom for both axes.
  const zoomed = draw([1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0.5, 1.5, 3, 4, 1, 0, 0, 0, 0]);
  assert.equal(column(zoomed, 0), column(zoomed, 4));
});

type Transform = readonly [number, number, number, number, number, number];
/** Turned and stretched, far outside, mirrored, and one that maps all to one place. */
const transforms: readonly Transform[] = [
  [0.9, -0.35, 2.3, 0.4, 1.15, 1.7],
  [1.7, 0.2, -9.4, -0.6, 2.1, 11.3],
  [-1, 0, 1.5, 0, -1, 2.25],
  [0, 0, 0.75, 0, 0, 0.5],
  [40, 3, 100.3, -7, 55, -200.7],
];

/** Distance of the places from those where 'nearest' changes its mind: rounding may go either way there. */
function roomToTie(transform: Transform, [height, width]: readonly number[]): number {
  const placeOf = affinePlaces(transform, [height!, width!]);
  let room = 1;
  for (let row = 0; row < height!; row++)
    for (let column = 0; column < width!; column++)
      for (const at of placeOf(row, column)) room = Math.min(room, Math.abs(at - 0.5 - Math.round(at - 0.5)));
  return room;
}

function warpBoth(
  memory: GuardedMemory,
  kernels: Kernels,
  shape: readonly [number, number, number],
  list: readonly Transform[],
  { interpolation, fillMode, fillValue }: Sampling,
): { x: Float32Array; y: Float32Array; dy: Float32Array; dx: Float32Array } {
  const [height, width, channels] = shape;
  const n = list.length;
  const size = n * height * width * channels;
  const [x, dy] = [randomFloats(size, 1), randomFloats(size, 2)];
  const [y, dx] = [memory.output(size), memory.output(size)];
  const at = memory.input(list.flat()).byteOffset;
  const taps = memory.output(36 * Math.ceil(width / 4)).byteOffset;
  const how = [interpolation === 'bilinear' ? 1 : 0, fillModes.indexOf(fillMode)] as const;
  const [atX, atDy] = [memory.input(x).byteOffset, memory.input(dy).byteOffset];
  kernels.warpAffineForward(y.byteOffset, atX, at, taps, n, height, width, channels, ...how, fillValue);
  kernels.warpAffineBackward(dx.byteOffset, atDy, at, taps, n, height, width, channels, ...how);
  return { x, y, dy, dx };
}

const shapes = [
  [1, 1, 1],
  [3, 4, 1],
  [5, 7, 1],
  [8, 9, 1],
  [4, 17, 3],
  [7, 5, 4],
  [6, 8, 9],
] as const;

onEachBuild(
  'warpAffine: each pixel is the mean of those around its place, and so is its gradient',
  (memory, kernels) => {
    for (const shape of shapes)
      for (const interpolation of ['bilinear', 'nearest'] as const)
        for (const fillMode of fillModes) {
          const size = shape[0] * shape[1] * shape[2];
          const sampling = { interpolation, fillMode, fillValue: 0.75 };
          const list = transforms
            .map((each) => each.map(Math.fround) as unknown as Transform)
            .filter((each) => interpolation === 'bilinear' || roomToTie(each, shape) > 1e-4);
          const { x, y, dy, dx } = warpBoth(memory, kernels, shape, list, sampling);
          for (const [i, transform] of list.entries()) {
            const part = (values: Float32Array): Float64Array => wide(values.subarray(i * size, (i + 1) * size));
            const what = `[${shape.join(', ')}] ${interpolation} ${fillMode} ${i}`;
            const expected = warp(part(x), shape, affinePlaces(transform, shape), sampling);
            // A place is right to a few roundings of a number as large as it is, and neighbors differ by up to 2.
            const reach = Math.max(...affinePlaces(transform, shape)(0, 0).map(Math.abs), 30);
            const limit = 16 * reach * 2 ** -24;
            within(worst(part(y), expected.y, limit), 1, what);
            // All of the image's pixels may come from one place.
            within(worst(part(dx), expected.backward(part(dy)), limit * size), 1, `${what}, backward`);
          }
          memory.verify('warpAffine');
        }
  },
);

onEachBuild('warpAffine: whole pixels are copied bit for bit', (memory, kernels) => {
  for (const shape of shapes) {
    const [height, width, channels] = shape;
    const sampling = { interpolation: 'bilinear', fillMode: 'constant', fillValue: 0.3 } as const;
    const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
    const list: Transform[] = [
      [1, 0, cx, 0, 1, cy],
      [-1, 0, cx, 0, -1, cy],
      [1, 0, cx - 1, 0, 1, cy + 1],
    ];
    const { x, y } = warpBoth(memory, kernels, shape, list, sampling);
    const size = height * width * channels;
    const moved = (example: number, row: number, column: number, c: number): number =>
      row < 0 || row >= height || column < 0 || column >= width
        ? Math.fround(0.3)
        : x[example * size + (row * width + column) * channels + c]!;
    const expected = Float32Array.from(x, (_, i) => {
      const [example, at] = [Math.floor(i / size), i % size];
      const [c, pixel] = [at % channels, Math.floor(at / channels)];
      const [row, column] = [Math.floor(pixel / width), pixel % width];
      if (example === 0) return moved(0, row, column, c);
      return example === 1 ? moved(1, height - 1 - row, width - 1 - column, c) : moved(2, row + 1, column - 1, c);
    });
    same(
      y.map((value) => value + 0),
      expected.map((value) => value + 0),
      `[${shape.join(', ')}]`,
    );
    memory.verify('whole pixels');
  }
});

test('the reference warp agrees with central differences', () => {
  const shape = [4, 5, 2] as const;
  const sampling = { interpolation: 'bilinear', fillMode: 'reflect', fillValue: 0 } as const;
  const [x, dy] = [wide(randomFloats(40, 1)), wide(randomFloats(40, 2))];
  const placeOf = affinePlaces(transforms[0]!, shape);
  const dx = warp(x, shape, placeOf, sampling).backward(dy);
  const loss = (values: Float64Array): number =>
    warp(values, shape, placeOf, sampling).y.reduce((sum, value, i) => sum + value * dy[i]!, 0);
  for (const [i, slope] of dx.entries()) {
    const shifted = (by: number): Float64Array => x.map((value, j) => (j === i ? value + by : value));
    within(Math.abs((loss(shifted(1e-3)) - loss(shifted(-1e-3))) / 2e-3 - slope), 1e-9, `element ${i}`);
  }
});

test.run();
