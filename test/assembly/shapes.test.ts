// Axes in another order, and images of another size, against plain f64 loops.
import { test } from 'uvu';
import * as references from '../reference/shapes.js';
import type { ReferenceLayer } from '../reference/layer.js';
import { magnitudes, onEachBuild, randomFloats, ROUNDING, same, sizes, wide, within, worst } from './guardedMemory.js';

const call = (layer: ReferenceLayer, config: object, values: Float64Array, shape: readonly number[], n: number) =>
  layer({ config, inputs: [{ values, shape }], weights: [], n, random: null });

onEachBuild('permute: four axes, each order', (memory, kernels) => {
  let seed = 0;
  for (const shape of [
    [2, 3, 4, 5],
    [1, 1, 7, 3],
    [3, 1, 2, 9],
  ])
    for (let order = 0; order < 24; order++) {
      const left = [1, 2, 3, 4];
      const dims = [6, 2, 1, 1].map((step, i) => left.splice(Math.floor(order / step) % (4 - i), 1)[0]!);
      const steps = dims.map((axis) => shape.slice(axis).reduce((product, size) => product * size, 1));
      const outSizes = dims.map((axis) => shape[axis - 1]!);
      const n = 2;
      const x = randomFloats(n * shape.reduce((product, size) => product * size, 1), seed++);
      const y = memory.output(x.length);
      kernels.permute(
        ...([y.byteOffset, memory.input(x).byteOffset, n, ...outSizes, ...steps] as Parameters<typeof kernels.permute>),
      );
      same(y, Float32Array.from(call(references.permute, { dims }, wide(x), shape, n).values), `${shape} by ${dims}`);
      memory.verify(`${shape} by ${dims}`);
    }
});

onEachBuild('resizing: larger and smaller, nearest and bilinear, forward and backward', (memory, kernels) => {
  let seed = 0;
  for (const [inH, inW] of [
    [1, 1],
    [2, 3],
    [5, 4],
    [7, 9],
  ] as const)
    for (const [height, width] of [
      [1, 1],
      [2, 5],
      [5, 4],
      [8, 3],
      [10, 18],
    ] as const)
      for (const interpolation of ['nearest', 'bilinear'] as const) {
        const channels = sizes[seed % sizes.length]!;
        const n = 1 + (seed % 2);
        const what = `${n} × [${inH}, ${inW}, ${channels}] to ${height} × ${width}, ${interpolation}`;
        const x = randomFloats(n * inH * inW * channels, seed);
        const dy = randomFloats(n * height * width * channels, ++seed);
        const run = (values: Float64Array) =>
          call(references.resizing, { height, width, interpolation }, values, [inH, inW, channels], n);
        const [expected, bound] = [run(wide(x)), run(magnitudes(x))];
        const [y, dx] = [memory.output(dy.length), memory.output(x.length)];
        const args = [n, inH, inW, channels, height, width] as const;
        const nearest = interpolation === 'nearest';
        kernels[nearest ? 'resizeNearestForward' : 'resizeBilinearForward'](
          y.byteOffset,
          memory.input(x).byteOffset,
          ...args,
        );
        kernels[nearest ? 'resizeNearestBackward' : 'resizeBilinearBackward'](
          dx.byteOffset,
          memory.input(dy).byteOffset,
          ...args,
        );
        // Three interpolations of three roundings each, of differences of up to twice the largest neighbor.
        const limit = ROUNDING * 12;
        within(
          worst(
            y,
            expected.values,
            bound.values.map((size) => (nearest ? 0 : limit * (size + 1e-30) * 4)),
          ),
          1,
          `${what}: y`,
        );
        const dBound = bound.backward(magnitudes(dy)).inputs[0]!;
        const terms = 4 + 4 * Math.ceil(height / inH) * Math.ceil(width / inW);
        within(
          worst(
            dx,
            expected.backward(wide(dy)).inputs[0]!,
            dBound.map((size) => ROUNDING * terms * (size + 1e-30)),
          ),
          1,
          `${what}: dx`,
        );
        memory.verify(what);
      }
});

test.run();
