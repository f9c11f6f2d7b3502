// Normal noise and dropped channels against the same bits in f64.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { randomBits } from '../../src/base/random.js';
import { normalOf } from '../reference/noise.js';
import { onEachBuild, randomFloats, same, sizes, within } from './guardedMemory.js';

onEachBuild('addNoise: each number is that of its bits, to 1e-6, wherever it starts', (memory, kernels) => {
  for (const count of [...sizes, 33, 2000])
    for (const start of [0, 5]) {
      const what = `${count} from ${start}`;
      const [key, salt] = [count * 7919, 0x9e3779b9 | 0];
      const x = new Float32Array(count);
      const atKey = memory.inputWords([key]).byteOffset;
      const y = memory.output(count);
      kernels.addNoise(y.byteOffset, memory.input(x).byteOffset, atKey, salt, start, count, 1);
      for (const [i, value] of y.entries()) {
        const expected = normalOf(randomBits((key ^ salt) >>> 0, start + i));
        within(Math.abs(value - expected) / Math.abs(expected), 1e-6, `${what}: ${i}`);
      }
      const values = randomFloats(count, 1);
      const over = memory.inout(values);
      kernels.addNoise(over.byteOffset, over.byteOffset, atKey, salt, start, count, 0.25);
      for (const [i, value] of over.entries()) within(Math.abs(value - (values[i]! + 0.25 * y[i]!)), 1e-6, what);
      memory.verify(what);
    }
});

onEachBuild('addNoise: mean 0, deviation 1, and the tails of a normal distribution', (memory, kernels) => {
  const count = 60_000;
  const y = memory.inout(new Float32Array(count));
  kernels.addNoise(y.byteOffset, y.byteOffset, memory.inputWords([12345]).byteOffset, 17, 0, count, 1);
  const mean = (f: (value: number) => number): number => y.reduce((sum, value) => sum + f(value), 0) / count;
  // Four standard errors.
  within(Math.abs(mean((value) => value)), 4 / Math.sqrt(count), 'mean');
  within(Math.abs(mean((value) => value ** 2) - 1), 4 * Math.sqrt(2 / count), 'variance');
  within(
    Math.abs(mean((value) => (Math.abs(value) > 1.959964 ? 1 : 0)) - 0.05),
    4 * Math.sqrt(0.0475 / count),
    'tails',
  );
  assert.ok(y.some((value) => Math.abs(value) > 3.5) && y.every((value) => Math.abs(value) < 5.5));
});

onEachBuild('spatialDropout: a channel of an example at all positions or at none', (memory, kernels) => {
  for (const channels of sizes)
    for (const [n, positions, first] of [
      [1, 1, 0],
      [2, 5, 3],
      [3, 4, 16],
    ] as const) {
      const what = `${n} × [${positions}, ${channels}] from ${first}`;
      const [key, salt, threshold] = [99, 12, 2 ** 31];
      const x = randomFloats(n * positions * channels, channels);
      const y = memory.output(x.length);
      const atKey = memory.inputWords([key]).byteOffset;
      kernels.spatialDropout(
        y.byteOffset,
        memory.input(x).byteOffset,
        atKey,
        salt,
        first,
        n,
        positions,
        channels,
        threshold,
        2,
      );
      const kept = (i: number): boolean => {
        const example = first + Math.floor(i / (positions * channels));
        return randomBits(key ^ salt, example * channels + (i % channels)) >= threshold;
      };
      same(
        y,
        x.map((value, i) => (kept(i) ? 2 * value : 0)),
        what,
      );
      memory.verify(what);
    }
});

test.run();
