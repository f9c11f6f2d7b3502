// A dense layer on one example gives the bits of gemm, whatever is 0 in it.
import { test } from 'uvu';
import { onEachBuild, randomFloats, same } from './guardedMemory.js';

const STORE = 0,
  RELU = 2;

onEachBuild('denseRowForward: the bits of gemm, with none, some and only zeros in x', (memory, kernels) => {
  let seed = 0;
  for (const inSize of [1, 4, 9, 17])
    for (const outSize of [1, 4, 15, 16, 17, 21, 32, 33, 47, 64, 70])
      for (const zeros of [0, 0.6, 1])
        for (const relu of [false, true]) {
          seed++;
          const what = `${inSize} → ${outSize}, ${zeros} zeros${relu ? ', ReLU' : ''}`;
          const zero = randomFloats(inSize, seed + 1e6, 0, 1);
          const x = memory.input(
            randomFloats(inSize, seed).map((value, i) => (zero[i]! < zeros ? 0 : value)),
          ).byteOffset;
          const w = memory.input(randomFloats(inSize * outSize, seed + 2e6)).byteOffset;
          const bias = seed % 3 === 0 ? 0 : memory.input(randomFloats(outSize, seed + 3e6)).byteOffset;
          const panels = memory.output(Math.ceil(outSize / 16) * inSize * 16).byteOffset;
          kernels.packPanels(panels, w, inSize, outSize, outSize, 1, inSize);
          const [expected, y] = [memory.output(outSize), memory.output(outSize)];
          const mode = relu ? RELU : STORE;
          kernels.gemm(expected.byteOffset, x, panels, bias, 1, outSize, inSize, outSize, inSize, 1, mode);
          const [list, sums] = [memory.output(2 * (inSize + 1)).byteOffset, memory.output(32).byteOffset];
          kernels.denseRowForward(y.byteOffset, x, panels, bias, list, sums, inSize, outSize, relu ? 1 : 0);
          same(y, expected, what);
          memory.verify(what);
        }
});

test.run();
