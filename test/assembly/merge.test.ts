// Merges element by element, and rows that are repeated, summed and copied: bit for bit, as each is one rounding or sums in a fixed order.
import { test } from 'uvu';
import { onEachBuild, randomFloats, same, sizes } from './guardedMemory.js';

const { fround } = Math;

/** In the order of their numbers. */
const merges: readonly ((a: number, b: number) => number)[] = [
  (a, b) => fround(a + b),
  (a, b) => Math.max(fround(a + b), 0),
  (a, b) => fround(a - b),
  (a, b) => fround(a * b),
  (a, b) => Math.max(a, b),
  (a, b) => Math.min(a, b),
];
const counts = [...sizes, 16, 33];

onEachBuild('mergeForward: each way, to a new place and over either input', (memory, kernels) => {
  for (const count of counts)
    for (const [how, merge] of merges.entries()) {
      const what = `${count}, way ${how}`;
      const [a, b] = [randomFloats(count, how), randomFloats(count, how + 10)];
      // A NaN comes through, whichever has it.
      a[count - 1] = NaN;
      if (count > 2) b[1] = NaN;
      const expected = a.map((value, i) => merge(value, b[i]!));
      const y = memory.output(count);
      kernels.mergeForward(y.byteOffset, memory.input(a).byteOffset, memory.input(b).byteOffset, count, how);
      same(y, expected, what);
      const over = memory.inout(a);
      kernels.mergeForward(over.byteOffset, over.byteOffset, memory.input(b).byteOffset, count, how);
      same(over, expected, `${what}, over a`);
      const overB = memory.inout(b);
      kernels.mergeForward(overB.byteOffset, memory.input(a).byteOffset, overB.byteOffset, count, how);
      same(overB, expected, `${what}, over b`);
      memory.verify(what);
    }
});

onEachBuild('addReluBackward: dy where y is positive, to both, also over dy', (memory, kernels) => {
  for (const count of counts) {
    const [dy, y] = [randomFloats(count, 1), randomFloats(count, 2).map((value) => Math.max(value, 0))];
    const expected = dy.map((value, i) => (y[i]! > 0 ? value : 0));
    const [da, db, over] = [memory.output(count), memory.output(count), memory.inout(dy)];
    const atY = memory.input(y).byteOffset;
    kernels.addReluBackward(da.byteOffset, db.byteOffset, memory.input(dy).byteOffset, atY, count);
    same(da, expected, `${count}: da`);
    same(db, expected, `${count}: db`);
    kernels.addReluBackward(over.byteOffset, db.byteOffset, over.byteOffset, atY, count);
    same(over, expected, `${count}: over dy`);
    memory.verify(`${count}`);
  }
});

onEachBuild('maximumBackward: dy where x won, and the rest for the next', (memory, kernels) => {
  for (const count of counts)
    for (const needed of [true, false]) {
      const dy = randomFloats(count, 3);
      const x = Float32Array.from({ length: count }, (_, i) => i % 3);
      const y = Float32Array.from({ length: count }, (_, i) => (i % 2 === 0 ? i % 3 : 5));
      const [dx, left] = [memory.output(count), memory.inout(dy)];
      const [atX, atY] = [memory.input(x).byteOffset, memory.input(y).byteOffset];
      kernels.maximumBackward(needed ? dx.byteOffset : 0, left.byteOffset, atX, atY, count);
      if (needed)
        same(
          dx,
          dy.map((value, i) => (x[i] === y[i] ? value : 0)),
          `${count}: dx`,
        );
      same(
        left,
        dy.map((value, i) => (x[i] === y[i] ? 0 : value)),
        `${count}: dy`,
      );
      memory.verify(`${count}`);
    }
});

onEachBuild('repeatRows and sumRows: [outer, inner] and [outer, repeat, inner]', (memory, kernels) => {
  for (const outer of [1, 3])
    for (const repeat of [1, 2, 5, 9])
      for (const inner of sizes) {
        const what = `[${outer}, ${repeat}, ${inner}]`;
        const x = randomFloats(outer * inner, inner);
        const y = memory.output(outer * repeat * inner);
        kernels.repeatRows(y.byteOffset, memory.input(x).byteOffset, outer, repeat, inner);
        same(
          y,
          y.map((_, i) => x[Math.floor(i / repeat / inner) * inner + (i % inner)]!),
          `${what}: repeated`,
        );
        const dy = randomFloats(outer * repeat * inner, repeat).map((value, i) => value * 10 ** (i % 5));
        const sum = memory.output(outer * inner);
        kernels.sumRows(sum.byteOffset, memory.input(dy).byteOffset, outer, repeat, inner);
        same(
          sum,
          sum.map((_, i) => sumOf(dy, Math.floor(i / inner), i % inner, repeat, inner)),
          `${what}: summed`,
        );
        memory.verify(what);
      }
});

/** In the kernel's order: row by row; a single column in four lanes first. */
function sumOf(dy: Float32Array, block: number, column: number, repeat: number, inner: number): number {
  const values = Array.from({ length: repeat }, (_, r) => dy[(block * repeat + r) * inner + column]!);
  if (inner > 1) return values.reduce((sum, value) => fround(sum + value));
  const lanes = [0, 0, 0, 0];
  const wide = repeat & ~3;
  for (let r = 0; r < wide; r++) lanes[r % 4] = fround(lanes[r % 4]! + values[r]!);
  return [...lanes, ...values.slice(wide)].reduce((sum, value) => fround(sum + value));
}

onEachBuild('copyRows: rows of one stride to rows of another', (memory, kernels) => {
  for (const rows of [1, 4])
    for (const width of sizes)
      for (const [yGap, xGap] of [
        [0, 3],
        [5, 0],
      ] as const) {
        const what = `${rows} × ${width}, gaps ${yGap} and ${xGap}`;
        const x = randomFloats(rows * (width + xGap), width);
        const before = randomFloats(rows * (width + yGap), 99);
        const y = memory.inout(before);
        kernels.copyRows(y.byteOffset, memory.input(x).byteOffset, rows, width, width + yGap, width + xGap);
        const expected = before.map((value, i) => {
          const [row, column] = [Math.floor(i / (width + yGap)), i % (width + yGap)];
          return column < width ? x[row * (width + xGap) + column]! : value;
        });
        same(y, expected, what);
        memory.verify(what);
      }
});

test.run();
