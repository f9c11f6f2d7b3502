// The fixed-order sums, bit for bit: determinism rests on them.
import { test } from 'uvu';
import { onEachBuild, randomFloats, same, sizes } from './guardedMemory.js';

const { fround } = Math;

/** Values of very different sizes, so that another order of summation gives other bits. */
const spread = (count: number, seed: number): Float32Array =>
  randomFloats(count, seed).map((value, i) => value * 10 ** ((i * 7) % 9));

onEachBuild('sumParts: the first part first, each part in its place', (memory, kernels) => {
  for (const count of [...sizes, 16])
    for (const parts of [1, 2, 3, 8, 9])
      for (const stride of [count, count + 5]) {
        const what = `${parts} parts of ${count}, ${stride} apart`;
        const values = spread(parts * stride, count);
        const sum = memory.output(count);
        kernels.sumParts(sum.byteOffset, memory.input(values).byteOffset, count, parts, stride);
        const expected = Float32Array.from({ length: count }, (_, i) => {
          let total = values[i]!;
          for (let part = 1; part < parts; part++) total = fround(total + values[part * stride + i]!);
          return total;
        });
        same(sum, expected, what);
        memory.verify(what);
      }
});

onEachBuild('addRows: to what is there, the first row first', (memory, kernels) => {
  for (const columns of [...sizes, 16])
    for (const rows of [0, 1, 2, 7, 33]) {
      const what = `[${rows}, ${columns}]`;
      const values = spread(rows * columns, columns);
      const before = spread(columns, 99);
      const sum = memory.inout(before);
      kernels.addRows(sum.byteOffset, memory.input(values).byteOffset, rows, columns);
      const expected = before.map((value, j) => {
        for (let i = 0; i < rows; i++) value = fround(value + values[i * columns + j]!);
        return value;
      });
      same(sum, expected, what);
      memory.verify(what);
    }
});

onEachBuild('addBias: the same to each row', (memory, kernels) => {
  for (const columns of [...sizes, 16])
    for (const rows of [0, 1, 2, 7]) {
      const what = `[${rows}, ${columns}]`;
      const before = spread(rows * columns, columns);
      const bias = spread(columns, 99);
      const x = memory.inout(before);
      kernels.addBias(x.byteOffset, memory.input(bias).byteOffset, rows, columns);
      same(
        x,
        before.map((value, i) => fround(value + bias[i % columns]!)),
        what,
      );
      memory.verify(what);
    }
});

onEachBuild('clear: count floats, no more', (memory, kernels) => {
  for (const count of [0, ...sizes]) {
    const x = memory.output(count);
    kernels.clear(x.byteOffset, count);
    same(x, new Float32Array(count), `${count}`);
    memory.verify(`${count}`);
  }
});

test.run();
