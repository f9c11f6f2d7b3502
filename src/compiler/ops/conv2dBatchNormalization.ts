// convolution → batchNormalization (→ ReLU) as one op. In training the convolution is kept as it is, for the backward pass, and normalized in one
// pass. Outside training there is one convolution with other weights, in which normalization is folded: kernel · scale and
// (bias - center) · scale + shift.  Kernels: those of the convolution, and assembly/batchNormalization.ts
import { moreModule } from '../../engine/modules/more.generated.js';
import { GraphView } from '../../graph/graph.js';
import { sizeOf } from '../../base/shape.js';
import { reluAfter } from './activation.js';
import { isBatchNormalization, normalizationOf } from './batchNormalization.js';
import { isConv2d } from './conv2d.js';
import { chain, lowerBy, stagesOf, type Addresses, type Lowering, type Op } from './op.js';

/** Names of the folded convolution's memory. */
const FOLDED = 'folded ';

export const lowerConv2dBatchNormalization: Lowering = (node, graph): Op | null => {
  const normalization = graph.only(node.output, 'batchNormalization');
  if (!isConv2d(node) || !isBatchNormalization(normalization)) return null;
  const relu = reluAfter(normalization, graph);
  const last = relu ?? normalization;
  // An output of the model is fused with nothing behind it: so the convolution comes alone, and the folded one with ReLU alone.
  const endingAt = (value: Op['outputs'][number], trains: boolean): GraphView =>
    new GraphView({ ...graph.graph, outputs: [...graph.graph.outputs, value] }, trains);
  const plain = lowerBy(node.lowerings, node, endingAt(node.output, graph.training));
  const folded = lowerBy(node.lowerings, { ...node, output: normalization.output }, endingAt(last.output, false));
  if (!plain || !folded) return null;

  const norm = normalizationOf(normalization, relu !== null);
  const [kernel, bias] = node.variables;
  const channels = normalization.output.shape.at(-1)!;
  const rows = kernel!.size / channels;
  /** Addresses of the folded convolution: its own weights, and its memory. */
  const foldedAt = (at: Addresses): Addresses => ({
    ...at,
    variables: [at.memory.kernel!, at.memory.bias!],
    memory: Object.fromEntries([
      ...Object.keys({ ...folded.memory.scratch, ...folded.memory.repackScratch }).map((name) => [
        name,
        at.memory[name]!,
      ]),
      ...Object.keys(folded.memory.packed ?? {}).map((name) => [name, at.memory[FOLDED + name]!]),
    ]),
  });
  const fold = (kernels: Parameters<typeof norm.repack>[0], at: Addresses): void => {
    norm.repack(kernels, at);
    const { moving, kernel: foldedKernel, bias: foldedBias } = at.memory;
    kernels.scaleColumns(foldedKernel!, at.variables[0]!, moving! + 4 * channels, rows, channels);
    if (!bias) kernels.clear(foldedBias!, channels);
    kernels.batchNormForward(foldedBias!, bias ? at.variables[1]! : foldedBias!, moving!, 1, channels, 0);
    folded.repack?.(kernels, foldedAt(at), 0);
  };
  const own = {
    name: plain.name.replace(/^\S+/, `$&+batchNormalization${relu ? '+relu' : ''}`),
    ...chain(node, normalization, relu),
    moreKernels: moreModule,
    gradients: 'shards' as const,
  };
  const [infer] = stagesOf(folded.forward);
  // Its panels are made from it, and read in its place.
  const foldedKernel = { ...norm.packed, kernel: kernel!.size };
  const packed = {
    bias: channels,
    ...Object.fromEntries(Object.entries(folded.memory.packed ?? {}).map(([name, size]) => [FOLDED + name, size])),
  };
  if (!graph.training)
    return {
      ...own,
      memory: {
        packed,
        scratch: folded.memory.scratch ?? {},
        repackScratch: { ...foldedKernel, ...folded.memory.repackScratch },
      },
      backwardReads: { inputs: false, outputs: false },
      repack: fold,
      forward: (kernels, at, n) => infer!(kernels, foldedAt(at), n),
      backward() {},
    };

  /** Addresses of the plain convolution: its own weights and their gradients, and what is in the place of its output. */
  const plainAt = (at: Addresses, y: number): Addresses => ({
    ...at,
    y,
    variables: at.variables.slice(0, node.variables.length),
    gradients: at.gradients.slice(0, node.variables.length),
  });
  const [convolve] = stagesOf(plain.forward);
  const [convolveBackward] = stagesOf(plain.backward);
  const learns = kernel!.trainable;
  if (norm.frozen)
    return {
      ...own,
      memory: {
        packed: { ...plain.memory.packed, ...foldedKernel, ...packed },
        scratch: largest(plain.memory.scratch, { ...folded.memory.scratch, ...folded.memory.repackScratch }),
      },
      repack(kernels, at, part) {
        if (part === 0) plain.repack?.(kernels, plainAt(at, 0), 0);
        else fold(kernels, at);
      },
      repackParts: 2,
      backwardReads: { inputs: plain.backwardReads.inputs, outputs: relu ? 'sign' : false },
      forward: (kernels, at, n) => infer!(kernels, foldedAt(at), n),
      backward(kernels, at, n) {
        norm.inferBackward(kernels, at, at.dy, at.dy, at.y, n);
        convolveBackward!(kernels, plainAt(at, at.y), n);
      },
    };
  return {
    ...own,
    memory: {
      packed: plain.memory.packed ?? {},
      saved: { z: sizeOf(node.output.shape) },
      shards: norm.memory.shards!,
      scratch: { ...plain.memory.scratch, ...norm.memory.scratch },
    },
    repack: (kernels, at) => plain.repack?.(kernels, plainAt(at, 0), 0),
    backwardReads: { inputs: plain.backwardReads.inputs, outputs: false },
    forward: [
      (kernels, at, n) => {
        convolve!(kernels, plainAt(at, at.memory.z!), n);
        norm.sum(kernels, at, at.memory.z!, n);
      },
      (kernels, at, n) => norm.normalize(kernels, at, at.y, at.memory.z!, n),
    ],
    backward: [
      (kernels, at, n) => norm.sumBackward(kernels, at, at.dy, at.memory.z!, n),
      (kernels, at, n) => {
        if (!learns && !at.dx) return;
        norm.normalizeBackward(kernels, at, at.dy, at.dy, at.memory.z!, n);
        // The mean takes a bias away again: its gradient is 0, as the program has cleared it.
        convolveBackward!(kernels, { ...plainAt(at, at.memory.z!), gradients: [at.gradients[0]!] }, n);
      },
    ],
    updateStatistics: norm.updateStatistics,
  };
};

type Sizes = Readonly<Record<string, number>>;

/** Room for either. */
function largest(a: Sizes = {}, b: Sizes = {}): Sizes {
  return Object.fromEntries(Object.keys({ ...a, ...b }).map((name) => [name, Math.max(a[name] ?? 0, b[name] ?? 0)]));
}
