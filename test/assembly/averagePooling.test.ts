// Average pooling's kernels against plain f64 loops.
import { test } from 'uvu';
import { averagePooling2d } from '../reference/averagePooling2d.js';
import { slide } from '../reference/windows.js';
import { magnitudes, onEachBuild, randomFloats, ROUNDING, wide, within, worst } from './guardedMemory.js';

type Pair = readonly [number, number];
const images: readonly Pair[] = [
  [1, 1],
  [4, 4],
  [5, 7],
  [9, 5],
];
const pools: readonly Pair[] = [
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 5],
];
const steps: readonly Pair[] = [
  [1, 1],
  [2, 2],
  [2, 3],
];

onEachBuild('average pooling, forward and backward', (memory, kernels) => {
  let seed = 0;
  for (const [inH, inW] of images)
    for (const poolSize of pools)
      for (const strides of steps)
        for (const padding of ['valid', 'same'] as const) {
          const [rows, columns] = [
            slide(inH, poolSize[0], strides[0], padding),
            slide(inW, poolSize[1], strides[1], padding),
          ];
          if (rows.out < 1 || columns.out < 1) continue;
          const channels = [1, 3, 4, 5, 8, 9, 17][seed % 7]!;
          const n = 1 + (seed % 3);
          const what = `${n} × [${inH}, ${inW}, ${channels}], pool ${poolSize}, strides ${strides}, ${padding}`;
          const x = randomFloats(n * inH * inW * channels, seed);
          const dy = randomFloats(n * rows.out * columns.out * channels, ++seed);
          const run = (values: Float64Array) =>
            averagePooling2d({
              config: { poolSize, strides, padding },
              inputs: [{ values, shape: [inH, inW, channels] }],
              weights: [],
              n,
              random: null,
            });
          const [expected, sizes] = [run(wide(x)), run(magnitudes(x))];
          const args = [n, inH, inW, channels, rows.out, columns.out, ...poolSize, ...strides] as const;
          const [y, dx] = [memory.output(dy.length), memory.output(x.length)];
          const pads = [rows.before, columns.before] as const;
          kernels.averagePooling2dForward(y.byteOffset, memory.input(x).byteOffset, ...args, ...pads);
          kernels.averagePooling2dBackward(dx.byteOffset, memory.input(dy).byteOffset, ...args, ...pads);
          // A sum of k values has k - 1 roundings, the division one more; an element of x is in at most k windows.
          const roundings = ROUNDING * (poolSize[0] * poolSize[1] + 1);
          within(
            worst(
              y,
              expected.values,
              sizes.values.map((size) => size * roundings),
            ),
            1,
            `${what}: y`,
          );
          const bound = sizes.backward(magnitudes(dy)).inputs[0]!;
          within(
            worst(
              dx,
              expected.backward(wide(dy)).inputs[0]!,
              bound.map((size) => size * roundings),
            ),
            1,
            `${what}: dx`,
          );
          memory.verify(what);
        }
});

test.run();
