// Dropout: which values are dropped, bit for bit what src/base/random.ts says, and the same ones in the backward pass.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makeKey, randomBits } from '../../src/base/random.js';
import { onEachBuild, randomFloats, same, sizes, within, worst } from './guardedMemory.js';

const key = makeKey(7, 2, 1);
const salt = 0xdeadbeef;
const streamKey = (key ^ salt) >>> 0;

onEachBuild('the number of each counter is the one of src/base/random.ts', (memory, kernels) => {
  // A value is kept where its number is ≥ the threshold: kept at the number itself and dropped one above means equal.
  for (const start of [0, 1, 2 ** 31 - 3, 2 ** 32 - 9])
    for (const count of sizes) {
      const x = new Float32Array(count).fill(1);
      for (let i = 0; i < count; i++) {
        const bits = randomBits(streamKey, (start + i) >>> 0);
        for (const [threshold, kept] of [
          [bits, 1],
          [bits + 1, 0],
        ] as const) {
          if (threshold === 2 ** 32) continue;
          const y = memory.output(count);
          kernels.dropout(
            y.byteOffset,
            memory.input(x).byteOffset,
            memory.inputWords([key]).byteOffset,
            salt,
            start,
            count,
            threshold,
            1,
          );
          assert.is(y[i], kept, `counter ${start + i}, threshold ${threshold}`);
          memory.verify(`counter ${start + i}`);
        }
      }
    }
});

onEachBuild('kept values grow by 1 / (1 - rate), dropped ones are 0; in place, and in parts', (memory, kernels) => {
  for (const rate of [0.1, 0.5, 0.9])
    for (const count of sizes)
      for (const inPlace of [false, true]) {
        const what = `rate ${rate}, ${count} values${inPlace ? ' in place' : ''}`;
        const threshold = Math.floor(rate * 2 ** 32);
        const scale = 1 / (1 - rate);
        const x = randomFloats(count, 8);
        const atX = inPlace ? memory.inout(x) : memory.input(x);
        const y = inPlace ? atX : memory.output(count);
        const atKey = memory.inputWords([key]).byteOffset;
        // Any cut gives the same: each value's number follows from its own counter.
        const cut = count >> 1;
        kernels.dropout(y.byteOffset, atX.byteOffset, atKey, salt, 100, cut, threshold, scale);
        kernels.dropout(
          y.byteOffset + 4 * cut,
          atX.byteOffset + 4 * cut,
          atKey,
          salt,
          100 + cut,
          count - cut,
          threshold,
          scale,
        );
        same(
          y.map((value) => value + 0),
          x.map((value, i) =>
            randomBits(streamKey, 100 + i) >= threshold ? Math.fround(value * Math.fround(scale)) : 0,
          ),
          what,
        );
        memory.verify(what);
      }
});

onEachBuild('of many values, the share dropped is the rate', (memory, kernels) => {
  const count = 16384;
  for (const rate of [0.05, 0.25, 0.5, 0.8])
    for (const other of [0, 1]) {
      const y = memory.output(count);
      const atX = memory.input(new Float32Array(count).fill(1)).byteOffset;
      kernels.dropout(
        y.byteOffset,
        atX,
        memory.inputWords([key + other]).byteOffset,
        salt,
        0,
        count,
        Math.floor(rate * 2 ** 32),
        1,
      );
      const dropped = y.filter((value) => value === 0).length;
      // Four standard deviations of a binomial share.
      within(worst([dropped / count], [rate], Math.sqrt((rate * (1 - rate)) / count)), 4, `rate ${rate}`);
      memory.verify(`rate ${rate}`);
    }
});

onEachBuild('another key and another salt drop other values; NaN is dropped too', (memory, kernels) => {
  const drop = (atKey: number, atSalt: number): string => {
    const y = memory.output(64);
    const atX = memory.input(new Float32Array(64).fill(1)).byteOffset;
    kernels.dropout(y.byteOffset, atX, memory.inputWords([atKey]).byteOffset, atSalt, 0, 64, 2 ** 31, 1);
    const result = y.join('');
    memory.verify('64 values');
    return result;
  };
  assert.is(new Set([drop(key, salt), drop(key + 1, salt), drop(key, salt + 1)]).size, 3);

  const y = memory.output(8);
  const atX = memory.input(new Float32Array(8).fill(NaN)).byteOffset;
  kernels.dropout(y.byteOffset, atX, memory.inputWords([key]).byteOffset, salt, 0, 8, 2 ** 31, 2);
  same(
    y,
    Float32Array.from({ length: 8 }, (_, i) => (randomBits(streamKey, i) >= 2 ** 31 ? NaN : 0)),
    'NaN',
  );
  memory.verify('NaN');
});

test.run();
