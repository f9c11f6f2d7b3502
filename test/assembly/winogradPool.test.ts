// Winograd's convolution with ReLU and pooling against plain f64 loops.
import { test } from 'uvu';
import { fusedForward, makeCase, type FusedCase } from './fusedCases.js';
import { onEachBuild, randomFloats, ROUNDING, same, within, worst } from './guardedMemory.js';

/** G of F(2 × 2, 3 × 3). */
const G = [
  [1, 0, 0],
  [0.5, 0.5, 0.5],
  [0.5, -0.5, 0.5],
  [0, 0, 1],
] as const;

onEachBuild('winogradPoolFilters: G g Gᵀ in panels, zeros past the last channel', (memory, kernels) => {
  for (const inC of [1, 3, 4, 5])
    for (const outC of [4, 8, 12, 16])
      for (const exact of [true, false]) {
        const what = `${inC} → ${outC} channels`;
        const w = randomFloats(9 * inC * outC, inC + outC).map((value) => (exact ? Math.round(4 * value) : value));
        const panels = Math.ceil(outC / 16);
        const u = memory.output(16 * panels * inC * 16);
        kernels.winogradPoolFilters(u.byteOffset, memory.input(w).byteOffset, inC, outC);
        const sum = (i: number, of: (value: number) => number): number => {
          const [matrix, panel, c, lane] = [
            Math.floor(i / (panels * inC * 16)),
            Math.floor(i / (inC * 16)) % panels,
            Math.floor(i / 16) % inC,
            i % 16,
          ];
          const k = 16 * panel + lane;
          if (k >= outC) return 0;
          let total = 0;
          for (let a = 0; a < 3; a++)
            for (let b = 0; b < 3; b++)
              total += of(G[matrix >> 2]![a]! * G[matrix & 3]![b]!) * of(w[((3 * a + b) * inC + c) * outC + k]!);
          return total;
        };
        const expected = Float64Array.from({ length: u.length }, (_, i) => sum(i, (value) => value));
        // Two additions a pass; halving is exact.
        within(
          worst(u, expected, exact ? 0 : expected.map((_, i) => 4 * ROUNDING * sum(i, Math.abs))),
          exact ? 0 : 1,
          what,
        );
        memory.verify(what);
      }
});

function* cases(): Generator<FusedCase> {
  let seed = 1;
  for (const inC of [4, 8, 12])
    for (const outC of [4, 8, 12, 16, 20])
      for (const [height, width] of [
        [4, 4],
        [5, 7],
        [8, 6],
        [9, 11],
      ] as const) {
        yield makeCase(1 + (seed % 3), height, width, inC, outC, 3, 3, seed++);
      }
}

onEachBuild('winogradPoolForward: y and which position won', (memory, kernels) => {
  for (const c of cases()) {
    const expected = fusedForward(c);
    const tiles = c.poolH * c.poolW;
    const y = memory.output(expected.y.length);
    const argmax = memory.outputBytes(expected.y.length);
    const u = memory.output(16 * Math.ceil(c.outC / 16) * c.inC * 16);
    kernels.winogradPoolFilters(u.byteOffset, memory.input(c.w).byteOffset, c.inC, c.outC);
    const [atX, atBias] = [memory.input(c.x).byteOffset, c.b ? memory.input(c.b).byteOffset : 0];
    const [v, m] = [memory.output(16 * tiles * c.inC).byteOffset, memory.output(16 * tiles * c.outC).byteOffset];
    kernels.winogradPoolForward(
      y.byteOffset,
      argmax.byteOffset,
      atX,
      u.byteOffset,
      atBias,
      v,
      m,
      c.n,
      c.inH,
      c.inW,
      c.inC,
      c.poolH,
      c.poolW,
      c.outC,
    );
    // Sums of inC products between transforms of 4 + 4 additions each, of patches whose terms cancel: the bound is the largest
    // plain sum of magnitudes, and a rounding for each addition on the way.
    const bound = (c.inC + 16) * ROUNDING * Math.max(...expected.bound);
    within(worst(y, expected.y, c.exact ? 0 : bound), c.exact ? 0 : 1, `${c.what}: y`);
    if (c.exact) same(argmax, expected.argmax, `${c.what}: argmax`);
    const alone = memory.output(expected.y.length);
    const sizes = [c.n, c.inH, c.inW, c.inC, c.poolH, c.poolW, c.outC] as const;
    kernels.winogradPoolForward(alone.byteOffset, 0, atX, u.byteOffset, atBias, v, m, ...sizes);
    same(alone, y, `${c.what}: y without argmax`);
    memory.verify(c.what);
  }
});

test.run();
