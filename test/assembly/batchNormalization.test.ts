// Batch normalization against plain f64 loops, as one shard and as several, on channels around the lane and rows around the tile.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Kernels } from '../../src/engine/kernels.generated.js';
import { batchNormalizationBackward, batchNormalizationForward, momentsOf } from '../reference/batchNormalization.js';
import {
  GuardedMemory,
  onEachBuild,
  randomFloats,
  ROUNDING,
  same,
  sizes,
  wide,
  within,
  worst,
} from './guardedMemory.js';

const EPSILON = 1e-3;
/** Rows of each shard; the kernel sums tiles of 16. */
const shardings = [[1], [3, 2], [70], [64, 64, 1]];

interface Case {
  readonly shards: readonly number[];
  readonly channels: number;
  readonly rows: number;
  readonly x: Float32Array;
  readonly dy: Float32Array;
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
}

/** Values around `center`, of deviation about 0.6. */
function makeCase(shards: readonly number[], channels: number, center = 0.3): Case {
  const rows = shards.reduce((sum, count) => sum + count, 0);
  return {
    ...{ shards, channels, rows },
    x: randomFloats(rows * channels, 1).map((value, i) => value + center * (1 + (i % channels) / channels)),
    dy: randomFloats(rows * channels, 2),
    gamma: randomFloats(channels, 3, 0.5, 1.5),
    beta: randomFloats(channels, 4),
  };
}

/** The affine of the batch, by way of sums of each shard. */
function affineOf(memory: GuardedMemory, kernels: Kernels, { shards, channels, rows, x, gamma, beta }: Case) {
  const atX = memory.input(x);
  const sums = memory.output(4 * channels * shards.length);
  const scratch = memory.output(3 * channels).byteOffset;
  let first = 0;
  for (const [i, count] of shards.entries()) {
    const from = atX.byteOffset + 4 * channels * first;
    kernels.batchNormSums(sums.byteOffset + 16 * channels * i, scratch, from, count, channels);
    first += count;
  }
  const affine = memory.output(4 * channels);
  const [atGamma, atBeta] = [memory.input(gamma).byteOffset, memory.input(beta).byteOffset];
  kernels.batchNormAffine(affine.byteOffset, sums.byteOffset, atGamma, atBeta, shards.length, rows, EPSILON, channels);
  return { x: atX, sums, affine };
}

for (const relu of [0, 1])
  onEachBuild(
    `forward and backward${relu ? ' with relu' : ''}, of one shard and of several, in place too`,
    (memory, kernels) => {
      for (const shards of shardings)
        for (const channels of sizes) {
          const given = makeCase(shards, channels);
          const { rows, gamma, beta, dy } = given;
          const what = `${shards.join(' + ')} rows of ${channels} channels`;
          const moments = momentsOf(wide(given.x), channels);
          const linear = batchNormalizationForward(wide(given.x), wide(gamma), wide(beta), moments, EPSILON);
          const expected = relu ? linear.map((value) => Math.max(value, 0)) : linear;
          const { x, affine } = affineOf(memory, kernels, given);
          const y = memory.output(rows * channels);
          kernels.batchNormForward(y.byteOffset, x.byteOffset, affine.byteOffset, rows, channels, relu);
          // Roundings of the center, the scale, the shift, and of three operations; x̂ is at most √rows, and gamma 1.5.
          within(worst(y, expected, (4 + 6 * Math.sqrt(rows)) * ROUNDING), 1, `${what}: y`);
          const inPlace = memory.inout(given.x);
          kernels.batchNormForward(inPlace.byteOffset, inPlace.byteOffset, affine.byteOffset, rows, channels, relu);
          same(inPlace, y, `${what}: in place`);

          // The mask of the y at hand: near 0 the f64 loops may differ.
          const g = wide(dy).map((value, i) => (relu && !(y[i]! > 0) ? 0 : value));
          const back = batchNormalizationBackward(g, wide(given.x), wide(gamma), moments, EPSILON, true);
          const atDy = memory.inout(dy);
          const backwardSums = memory.output(4 * channels * shards.length);
          const [dgamma, dbeta, slopes] = [
            memory.output(channels),
            memory.output(channels),
            memory.output(2 * channels),
          ];
          const totals = [new Float64Array(channels), new Float64Array(channels)];
          let first = 0;
          for (const [i, count] of shards.entries()) {
            const [at, from] = [backwardSums.byteOffset + 16 * channels * i, 4 * channels * first];
            const pointers = [
              dgamma.byteOffset,
              dbeta.byteOffset,
              slopes.byteOffset,
              atDy.byteOffset + from,
              x.byteOffset + from,
            ] as const;
            kernels.batchNormBackwardSums(at, ...pointers, affine.byteOffset, count, channels, relu);
            for (const [j, part] of [dgamma, dbeta].entries()) part.forEach((value, c) => (totals[j]![c]! += value));
            first += count;
          }
          // x̂ is off by some roundings of at most √rows; those of the shards' sums are added.
          const bound = (8 + 8 * Math.sqrt(rows)) * ROUNDING * rows;
          within(worst(totals[0]!, back.dgamma, bound), 1, `${what}: dgamma`);
          within(worst(totals[1]!, back.dbeta, 4 * ROUNDING * rows), 1, `${what}: dbeta`);
          kernels.batchNormSlopes(
            slopes.byteOffset,
            backwardSums.byteOffset,
            affine.byteOffset,
            shards.length,
            rows,
            channels,
          );
          const dx = memory.output(rows * channels);
          const pointers = [x.byteOffset, affine.byteOffset, slopes.byteOffset] as const;
          kernels.batchNormBackward(dx.byteOffset, atDy.byteOffset, ...pointers, rows, channels, relu);
          // One row is its own mean: the variance is 0, the scale up to 1.5 / √ε = 48, and all cancels.
          const scale = Math.max(...affine.subarray(channels, 2 * channels).map(Math.abs));
          within(worst(dx, back.dx, 16 * Math.sqrt(rows) * scale * ROUNDING), 1, `${what}: dx`);
          kernels.batchNormBackward(atDy.byteOffset, atDy.byteOffset, ...pointers, rows, channels, relu);
          same(atDy, dx, `${what}: dx in dy's place`);
          memory.verify(what);
        }
    },
  );

