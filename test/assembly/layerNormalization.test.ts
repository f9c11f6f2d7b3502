// Layer normalization against plain f64 loops, on rows around the lane.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { layerNormalizationBackward, layerNormalizationForward } from '../reference/layerNormalization.js';
import { onEachBuild, randomFloats, ROUNDING, same, sizes, wide, within, worst } from './guardedMemory.js';

const EPSILON = 1e-3;

for (const [scale, center] of [
  [true, true],
  [true, false],
  [false, true],
  [false, false],
] as const)
  onEachBuild(
    `forward and backward${scale ? ' with gamma' : ''}${center ? ' with beta' : ''}, in place too`,
    (memory, kernels) => {
      for (const columns of sizes)
        for (const rows of [1, 3]) {
          const what = `[${rows}, ${columns}]`;
          const size = rows * columns;
          const [x, dy] = [randomFloats(size, 1, -1, 2), randomFloats(size, 2)];
          const gamma = scale ? randomFloats(columns, 3, 0.5, 1.5) : new Float32Array(columns).fill(1);
          const beta = center ? randomFloats(columns, 4) : new Float32Array(columns);
          const [atGamma, atBeta] = [scale ? memory.input(gamma) : null, center ? memory.input(beta) : null];
          const pointers = [atGamma?.byteOffset ?? 0, atBeta?.byteOffset ?? 0] as const;
          const [atX, y, moments] = [memory.input(x), memory.output(size), memory.output(3 * rows)];
          const sized = [...pointers, rows, columns, EPSILON] as const;
          kernels.layerNormForward(y.byteOffset, moments.byteOffset, atX.byteOffset, ...sized);
          const expected = layerNormalizationForward(wide(x), wide(gamma), wide(beta), EPSILON);
          // Roundings of the center's rest, the reciprocal and five operations; x̂ is at most √columns, and gamma 1.5. Of one column all cancels.
          const bound = (4 + 9 * Math.sqrt(columns)) * ROUNDING * (columns === 1 ? 48 : 1);
          within(worst(y, expected, bound), 1, `${what}: y`);
          const inPlace = memory.inout(x);
          kernels.layerNormForward(inPlace.byteOffset, 0, inPlace.byteOffset, ...sized);
          same(inPlace, y, `${what}: in place, without moments`);

          const back = layerNormalizationBackward(wide(dy), wide(x), wide(gamma), EPSILON);
          const start = randomFloats(columns, 5);
          const [dgamma, dbeta] = [memory.inout(start), memory.inout(start)];
          const learned = [scale ? dgamma.byteOffset : 0, center ? dbeta.byteOffset : 0] as const;
          const [dx, atDy] = [memory.output(size), memory.inout(dy)];
          const given = [atDy.byteOffset, atX.byteOffset, moments.byteOffset, pointers[0], rows, columns] as const;
          kernels.layerNormBackward(dx.byteOffset, ...learned, ...given);
          const added = (gradient: Float64Array) => gradient.map((value, c) => value + start[c]!);
          const sumBound = (8 + 12 * Math.sqrt(columns)) * rows * ROUNDING;
          if (scale) within(worst(dgamma, added(back.dgamma), sumBound), 1, `${what}: dgamma`);
          else same(dgamma, start, 'dgamma');
          if (center) within(worst(dbeta, added(back.dbeta), 8 * rows * ROUNDING), 1, `${what}: dbeta`);
          else same(dbeta, start, 'dbeta');
          const largest = Math.max(...[2, 5, 8].slice(0, rows).map((i) => moments[i]!));
          within(worst(dx, back.dx, 24 * Math.sqrt(columns) * largest * ROUNDING), 1, `${what}: dx`);
          kernels.layerNormBackward(atDy.byteOffset, 0, 0, ...given);
          same(atDy, dx, `${what}: dx in dy's place`);
          kernels.layerNormBackward(
            0,
            ...learned,
            memory.input(dy).byteOffset,
            ...(given.slice(1) as [number, number, number, number, number]),
          );
          memory.verify(what);
        }
    },
  );

onEachBuild(
  'a mean of 10,000 deviations costs no digits, a constant row gives beta, and NaN stays in its row',
  (memory, kernels) => {
    const [rows, columns] = [3, 9];
    const x = randomFloats(rows * columns, 1).map((value) => value + 6000);
    x.fill(7, columns, 2 * columns);
    const beta = randomFloats(columns, 4);
    const [y, atBeta] = [memory.output(rows * columns), memory.input(beta).byteOffset];
    kernels.layerNormForward(y.byteOffset, 0, memory.input(x).byteOffset, 0, atBeta, rows, columns, EPSILON);
    const expected = layerNormalizationForward(wide(x), new Float64Array(columns).fill(1), wide(beta), EPSILON);
    within(worst(y, expected, 16 * ROUNDING), 1, 'y');
    same(y.subarray(columns, 2 * columns), beta, 'constant row');
    x[20] = NaN;
    kernels.layerNormForward(y.byteOffset, 0, memory.input(x).byteOffset, 0, atBeta, rows, columns, EPSILON);
    y.forEach((value, i) => assert.is(Number.isNaN(value), i >= 2 * columns));
    memory.verify('rows');
  },
);

test.run();
