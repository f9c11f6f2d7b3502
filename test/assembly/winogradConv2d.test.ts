// Winograd's convolution with strides of 1 and 2, forward and backward, against plain f64 loops.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  conv2dBackwardInput,
  conv2dBackwardWeights,
  conv2dForward,
  conv2dOutput,
  type Conv2dSizes,
} from '../reference/conv2d.js';
import { slide } from '../reference/windows.js';
import {
  magnitudes,
  onEachBuild,
  randomFloats,
  ROUNDING,
  wide,
  within,
  worst,
  type GuardedMemory,
} from './guardedMemory.js';

interface Case {
  readonly what: string;
  readonly sizes: Conv2dSizes;
  /** inH … padLeft, in the order of the kernels. */
  readonly kernelSizes: [number, number, number, number, number, number, number, number, number, number];
  readonly x: Float32Array;
  readonly w: Float32Array;
  readonly b: Float32Array;
  readonly dy: Float32Array;
}

/** Outputs of 1 to 9 along an axis: every rest that whole tiles leave, with each stride. */
function* cases(): Generator<Case> {
  const channels = [4, 8, 12, 16, 20];
  let seed = 1;
  for (const strides of [
    [1, 1],
    [2, 2],
    [1, 2],
    [2, 1],
  ] as const)
    for (const padding of ['valid', 'same'] as const)
      for (const [inH, inW] of [
        [3, 3],
        [4, 5],
        [6, 7],
        [8, 9],
        [9, 4],
        [11, 10],
      ] as const) {
        const [inC, outC] = [channels[seed % 5]!, channels[(seed + (seed >> 2)) % 5]!];
        const small = padding === 'same' && seed % 5 === 0;
        const sizes: Conv2dSizes = {
          n: 1 + (seed % (strides[0] * strides[1] === 1 ? 16 : 3)),
          inH: small ? 1 : inH,
          inW: small ? 2 : inW,
          inC,
          outC,
          kernelSize: [3, 3],
          strides,
          padding,
        };
        const [outH, outW] = conv2dOutput(sizes);
        yield {
          what: `${sizes.n} × [${sizes.inH}, ${sizes.inW}, ${inC}] → ${outC}, strides ${strides.join(' × ')}, ${padding}`,
          sizes,
          kernelSizes: [
            sizes.inH,
            sizes.inW,
            inC,
            outH,
            outW,
            outC,
            ...strides,
            slide(sizes.inH, 3, strides[0], padding).before,
            slide(sizes.inW, 3, strides[1], padding).before,
          ],
          x: randomFloats(sizes.n * sizes.inH * sizes.inW * inC, 10 * seed),
          w: randomFloats(9 * inC * outC, 10 * seed + 1),
          b: randomFloats(outC, 10 * seed + 2),
          dy: randomFloats(sizes.n * outH * outW * outC, 10 * seed + 3),
        };
        seed++;
      }
}

/** Points of an axis, all their values, and inputs: counted one by one, unlike in the kernels. */
function axis(out: number, stride: number): { points: number; values: number; inputs: number } {
  let [values, inputs] = [0, 0];
  for (let left = out; left > 0; left -= 4) {
    // Three outputs that are left are a large tile, too; of one or two a small one is made.
    const outputs = left >= 3 ? 4 : left;
    values += stride === 1 ? 2 * Math.ceil(outputs / 2) + 2 : outputs + 1 + Math.min(outputs, left);
    inputs += stride === 1 ? 2 * Math.ceil(outputs / 2) : 2 * outputs;
  }
  return { points: 6, values, inputs: inputs + (stride === 1 ? 2 : 1) };
}

interface Scratch {
  readonly u: number;
  /** 0 for the forward pass. */
  readonly transposed: number;
  readonly v: number;
  readonly m: number;
  readonly padded: number;
  readonly lines: number;
  readonly filters: number;
  readonly apart: number;
}

/** Exactly what the kernels say they need, and the weights at their points. */
function scratch(
  memory: GuardedMemory,
  pass: 'forward' | 'backward',
  { w, sizes: { n }, kernelSizes: [inH, inW, inC, outH, outW, outC, strideH, strideW, padTop, padLeft] }: Case,
): Scratch {
  const [rows, columns] = [axis(outH, strideH), axis(outW, strideW)];
  const [height, width] = [Math.max(rows.inputs, padTop + inH), Math.max(columns.inputs, padLeft + inW)];
  const points = rows.points * columns.points;
  const floats = (count: number): number => memory.output(count).byteOffset;
  const values = rows.values * columns.values;
  // Backward, images that are one tile are taken together.
  const isTile = pass === 'backward' && Math.max(outH, outW) <= 4 && strideH * strideW === 1;
  const together = isTile ? n : 1;
  const places = {
    u: floats(points * inC * 16 * Math.ceil(outC / 16)),
    transposed: pass === 'forward' ? 0 : floats(points * outC * 16 * Math.ceil(inC / 16)),
    v: floats(together * values * inC),
    m: floats(together * values * outC),
    padded: floats(height * width * inC),
    lines: floats(9 * Math.max(width * inC, outW * outC)),
    filters: floats((points + 3 * rows.points) * inC * outC),
    apart: isTile ? values : 1,
  };
  const [from, { u, transposed, filters }] = [memory.input(w).byteOffset, places];
  memory.kernels.winogradFilters(u, transposed, from, filters, inC, outC, strideH, strideW);
  return places;
}