onEachBuild('without gamma and beta they are 1 and 0, and their gradients are not written', (memory, kernels) => {
  for (const channels of [3, 8]) {
    const given = makeCase([5], channels);
    const { sums, x } = affineOf(memory, kernels, given);
    const [bare, unit] = [memory.output(4 * channels), memory.output(4 * channels)];
    const ones = memory.input(new Float32Array(channels).fill(1)).byteOffset;
    const zeros = memory.input(new Float32Array(channels)).byteOffset;
    kernels.batchNormAffine(bare.byteOffset, sums.byteOffset, 0, 0, 1, 5, EPSILON, channels);
    kernels.batchNormAffine(unit.byteOffset, sums.byteOffset, ones, zeros, 1, 5, EPSILON, channels);
    same(bare, unit, 'affine');
    const dy = memory.input(given.dy).byteOffset;
    const [backwardSums, scratch] = [memory.output(4 * channels).byteOffset, memory.output(2 * channels).byteOffset];
    kernels.batchNormBackwardSums(backwardSums, 0, 0, scratch, dy, x.byteOffset, bare.byteOffset, 5, channels, 0);
    memory.verify('no gradients');
  }
});

onEachBuild('moving statistics: one step towards the batch, and the affine that they make', (memory, kernels) => {
  for (const channels of sizes)
    for (const momentum of [0, 0.99, 1]) {
      const given = makeCase([4, 3], channels);
      const { sums } = affineOf(memory, kernels, given);
      const moments = momentsOf(wide(given.x), channels);
      const [oldMean, oldVariance] = [randomFloats(channels, 5), randomFloats(channels, 6, 0.5, 2)];
      const [mean, variance] = [memory.inout(oldMean), memory.inout(oldVariance)];
      kernels.batchNormUpdateMoving(mean.byteOffset, variance.byteOffset, sums.byteOffset, 2, 7, momentum, channels);
      for (const [actual, old, own] of [
        [mean, oldMean, moments.mean],
        [variance, oldVariance, moments.variance],
      ] as const)
        within(
          worst(
            actual,
            wide(old).map((value, c) => momentum * value + (1 - momentum) * own[c]!),
            2 * ROUNDING,
          ),
          1,
          `${channels} channels, momentum ${momentum}`,
        );
      const affine = memory.output(4 * channels);
      const [gamma, beta] = [memory.input(given.gamma), memory.input(given.beta)];
      const moving = [mean.byteOffset, variance.byteOffset, gamma.byteOffset, beta.byteOffset] as const;
      kernels.batchNormMovingAffine(affine.byteOffset, ...moving, EPSILON, channels);
      const y = memory.output(given.x.length);
      kernels.batchNormForward(y.byteOffset, memory.input(given.x).byteOffset, affine.byteOffset, 7, channels, 0);
      const expected = batchNormalizationForward(
        wide(given.x),
        wide(given.gamma),
        wide(given.beta),
        { mean: wide(mean), variance: wide(variance) },
        EPSILON,
      );
      within(worst(y, expected, 32 * ROUNDING), 1, `${channels} channels: y of moving statistics`);
      memory.verify('moving');
    }
});

