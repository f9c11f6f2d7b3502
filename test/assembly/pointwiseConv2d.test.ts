// Convolution with a kernel of 1 × 1 against plain f64 loops, around the tile of 2 × 16 and the block of 64 pixels.
import { test } from 'uvu';
import { conv2dBackwardInput, conv2dBackwardWeights, conv2dForward, type Conv2dSizes } from '../reference/conv2d.js';
import { magnitudes, onEachBuild, randomFloats, ROUNDING, sizes, wide, within, worst } from './guardedMemory.js';

interface Case {
  readonly what: string;
  readonly reference: Conv2dSizes;
  readonly pixels: number;
  readonly inC: number;
  readonly outC: number;
  readonly x: Float32Array;
  readonly w: Float32Array;
  readonly b: Float32Array;
  readonly dy: Float32Array;
}

function* cases(): Generator<Case> {
  let seed = 0;
  const one = { kernelSize: [1, 1], strides: [1, 1], padding: 'valid' } as const;
  for (const inC of sizes)
    for (const outC of [...sizes, 16, 24, 33]) {
      const pixels = [1, 2, 3, 7, 63, 64, 65, 128, 131][seed % 9]!;
      yield {
        what: `${pixels} pixels, ${inC} → ${outC}`,
        reference: { n: 1, inH: 1, inW: pixels, inC, outC, ...one },
        ...{ pixels, inC, outC },
        x: randomFloats(pixels * inC, seed),
        w: randomFloats(inC * outC, seed + 1000),
        b: randomFloats(outC, seed + 2000),
        dy: randomFloats(pixels * outC, seed + 3000),
      };
      seed++;
    }
}

const panelFloats = (columns: number, rows: number): number => Math.ceil(columns / 16) * 16 * rows;

onEachBuild('pointwiseConv2d: with bias, with ReLU, with neither', (memory, kernels) => {
  for (const { what, reference, pixels, inC, outC, x, w, b } of cases()) {
    for (const [withBias, relu] of [
      [true, 0],
      [true, 1],
      [false, 0],
    ] as const) {
      const y = memory.output(pixels * outC);
      const panels = memory.output(panelFloats(outC, inC)).byteOffset;
      kernels.packPanels(panels, memory.input(w).byteOffset, inC, outC, outC, 1, inC);
      const atBias = withBias ? memory.input(b).byteOffset : 0;
      kernels.pointwiseConv2d(y.byteOffset, memory.input(x).byteOffset, panels, atBias, pixels, inC, outC, relu);
      memory.verify(what);
      const bias = withBias ? b : new Float32Array(outC);
      const expected = conv2dForward(wide(x), wide(w), wide(bias), reference);
      const bound = conv2dForward(magnitudes(x), magnitudes(w), magnitudes(bias), reference);
      within(
        worst(
          y,
          expected.map((value) => (relu ? Math.max(value, 0) : value)),
          bound.map((sum) => (inC + 1) * ROUNDING * sum),
        ),
        1,
        `${what}, ${withBias ? 'bias' : 'no bias'}, relu ${relu}`,
      );
    }
  }
});

onEachBuild('pointwiseConv2d with W transposed overwrites dx', (memory, kernels) => {
  for (const { what, reference, pixels, inC, outC, w, dy } of cases()) {
    const dx = memory.output(pixels * inC);
    const panels = memory.output(panelFloats(inC, outC)).byteOffset;
    kernels.packPanels(panels, memory.input(w).byteOffset, outC, inC, 1, outC, outC);
    kernels.pointwiseConv2d(dx.byteOffset, memory.input(dy).byteOffset, panels, 0, pixels, outC, inC, 0);
    memory.verify(what);
    const bound = conv2dBackwardInput(magnitudes(dy), magnitudes(w), reference).map((sum) => outC * ROUNDING * sum);
    within(worst(dx, conv2dBackwardInput(wide(dy), wide(w), reference), bound), 1, what);
  }
});

onEachBuild('pointwiseConv2dBackwardWeights adds to dw', (memory, kernels) => {
  for (const { what, reference, pixels, inC, outC, x, w: before, dy } of cases()) {
    const dw = memory.inout(before);
    kernels.pointwiseConv2dBackwardWeights(
      dw.byteOffset,
      memory.input(dy).byteOffset,
      memory.input(x).byteOffset,
      pixels,
      inC,
      outC,
    );
    memory.verify(what);
    const expected = conv2dBackwardWeights(wide(dy), wide(x), reference).map((sum, i) => before[i]! + sum);
    const bound = conv2dBackwardWeights(magnitudes(dy), magnitudes(x), reference).map(
      (sum, i) => (pixels + 2) * ROUNDING * (Math.abs(before[i]!) + sum),
    );
    within(worst(dw, expected, bound), 1, what);
  }
});

test.run();
