// Fully connected (with ReLU where it follows).  Kernels: assembly/gemm.ts; predicting one example, assembly/denseRow.ts
// The weights' gradient is made once from the whole batch: a copy for each shard would cost more than the multiplication.
import { reluAfter } from './activation.js';
import { chain, panelFloats, type Lowering, type Op } from './op.js';

/** gemm's modes, as assembly/gemm.ts numbers them. */
const STORE = 0;
const RELU = 2;

/** Parts that may run side by side; fixed, so that the work is cut alike for any number of workers. */
const PARTS = 8;

/** Part `part` of [0, size), cut at multiples of `step`. */
function range(size: number, step: number, part: number): [start: number, end: number] {
  const width = Math.ceil(size / step / PARTS) * step;
  return [Math.min(size, part * width), Math.min(size, (part + 1) * width)];
}

export const lowerDense: Lowering = (node, graph): Op | null => {
  // Variables: kernel [in, out], and bias [out] where it has one.
  if (node.kind !== 'dense') return null;
  const relu = reluAfter(node, graph);
  const [inSize, outSize] = node.variables[0]!.shape as [number, number];
  const rowScratch: Record<string, number> = outSize > 16 ? { list: 2 * (inSize + 1), sums: 32 } : {};
  return {
    name: relu ? 'dense+relu' : 'dense',
    ...chain(node, relu),
    memory: {
      packed: {
        panels: panelFloats(outSize, inSize),
        ...(graph.training && { transposed: panelFloats(inSize, outSize) }),
      },
      ...(graph.training ? { batch: { dyPanels: panelFloats(outSize, 1) } } : { scratch: rowScratch }),
    },
    backwardReads: { inputs: true, outputs: relu ? 'sign' : false },
    gradients: 'batch',
    gradientParts: PARTS,
    repackParts: PARTS,
    repack(kernels, { variables, memory }, part) {
      const w = variables[0]!;
      let [start, end] = range(outSize, 16, part);
      if (start < end)
        kernels.packPanels(memory.panels! + 4 * start * inSize, w + 4 * start, inSize, end - start, outSize, 1, inSize);
      if (!memory.transposed) return;
      [start, end] = range(inSize, 16, part);
      if (start < end)
        kernels.packPanels(
          memory.transposed + 4 * start * outSize,
          w + 4 * start * outSize,
          outSize,
          end - start,
          1,
          outSize,
          outSize,
        );
    },
    forward(kernels, { x, y, variables, memory: { panels, list, sums } }, n) {
      const bias = variables[1] ?? 0;
      if (n === 1 && list)
        return kernels.denseRowForward(y, x, panels!, bias, list, sums!, inSize, outSize, relu ? 1 : 0);
      kernels.gemm(y, x, panels!, bias, n, outSize, inSize, outSize, inSize, 1, relu ? RELU : STORE);
    },
    backward(kernels, { y, dx, dy, memory, first, batch }, n) {
      if (relu) kernels.reluBackward(dy, dy, y, n * outSize);
      // dyPanels is the whole batch's [panels, batch, 16]: this shard's rows go to their place in each panel.
      kernels.packPanels(memory.dyPanels! + 64 * first, dy, n, outSize, outSize, 1, batch);
      if (dx) kernels.gemm(dx, dy, memory.transposed!, 0, n, inSize, outSize, inSize, outSize, 1, STORE);
    },
    gradient(kernels, { x, dy, gradients, memory, batch }, part) {
      const [start, end] = range(inSize, 4, part);
      if (start < end)
        kernels.gemm(
          gradients[0]! + 4 * start * outSize,
          x + 4 * start,
          memory.dyPanels!,
          0,
          end - start,
          outSize,
          batch,
          outSize,
          1,
          inSize,
          STORE,
        );
      if (gradients[1] && part === 0) {
        kernels.clear(gradients[1], outSize);
        kernels.addRows(gradients[1], dy, batch, outSize);
      }
    },
  };
};