onEachBuild('a mean of 10,000 deviations costs no digits of the variance', (memory, kernels) => {
  const channels = 5;
  const given = makeCase([64, 64, 13], channels, 6000);
  const moments = momentsOf(wide(given.x), channels);
  const { affine } = affineOf(memory, kernels, given);
  const expected = moments.variance.map((value, c) => given.gamma[c]! / Math.sqrt(value + EPSILON));
  within(worst(affine.subarray(channels, 2 * channels), expected, expected), 4 * ROUNDING, 'scale');
  const y = memory.output(given.x.length);
  kernels.batchNormForward(y.byteOffset, memory.input(given.x).byteOffset, affine.byteOffset, given.rows, channels, 0);
  const linear = batchNormalizationForward(wide(given.x), wide(given.gamma), wide(given.beta), moments, EPSILON);
  within(worst(y, linear, 32 * ROUNDING), 1, 'y');
  memory.verify('large mean');
});

onEachBuild('a first row of 1,000 deviations, near which sums start, costs no digits', (memory, kernels) => {
  const channels = 9;
  const given = makeCase([64, 64, 13], channels);
  given.x.fill(600, 0, channels);
  const { variance } = momentsOf(wide(given.x), channels);
  const { affine } = affineOf(memory, kernels, given);
  const expected = variance.map((value, c) => given.gamma[c]! / Math.sqrt(value + EPSILON));
  within(worst(affine.subarray(channels, 2 * channels), expected, expected), 8 * ROUNDING, 'scale');
  memory.verify('outlier');
});

onEachBuild('a constant channel gives beta, and finite gradients that sum to 0', (memory, kernels) => {
  for (const value of [0, 1 / 3, -1e4, 1e-30]) {
    const [rows, channels] = [70, 5];
    const given = { ...makeCase([64, 6], channels), x: new Float32Array(rows * channels).fill(value) };
    const { x, affine } = affineOf(memory, kernels, given);
    const y = memory.output(rows * channels);
    kernels.batchNormForward(y.byteOffset, x.byteOffset, affine.byteOffset, rows, channels, 0);
    same(
      y,
      Array.from(y, (_, i) => given.beta[i % channels]!),
      `all values ${value}`,
    );
    const [sums, slopes] = [memory.output(4 * channels), memory.output(2 * channels)];
    const dy = memory.input(given.dy).byteOffset;
    const pointers = [slopes.byteOffset, dy, x.byteOffset, affine.byteOffset] as const;
    kernels.batchNormBackwardSums(sums.byteOffset, 0, 0, ...pointers, rows, channels, 0);
    kernels.batchNormSlopes(slopes.byteOffset, sums.byteOffset, affine.byteOffset, 1, rows, channels);
    const dx = memory.output(rows * channels);
    kernels.batchNormBackward(dx.byteOffset, dy, x.byteOffset, affine.byteOffset, slopes.byteOffset, rows, channels, 0);
    for (let c = 0; c < channels; c++) {
      const column = dx.filter((_, i) => i % channels === c);
      within(Math.abs(wide(column).reduce((sum, each) => sum + each, 0)), 1e-3, `Σ dx of ${value}`);
    }
    memory.verify('constant');
  }
});

onEachBuild('NaN and infinity in a channel show in that channel alone', (memory, kernels) => {
  for (const bad of [NaN, Infinity]) {
    const given = makeCase([3], 6);
    given.x[7] = bad;
    const { x, affine } = affineOf(memory, kernels, given);
    const y = memory.output(18);
    kernels.batchNormForward(y.byteOffset, x.byteOffset, affine.byteOffset, 3, 6, 1);
    for (let i = 0; i < 18; i++) assert.is(Number.isFinite(y[i]), i % 6 !== 1, `element ${i}`);
    memory.verify('NaN');
  }
});

onEachBuild('scaleColumns, in place too', (memory, kernels) => {
  for (const columns of sizes)
    for (const rows of [1, 3]) {
      const [x, scale] = [randomFloats(rows * columns, 1), randomFloats(columns, 2)];
      const expected = x.map((value, i) => Math.fround(value * scale[i % columns]!));
      const [y, atScale, inPlace] = [memory.output(x.length), memory.input(scale).byteOffset, memory.inout(x)];
      kernels.scaleColumns(y.byteOffset, memory.input(x).byteOffset, atScale, rows, columns);
      kernels.scaleColumns(inPlace.byteOffset, inPlace.byteOffset, atScale, rows, columns);
      same(y, expected, 'y');
      same(inPlace, expected, 'in place');
      memory.verify('scaleColumns');
    }
});

test.run();
