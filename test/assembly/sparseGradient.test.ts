// The sparse backward pass of pooling, ReLU and convolution against plain f64 loops; and transpose.
import { test } from 'uvu';
import { fusedBackward, fusedForward, makeCase, type FusedCase } from './fusedCases.js';
import { onEachBuild, randomFloats, ROUNDING, same, sizes, within, worst } from './guardedMemory.js';

/** [columns, rows] from [rows, columns]. */
function transposed(values: ArrayLike<number>, rows: number, columns: number): Float64Array {
  return Float64Array.from({ length: rows * columns }, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
}

onEachBuild('transpose', (memory, kernels) => {
  for (const rows of sizes)
    for (const columns of sizes) {
      const values = randomFloats(rows * columns, rows);
      const to = memory.output(rows * columns);
      kernels.transpose(to.byteOffset, memory.input(values).byteOffset, rows, columns);
      same(to, transposed(values, rows, columns), `[${rows}, ${columns}]`);
      memory.verify(`[${rows}, ${columns}]`);
    }
});

function* cases(): Generator<FusedCase> {
  let seed = 1;
  for (const inC of [4, 8, 12, 16, 20])
    for (const outC of [4, 5, 8, 17])
      for (const [height, width, kH, kW] of [
        [4, 4, 3, 3],
        [5, 7, 3, 3],
        [8, 6, 2, 3],
        [6, 9, 1, 6],
        [9, 7, 5, 3],
      ] as const) {
        yield makeCase(1 + (seed % 3), height, width, inC, outC, kH, kW, seed++);
      }
}

onEachBuild('conv2dPoolBackward adds to dwT and db, overwrites dx', (memory, kernels) => {
  for (const c of cases()) {
    const { y, argmax: winners } = fusedForward(c);
    const expected = fusedBackward(c, y, winners);
    const [k, cells] = [c.kH * c.kW * c.inC, c.poolH * c.poolW];
    const before = { dwT: randomFloats(k * c.outC, 5).map(Math.round), db: randomFloats(c.outC, 6).map(Math.round) };
    const dwT = memory.inout(before.dwT);
    const db = c.b ? memory.inout(before.db) : null;
    const dx = winners.length % 5 === 0 ? null : memory.output(c.x.length);
    const [atDy, atY, atX] = [memory.input(c.dy).byteOffset, memory.input(y).byteOffset, memory.input(c.x).byteOffset];
    const argmax = memory.inputBytes(Uint8Array.from(winners)).byteOffset;
    const wT = memory.input(transposed(c.w, k, c.outC)).byteOffset;
    const [byChannel, byPosition, ends] = [2 * cells * c.outC, 8 * cells * c.outC, c.outC + 4 * cells].map(
      (count) => memory.output(count).byteOffset,
    ) as [number, number, number];
    kernels.conv2dPoolBackward(
      dx?.byteOffset ?? 0,
      dwT.byteOffset,
      db?.byteOffset ?? 0,
      atDy,
      atY,
      argmax,
      atX,
      wT,
      byChannel,
      byPosition,
      ends,
      c.n,
      c.inH,
      c.inW,
      c.inC,
      c.poolH,
      c.poolW,
      c.outC,
      c.kH,
      c.kW,
    );
    const check = (
      name: string,
      actual: Float32Array,
      sums: Float64Array,
      magnitude: Float64Array,
      start: Float32Array | null,
      roundings: number,
    ): void => {
      const bound = magnitude.map((sum, i) => roundings * ROUNDING * (sum + Math.abs(start?.[i] ?? 0)));
      within(
        worst(
          actual,
          sums.map((sum, i) => sum + (start?.[i] ?? 0)),
          c.exact ? 0 : bound,
        ),
        c.exact ? 0 : 1,
        `${c.what}: ${name}`,
      );
    };
    // A product and an addition a cell, of all examples; in dx for each of at most kH · kW patches, outC of them.
    const count = c.n * cells + c.n + 1;
    check(
      'dwT',
      dwT,
      transposed(expected.dw, k, c.outC),
      transposed(expected.magnitude.dw, k, c.outC),
      before.dwT,
      count,
    );
    if (db) check('db', db, expected.db, expected.magnitude.db, before.db, count);
    if (dx) check('dx', dx, expected.dx, expected.magnitude.dx, null, c.kH * c.kW * c.outC + 1);
    memory.verify(c.what);
  }
});

test.run();
