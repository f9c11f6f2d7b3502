// gemm and packPanels against plain f64 loops, and against the same sum in f32, bit for bit.
import { test } from 'uvu';
import { denseForward } from '../reference/dense.js';
import { magnitudes, onEachBuild, randomFloats, ROUNDING, same, sizes, wide, within, worst } from './guardedMemory.js';

/** Modes, as assembly/gemm.ts numbers them. */
const STORE = 0,
  ADD = 1,
  RELU = 2;
/** Columns of c beyond n, which must stay as they are. */
const GAP = 3;

/** [⌈n / 16⌉, k, 16] from b [k, n]; zeros past column n. */
function pack(b: ArrayLike<number>, k: number, n: number): Float32Array {
  const panels = new Float32Array(Math.ceil(n / 16) * k * 16);
  for (let i = 0; i < k; i++)
    for (let j = 0; j < n; j++) panels[(Math.floor(j / 16) * k + i) * 16 + (j % 16)] = b[i * n + j]!;
  return panels;
}

/** c [m, n] as f32 gives it: first product to last, then the bias, then what the mode says. */
function gemmF32(
  a: Float32Array,
  b: Float32Array,
  bias: Float32Array,
  before: Float32Array,
  m: number,
  n: number,
  k: number,
  mode: number,
): Float32Array {
  const { fround } = Math;
  return Float32Array.from({ length: m * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let l = 0; l < k; l++) sum = fround(sum + fround(a[i * k + l]! * b[l * n + j]!));
    sum = fround(sum + bias[j]!);
    return mode === RELU ? Math.max(sum, 0) : mode === ADD ? fround(sum + before[at]!) : sum;
  });
}

onEachBuild('gemm: all sizes around the tile, each mode, with and without bias, a and aᵀ', (memory, kernels, build) => {
  let seed = 0;
  for (const m of sizes)
    for (const n of [...sizes, 16, 21, 33])
      for (const k of [1, 4, 9, 17]) {
        for (const mode of [STORE, ADD, RELU]) {
          seed++;
          const what = `[${m}, ${k}] · [${k}, ${n}], mode ${mode}`;
          const transposed = seed % 2 === 1;
          const withBias = seed % 4 > 1;
          const a = randomFloats(m * k, seed);
          const b = randomFloats(k * n, seed + 1e6);
          const bias = withBias ? randomFloats(n, seed + 2e6) : new Float32Array(n);
          const before = randomFloats(m * n, seed + 3e6);
          const cRow = n + GAP;

          const atC = memory.inout(
            Array.from({ length: m * cRow }, (_, i) =>
              i % cRow < n ? before[Math.floor(i / cRow) * n + (i % cRow)]! : i,
            ),
          );
          const atA = memory.input(
            transposed ? Float32Array.from(a, (_, i) => a[(i % m) * k + Math.floor(i / m)]!) : a,
          );
          const panels = memory.input(pack(b, k, n));
          const atBias = withBias ? memory.input(bias).byteOffset : 0;
          kernels.gemm(
            atC.byteOffset,
            atA.byteOffset,
            panels.byteOffset,
            atBias,
            m,
            n,
            k,
            cRow,
            transposed ? 1 : k,
            transposed ? m : 1,
            mode,
          );

          const c = Float32Array.from({ length: m * n }, (_, i) => atC[Math.floor(i / n) * cRow + (i % n)]!);
          const gaps = (_: unknown, i: number): boolean => i % cRow >= n;
          same(atC.filter(gaps), atC.map((_, i) => i).filter(gaps), `${what}: between the rows`);
          memory.verify(what);

          const sizesOf = { n: m, inputs: k, outputs: n };
          const added = mode === ADD ? before : new Float32Array(m * n);
          const sums = denseForward(wide(a), wide(b), wide(bias), sizesOf).map((sum, i) => sum + added[i]!);
          // k products, k additions, the bias and c: at most k + 2 roundings on the way of each term.
          const bound = denseForward(magnitudes(a), magnitudes(b), magnitudes(bias), sizesOf).map(
            (sum, i) => (k + 2) * ROUNDING * (sum + Math.abs(added[i]!)),
          );
          within(worst(c, mode === RELU ? sums.map((sum) => Math.max(sum, 0)) : sums, bound), 1, what);
          // Two roundings a term, in order: what the exact builds promise to the bit.
          if (build !== 'fused')
            same(
              c.map((value) => value + 0),
              gemmF32(a, b, bias, before, m, n, k, mode).map((value) => value + 0),
              `${what}, summed in f32`,
            );
        }
      }
});

onEachBuild('packPanels: b and bᵀ, whole panels and parts, with room for more rows', (memory, kernels) => {
  for (const n of [...sizes, 16, 33])
    for (const k of [1, 2, 5])
      for (const transposed of [false, true])
        for (const panelRows of [k, k + 2]) {
          const what = `[${k}, ${n}]${transposed ? ' transposed' : ''}, panels of ${panelRows} rows`;
          const b = randomFloats(k * n, n);
          const from = memory.input(
            transposed ? Float32Array.from(b, (_, i) => b[(i % k) * n + Math.floor(i / k)]!) : b,
          );
          const count = Math.ceil(n / 16) * panelRows * 16;
          const panels = memory.inout(Array.from({ length: count }, (_, i) => -i));
          kernels.packPanels(
            panels.byteOffset,
            from.byteOffset,
            k,
            n,
            transposed ? 1 : n,
            transposed ? k : 1,
            panelRows,
          );
          const packed = pack(b, k, n);
          const expected = Float32Array.from({ length: count }, (_, i) => {
            const [panel, row] = [Math.floor(i / (16 * panelRows)), Math.floor(i / 16) % panelRows];
            return row < k ? packed[(panel * k + row) * 16 + (i % 16)]! : -i;
          });
          same(panels, expected, what);
          memory.verify(what);
        }
});

test.run();