const largest = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, value), 0);

/**
 * A rounding for each product and each addition of a transform on the largest plain sum of magnitudes. The tiles of stride 1
 * enlarge a rounding at most 16 times (Aᵀ, G and Bᵀ without their signs against the plain three taps).
 */
function limit(products: number, { strides }: Conv2dSizes, sums: Float64Array): number {
  return (products + 16) * ROUNDING * largest(sums) * (strides.includes(1) ? 16 : 1);
}

onEachBuild('winogradConv2dForward: with bias and ReLU, and with neither', (memory, kernels) => {
  for (const c of cases())
    for (const whole of [true, false]) {
      const { u, v, m, padded, lines } = scratch(memory, 'forward', c);
      const { n, inC, outC } = c.sizes;
      const y = memory.output(c.dy.length);
      kernels.winogradConv2dForward(
        y.byteOffset,
        memory.input(c.x).byteOffset,
        u,
        whole ? memory.input(c.b).byteOffset : 0,
        v,
        m,
        padded,
        lines,
        n,
        ...c.kernelSizes,
        whole ? 1 : 0,
      );
      const bias = whole ? c.b : new Float32Array(outC);
      const expected = conv2dForward(wide(c.x), wide(c.w), wide(bias), c.sizes).map((value) =>
        whole ? Math.max(value, 0) : value,
      );
      const sums = conv2dForward(magnitudes(c.x), magnitudes(c.w), magnitudes(bias), c.sizes);
      within(worst(y, expected, limit(inC, c.sizes, sums)), 1, `${c.what}, ${whole ? 'bias and ReLU' : 'plain'}`);
      memory.verify(c.what);
    }
});

onEachBuild('winogradConv2dBackward overwrites dw, and dx where it is asked for', (memory, kernels, build) => {
  for (const c of cases())
    for (const withDx of [true, false]) {
      const { transposed, v, m, padded, lines, filters, apart } = scratch(memory, 'backward', c);
      const { n, outC } = c.sizes;
      const [dx, dw] = [memory.output(c.x.length), memory.output(c.w.length)];
      const [atDy, atX] = [memory.input(c.dy).byteOffset, memory.input(c.x).byteOffset];
      const run = (apart: number): void =>
        kernels.winogradConv2dBackward(
          withDx ? dx.byteOffset : 0,
          dw.byteOffset,
          atDy,
          atX,
          transposed,
          v,
          m,
          padded,
          lines,
          filters,
          apart,
          n,
          ...c.kernelSizes,
        );
      run(1);
      const [dxOneByOne, dwOneByOne] = [dx.slice(), dw.slice()];
      run(apart);
      if (build !== 'fused') {
        assert.equal(dw, dwOneByOne, `${c.what}: dw of images together`);
        if (withDx) assert.equal(dx, dxOneByOne, `${c.what}: dx of images together`);
      }
      const positions = c.dy.length / outC;
      const dwSums = conv2dBackwardWeights(magnitudes(c.dy), magnitudes(c.x), c.sizes);
      within(
        worst(dw, conv2dBackwardWeights(wide(c.dy), wide(c.x), c.sizes), limit(positions, c.sizes, dwSums)),
        1,
        `${c.what}: dw`,
      );
      const dxSums = conv2dBackwardInput(magnitudes(c.dy), magnitudes(c.w), c.sizes);
      if (withDx)
        within(
          worst(dx, conv2dBackwardInput(wide(c.dy), wide(c.w), c.sizes), limit(outC, c.sizes, dxSums)),
          1,
          `${c.what}: dx`,
        );
      memory.verify(c.what);
    }
});

onEachBuild(
  'winogradConv2dForward is exactly 0 where the plain sum is, or ReLU would let noise pass, and only there',
  (memory, kernels) => {
    for (const c of cases())
      for (const inked of ['the first column', 'one value']) {
        const { n, inH, inW, inC, outC } = c.sizes;
        const middle = (Math.floor(inH / 2) * inW + Math.floor(inW / 2)) * inC + inC - 1;
        const x = c.x.map((value, i) =>
          (inked === 'one value' ? i === middle : Math.floor(i / inC) % inW === 0) ? value : 0,
        );
        const { u, v, m, padded, lines } = scratch(memory, 'forward', c);
        const y = memory.output(c.dy.length);
        kernels.winogradConv2dForward(
          y.byteOffset,
          memory.input(x).byteOffset,
          u,
          0,
          v,
          m,
          padded,
          lines,
          n,
          ...c.kernelSizes,
          0,
        );
        const sums = conv2dForward(magnitudes(x), magnitudes(c.w), new Float64Array(outC), c.sizes);
        for (const [i, sum] of sums.entries())
          if (sum === 0) assert.is(Math.abs(y[i]!), 0, `${c.what} of ${inH} lines, ${inked}: value ${i}`);
        within(
          worst(y, conv2dForward(wide(x), wide(c.w), new Float64Array(outC), c.sizes), limit(inC, c.sizes, sums)),
          1,
          `${c.what}, ${inked}`,
        );
        memory.verify(c.what);
      }
  },
);

test.run();
