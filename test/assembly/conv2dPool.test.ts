// Padding, and the direct fused convolution with its backward pass for one input channel, against plain f64 loops.
import { test } from 'uvu';
import { fusedBackward, fusedForward, makeCase, type FusedCase } from './fusedCases.js';
import { onEachBuild, randomFloats, ROUNDING, same, within, worst } from './guardedMemory.js';

onEachBuild('padImage lays zeros around, cropImage takes the inner part', (memory, kernels) => {
  for (const [inH, inW, inC] of [
    [1, 1, 1],
    [3, 4, 1],
    [2, 3, 5],
    [4, 2, 4],
  ] as const)
    for (const [top, left, bottom, right] of [
      [0, 0, 0, 0],
      [1, 1, 1, 1],
      [0, 1, 2, 3],
      [2, 0, 1, 0],
    ] as const) {
      const what = `[${inH}, ${inW}, ${inC}], ${top} ${left} ${bottom} ${right} around`;
      const x = randomFloats(inH * inW * inC, 1);
      const [height, width] = [inH + top + bottom, inW + left + right];
      const inside = (i: number): number => {
        const [row, column, channel] = [
          Math.floor(i / (width * inC)) - top,
          (Math.floor(i / inC) % width) - left,
          i % inC,
        ];
        return row >= 0 && row < inH && column >= 0 && column < inW ? (row * inW + column) * inC + channel : -1;
      };
      const padded = memory.output(height * width * inC);
      kernels.padImage(padded.byteOffset, memory.input(x).byteOffset, inH, inW, inC, top, left, bottom, right);
      same(
        padded,
        padded.map((_, i) => x[inside(i)] ?? 0),
        `${what}: padded`,
      );
      memory.verify(what);

      const values = randomFloats(height * width * inC, 2);
      const cropped = memory.output(x.length);
      kernels.cropImage(cropped.byteOffset, memory.input(values).byteOffset, inH, inW, inC, top, left, right);
      same(
        cropped,
        values.filter((_, i) => inside(i) >= 0),
        `${what}: cropped`,
      );
      memory.verify(what);
    }
});

/** Kernels from 1 × 1 to 5 × 4, odd rows and columns that no window has, several channels. */
function* cases(channels: readonly number[], widths: readonly number[]): Generator<FusedCase> {
  let seed = 1;
  for (const inC of channels)
    for (const kH of [1, 2, 3, 4, 5])
      for (const kW of widths)
        for (const [rows, columns] of [
          [2, 2],
          [3, 5],
          [6, 4],
        ] as const) {
          yield makeCase(1 + (seed % 3), rows + kH - 1, columns + kW - 1, inC, seed % 4 === 0 ? 16 : 8, kH, kW, seed++);
        }
}

