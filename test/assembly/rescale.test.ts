// Values on another scale, bit for bit.
import { test } from 'uvu';
import { onEachBuild, randomFloats, same, sizes } from './guardedMemory.js';

const { fround, sqrt } = Math;

onEachBuild('scaleAndShift, normalizeColumns and inverseDeviation', (memory, kernels) => {
  for (const columns of [...sizes, 16]) {
    const [x, mean, variance] = [
      randomFloats(3 * columns, 1),
      randomFloats(columns, 2),
      randomFloats(columns, 3, 0, 2),
    ];
    variance[0] = 0;
    const y = memory.output(3 * columns);
    const [atX, atMean] = [memory.input(x).byteOffset, memory.input(mean).byteOffset];
    // Products of powers of two: fused or not, one rounding.
    kernels.scaleAndShift(y.byteOffset, atX, 3 * columns, 0.5, 3);
    same(
      y,
      x.map((value) => fround(value * 0.5 + 3)),
      'scaleAndShift',
    );
    const scale = memory.output(columns);
    kernels.inverseDeviation(scale.byteOffset, memory.input(variance).byteOffset, columns, fround(1e-7));
    same(
      scale,
      variance.map((value) => fround(1 / Math.max(fround(sqrt(value)), fround(1e-7)))),
      'inverseDeviation',
    );
    kernels.normalizeColumns(y.byteOffset, atX, atMean, scale.byteOffset, 3, columns);
    same(
      y,
      x.map((value, i) => fround(fround(value - mean[i % columns]!) * scale[i % columns]!)),
      'normalizeColumns',
    );
    kernels.normalizeColumns(y.byteOffset, atX, 0, scale.byteOffset, 3, columns);
    same(
      y,
      x.map((value, i) => fround(value * scale[i % columns]!)),
      'normalizeColumns without mean',
    );
    memory.verify(`${columns}`);
  }
});

onEachBuild('bytesToFloats: as they are', (memory, kernels) => {
  for (const count of [...sizes, 256]) {
    const bytes = Uint8Array.from({ length: count }, (_, i) => 255 - i);
    const y = memory.output(count);
    kernels.bytesToFloats(y.byteOffset, memory.inputBytes(bytes).byteOffset, count);
    same(y, Float32Array.from(bytes), `${count}`);
    memory.verify(`${count}`);
  }
});

test.run();
