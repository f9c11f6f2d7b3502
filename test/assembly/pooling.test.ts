// Max pooling against plain loops, bit for bit: nothing is rounded on the way.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../src/random.js';
import { maxPooling2dBackward, maxPooling2dForward, maxPooling2dOutput, maxPooling2dWinners, type MaxPooling2dSizes } from '../reference/maxPooling2d.js';
import { slide } from '../reference/windows.js';
import { onEachBuild, randomFloats, same, wide } from './guardedMemory.js';

function* cases(): Generator<{ what: string; sizes: MaxPooling2dSizes; seed: number }> {
  const images = [[4, 4], [5, 7], [7, 6], [9, 5]] as const;
  let seed = 0;
  for (const poolSize of [[1, 1], [2, 2], [3, 3], [2, 3]] as const) for (const strides of [[1, 1], [2, 2], [2, 1], [3, 2]] as const) for (const padding of ['valid', 'same'] as const) {
    for (const channels of [1, 3, 4, 5, 8, 9]) {
      const [inH, inW] = images[seed % images.length]!;
      const n = 1 + (seed % 3);
      yield { what: `${n} × [${inH}, ${inW}, ${channels}], pool ${poolSize}, strides ${strides}, ${padding}`, sizes: { n, inH, inW, channels, poolSize, strides, padding }, seed: seed++ };
    }
  }
  // Keras' default, where the last row and the last column are in no window.
  for (const channels of [3, 32]) yield { what: `[11, 11, ${channels}], pool 2`, sizes: { n: 2, inH: 11, inW: 11, channels, poolSize: [2, 2], strides: [2, 2], padding: 'valid' }, seed: seed++ };
}

/** Half of the cases have nothing but ties: whole numbers from -1 to 1. */
function values(count: number, seed: number): Float32Array {
  if (seed % 2 === 0) return randomFloats(count, seed, -2, 1);
  const random = new RandomStream(seed);
  return Float32Array.from({ length: count }, () => random.below(3) - 1);
}

onEachBuild('maxPooling2dForward: the maxima, and where the first of equal ones was', (memory, kernels) => {
  for (const { what, sizes, seed } of cases()) {
    const { n, inH, inW, channels, poolSize, strides, padding } = sizes;
    const [outH, outW] = maxPooling2dOutput(sizes);
    const x = values(n * inH * inW * channels, seed);
    const outSize = outH * outW * channels;
    const y = memory.output(n * outSize);
    const where = memory.outputWords(n * outSize);
    const pads = [slide(inH, poolSize[0], strides[0], padding).before, slide(inW, poolSize[1], strides[1], padding).before] as const;
    kernels.maxPooling2dForward(y.byteOffset, where.byteOffset, memory.input(x).byteOffset, n, inH, inW, channels, outH, outW, ...poolSize, ...strides, ...pads);
    same(y, maxPooling2dForward(wide(x), sizes), `${what}: y`);
    const inSize = inH * inW * channels;
    same(where, maxPooling2dWinners(wide(x), sizes).map((winner, i) => winner - Math.floor(i / outSize) * inSize), `${what}: where`);
    memory.verify(what);
  }
});

onEachBuild('maxPooling2dBackward: each dy goes to its winner, overlapping windows add up', (memory, kernels) => {
  for (const { what, sizes, seed } of cases()) {
    const { n, inH, inW, channels } = sizes;
    const inSize = inH * inW * channels;
    const x = values(n * inSize, seed);
    const [outH, outW] = maxPooling2dOutput(sizes);
    const outSize = outH * outW * channels;
    // Whole numbers: their sums are exact in any order.
    const dy = Float32Array.from({ length: n * outSize }, (_, i) => (i % 13) - 6);
    const where = maxPooling2dWinners(wide(x), sizes).map((winner, i) => winner - Math.floor(i / outSize) * inSize);
    const dx = memory.output(n * inSize);
    kernels.maxPooling2dBackward(dx.byteOffset, memory.input(dy).byteOffset, memory.inputWords(where).byteOffset, n, inSize, outSize);
    same(dx.map((value) => value + 0), maxPooling2dBackward(wide(dy), wide(x), sizes).map((value) => value + 0), what);
    memory.verify(what);
  }
});

onEachBuild('maxPooling2dForward: NaN wins its window wherever it stands, and a window of -Infinity points into itself', (memory, kernels) => {
  for (const channels of [1, 4, 5]) {
    for (const at of [0, 1, 4, 5]) {
      // [4, 4, channels] in four windows; the first holds NaN at one of its places, the last nothing but -Infinity.
      const x = new Float32Array(16 * channels).fill(1);
      const fill = (pixel: number, value: number): void => void x.fill(value, pixel * channels, (pixel + 1) * channels);
      fill(at, NaN);
      for (const pixel of [10, 11, 14, 15]) fill(pixel, -Infinity);
      const y = memory.output(4 * channels);
      const where = memory.outputWords(4 * channels);
      kernels.maxPooling2dForward(y.byteOffset, where.byteOffset, memory.input(x).byteOffset, 1, 4, 4, channels, 2, 2, 2, 2, 2, 2, 0, 0);
      for (let c = 0; c < channels; c++) {
        assert.equal([0, 1, 2, 3].map((cell) => y[cell * channels + c]), [NaN, 1, 1, -Infinity], `${channels} channels, NaN at ${at}`);
        assert.equal([0, 1, 2, 3].map((cell) => where[cell * channels + c]), [at, 2, 8, 10].map((pixel) => pixel * channels + c));
      }
      memory.verify(`${channels} channels, NaN at ${at}`);
    }
  }
});

test.run();