onEachBuild('conv2dPoolForward: y and which position won', (memory, kernels) => {
  for (const c of cases([1, 3, 4], [1, 3, 5])) {
    const expected = fusedForward(c);
    const y = memory.output(expected.y.length);
    const argmax = memory.outputBytes(expected.y.length);
    const [atX, atW, atBias] = [
      memory.input(c.x).byteOffset,
      memory.input(c.w).byteOffset,
      c.b ? memory.input(c.b).byteOffset : 0,
    ];
    kernels.conv2dPoolForward(
      y.byteOffset,
      argmax.byteOffset,
      atX,
      atW,
      atBias,
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
    // K products, K additions and the bias.
    const roundings = c.kH * c.kW * c.inC + 1;
    within(
      worst(y, expected.y, c.exact ? 0 : expected.bound.map((size) => roundings * ROUNDING * size)),
      c.exact ? 0 : 1,
      `${c.what}: y`,
    );
    if (c.exact) same(argmax, expected.argmax, `${c.what}: argmax`);
    memory.verify(c.what);
  }
});

onEachBuild(
  'conv2dPoolForward: a window over zeros, or with one pixel anywhere, and y without argmax',
  (memory, kernels) => {
    const outC = 16;
    const w = randomFloats(9 * outC, 8);
    const biases = randomFloats(outC, 9);
    for (const bias of [null, biases])
      for (let pixel = -1; pixel < 16; pixel++) {
        const x = Float32Array.from({ length: 16 }, (_, i) => (i === pixel ? 1 : 0));
        const [y, alone, argmax] = [memory.output(outC), memory.output(outC), memory.outputBytes(outC)];
        const at = [memory.input(x), memory.input(w)].map(({ byteOffset }) => byteOffset) as [number, number];
        const rest = [bias ? memory.input(bias).byteOffset : 0, 1, 4, 4, 1, 1, 1, outC, 3, 3] as const;
        kernels.conv2dPoolForward(y.byteOffset, argmax.byteOffset, ...at, ...rest);
        kernels.conv2dPoolForward(alone.byteOffset, 0, ...at, ...rest);
        /** The weight that the pixel lies under, or 0, at each of the window's four positions. */
        const values = (channel: number): number[] =>
          [0, 1, 2, 3].map((position) => {
            const [row, column] = [(pixel >> 2) - (position >> 1), (pixel & 3) - (position & 1)];
            const under = pixel >= 0 && row >= 0 && row < 3 && column >= 0 && column < 3;
            return under ? w[(3 * row + column) * outC + channel]! : 0;
          });
        const largest = (channel: number): number => Math.max(...values(channel));
        const what = `pixel ${pixel}, ${bias ? 'bias' : 'no bias'}`;
        same(
          y.map((value) => value + 0),
          y.map((_, c) => Math.max(0, Math.fround(largest(c) + (bias?.[c] ?? 0)))),
          what,
        );
        same(alone, y, `${what}: without argmax`);
        same(
          argmax,
          [...argmax].map((_, c) => values(c).indexOf(largest(c))),
          `${what}: argmax`,
        );
        memory.verify(what);
      }
  },
);

onEachBuild('conv2dPoolBackwardOneChannel adds to dw and db', (memory, kernels) => {
  for (const [i, c] of [...cases([1], [1, 2, 3, 4])].entries()) {
    // Windows over zeros alone, which are left out.
    if (i % 3 === 0) c.x.fill(0, c.x.length >> 2);
    const { y, argmax: winners } = fusedForward(c);
    const expected = fusedBackward(c, y, winners);
    const before = { dw: randomFloats(c.w.length, 5).map(Math.round), db: randomFloats(c.outC, 6).map(Math.round) };
    const dw = memory.inout(before.dw);
    const db = c.b ? memory.inout(before.db) : null;
    const [atDy, atY, atX] = [memory.input(c.dy).byteOffset, memory.input(y).byteOffset, memory.input(c.x).byteOffset];
    const argmax = memory.inputBytes(Uint8Array.from(winners)).byteOffset;
    kernels.conv2dPoolBackwardOneChannel(
      dw.byteOffset,
      db?.byteOffset ?? 0,
      atDy,
      atY,
      argmax,
      atX,
      memory.outputWords(2 * (c.poolH * c.poolW + 1)).byteOffset,
      c.n,
      c.inH,
      c.inW,
      c.poolH,
      c.poolW,
      c.outC,
      c.kH,
      c.kW,
    );
    // A product and an addition a cell of an example, then one addition an example.
    const roundings = c.poolH * c.poolW + c.n + 1;
    const check = (name: 'dw' | 'db', actual: Float32Array): void => {
      const sums = expected[name].map((sum, i) => sum + before[name][i]!);
      const bound = expected.magnitude[name].map((sum, i) => roundings * ROUNDING * (sum + Math.abs(before[name][i]!)));
      within(worst(actual, sums, c.exact ? 0 : bound), c.exact ? 0 : 1, `${c.what}: ${name}`);
    };
    check('dw', dw);
    if (db) check('db', db);
    memory.verify(c.what);
  }
});

test.run();
