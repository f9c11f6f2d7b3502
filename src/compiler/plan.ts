// Ops + batch size + optimizer → every address. Pure: the same model always gets the same memory, down to the byte.
//
//   control │ params │ one block a slot (m, v) │ gradients │ packed weights │ step │ inputs │ targets, losses │ outputs │ batch │ shard gradients │ worker 0 │ …
//
// Blocks are stored in this order, 64-byte aligned. What is live only within a shard's task is in its worker's block, what outlives it in
// the batch's; in both, buffers that are never live together share their place. docs/memory.md draws them for the reference network.
import { check } from '../base/errors.js';
import { sizeOf } from '../base/shape.js';
import { wantsRawBytes, type Graph, type Value } from '../graph/graph.js';
import { countOf, weightsOf, type Variable } from '../graph/variable.js';
import type { Lowered } from './lower.js';
import { placeBuffers, type OpPlaces, type Place } from './buffers.js';
import { placeIntervals, type PlaceIntervals } from './memoryPlanner.js';
import { LARGEST_SHARD, opLabel, type Op } from './ops/op.js';
import { shareStorage } from './storage.js';
import { makeTimeline, type Timeline } from './timeline.js';

export interface Block {
  readonly name: string;
  readonly at: number;
  readonly bytes: number;
}

export interface PlannedOp extends OpPlaces {
  readonly op: Op;
  readonly variables: readonly number[];
  /** The whole batch's gradients, of the weights alone; of a weight's further ops in places of their own. */
  readonly gradients: readonly number[];
  /** Shard 0's gradients. Empty where gradients are made from the whole batch. */
  readonly shardGradients: readonly number[];
  /** Address of the examples' weights of a loss; 0 for other ops. */
  readonly exampleWeights: number;
}

/** A tensor that is filled in or read out, [batch, …]. */
export interface Port {
  readonly at: number;
  /** Floats of one example. */
  readonly size: number;
}

export interface InputPort extends Port {
  /** Address of the same values as bytes. */
  readonly bytesAt: number;
  /** Whether they become floats as they are, 0 to 255, and not value / 255. */
  readonly raw: boolean;
}

export interface LossPort {
  readonly targets: Port;
  /** [batch] */
  readonly losses: number;
  /** [batch] Weights of the examples, for steps in which they are not all 1. */
  readonly weights: number;
  /** Number of the output that is compared. */
  readonly output: number;
  readonly weight: number;
}

/** The ops that predict and evaluate, on the same weights, inputs and outputs: they keep nothing for a backward pass. */
export interface Predicting {
  readonly ops: readonly PlannedOp[];
  /** Examples that a thread works on at once. No bit depends on it. */
  readonly shardSize: number;
  /** The ops whose packed weights no training op shares. */
  readonly repacked: readonly PlannedOp[];
}

export interface Plan {
  /** The ops of a training step; in a model that only predicts, the ops that predict. */
  readonly ops: readonly PlannedOp[];
  readonly predicting: Predicting;
  readonly timeline: Timeline;
  readonly batchSize: number;
  /** Examples of a training step's shard. It follows from the batch size alone, so that the order of all sums does, too. */
  readonly shardSize: number;
  readonly training: boolean;
  readonly variables: readonly Variable[];
  /** Floats of all variables, and of the weights, which come first. */
  readonly variableCount: number;
  readonly weightCount: number;
  /** The barrier's control block (engine/programRunner.ts). */
  readonly control: number;
  readonly controlWords: number;
  readonly params: number;
  readonly slots: readonly number[];
  readonly gradients: number;
  readonly shardGradients: number;
  readonly shardGradientCount: number;
  readonly scalars: number;
  /** The optimizer's own memory. */
  readonly scratch: number;
  readonly stepKey: number;
  readonly inputs: readonly InputPort[];
  readonly outputs: readonly Port[];
  readonly losses: readonly LossPort[];
  /** [batch] each. */
  readonly penalties: readonly number[];
  readonly workerBytes: number;
  readonly blocks: readonly Block[];
  /** All of it, in bytes; the memory is exactly that, rounded up to pages of 64 KiB. */
  readonly totalBytes: number;
}

export interface PlanOptions {
  readonly batchSize: number;
  /** Names of the optimizer's slots, or null for a model that only predicts. */
  readonly slots: readonly string[] | null;
  /** Floats that the optimizer needs during a step; default 0. */
  readonly scratch?: number | undefined;
  /** Threads, each with scratch memory of its own. */
  readonly threads: number;
  /** Examples that are predicted at once. Default: as {@link predictingShard} has it. */
  readonly predictingShard?: number;
  /** Default: buffers that are never live together share their place. */
  readonly place?: PlaceIntervals;
}

/** A batch has so many shards where it can. */
const SHARDS = 8;
/** What a shard's values may take between two ops that predict; or a quarter of the weights, which pass through the caches beside them. */
const CACHE_BYTES = 1024 * 1024;
/** Words of the control block before its counters, one for each phase. */
const CONTROL_HEAD = 16;
const LIMIT = 4294967296 - 65536;

export function makePlan(graph: Graph, lowered: Lowered, options: PlanOptions): Plan {
  const { batchSize, slots, threads, scratch: scratchSize = 0, place = placeIntervals } = options;
  const { variables } = graph;
  const training = lowered.training !== null;
  const ops = lowered.training ?? lowered.predicting;
  const trainingShardSize = Math.min(LARGEST_SHARD, Math.ceil(batchSize / SHARDS));
  const { predictingShard: asked = predictingShard(lowered.predicting) } = options;
  // A batch that threads may share has work for all of them.
  const predictingShardSize = Math.min(asked, training ? trainingShardSize : batchSize);
  const shardSize = training ? trainingShardSize : predictingShardSize;
  const shards = Math.ceil(batchSize / shardSize);
  const [variableCount, weightCount] = [countOf(variables), countOf(variables, 'weight')];
  const timeline = makeTimeline(ops, training);

  const blocks: Block[] = [];
  let end = 64; // address 0 means "none"
  function block(name: string, bytes: number): number {
    const at = end;
    if (bytes > 0) blocks.push({ name, at, bytes });
    end = Math.ceil((at + bytes) / 64) * 64;
    return at;
  }
  const floats = (name: string, count: number): number => block(name, 4 * count);
  /** 'input', or 'input 2' of several. */
  const numbered = (name: string, i: number): string => (i === 0 ? name : `${name} ${i + 1}`);

  const controlWords = CONTROL_HEAD + Math.max(16, timeline.phases.at(-1)! + 4);
  const control = block('control', 4 * controlWords);
  const params = floats('params', variableCount);
  const slotBlocks = (slots ?? []).map((slot) => floats(slot, weightCount));
  // A weight that several ops share has further gradients, which are added to the first.
  const seen = new Set<Variable>();
  let furtherCount = 0;
  const gradientOffsets = ops.map((op) =>
    weightsOf(op.variables).map((weight) => {
      if (!seen.has(weight)) {
        seen.add(weight);
        return weight.offset;
      }
      furtherCount += weight.size;
      return weightCount + furtherCount - weight.size;
    }),
  );
  const gradients = training ? floats('gradients', weightCount + furtherCount) : 0;
  const pack = (op: Op): Record<string, Place> =>
    Object.fromEntries(
      Object.entries(op.memory.packed ?? {}).map(([name, size]): [string, Place] => [
        name,
        { at: floats(`${opLabel(op)}: ${name}`, size), perExample: 0, perWorker: false },
      ]),
    );
  const packed = ops.map(pack);
  const sharing = lowered.predicting.map((op) => ops.findIndex((other) => packsAlike(other, op)));
  const packedToPredict = lowered.predicting.map((op, i) => (sharing[i]! < 0 ? pack(op) : packed[sharing[i]!]!));
  const stepKey = floats('step', 1);
  const scalars = floats('scalars', 16);
  const scratch = floats('optimizer', scratchSize);

  const storage = shareStorage(graph, ops, training);
  const predictingStorage = training ? shareStorage(graph, lowered.predicting, false, storage) : storage;
  const [fixed, fixedToPredict] = [new Map<Value, Place>(), new Map<Value, Place>()];
  function port(name: string, value: Value): Port {
    const size = sizeOf(value.shape);
    const root = storage.root(value);
    const at = fixed.get(root)?.at ?? floats(name, size * batchSize);
    const own = { at, perExample: 4 * size, perWorker: false };
    fixed.set(root, own);
    fixedToPredict.set(predictingStorage.root(value), own);
    return { at, size };
  }
  const inputs = graph.inputs.map((value, i): InputPort => {
    const bytesAt = block(`${numbered('input', i)} bytes`, sizeOf(value.shape) * batchSize);
    return { ...port(numbered('input', i), value), bytesAt, raw: wantsRawBytes(graph, value) };
  });
  const losses = graph.losses.map(({ target, loss, weight, output }, i): LossPort => {
    const targets = port(numbered('targets', i), target);
    const values = port(numbered('losses', i), loss).at;
    return { targets, losses: values, weights: floats(numbered('example weights', i), batchSize), output, weight };
  });
  const penalties = graph.penalties.map((value, i) => port(numbered('penalties', i), value).at);
  const outputs = graph.outputs.map((value, i) => port(numbered('output', i), value));

  let shardGradientCount = 0;
  const shardOffsets = ops.map((op, i) =>
    op.gradients === 'shards' && timeline.backward[i]
      ? weightsOf(op.variables).map(({ size }) => {
          const at = shardGradientCount;
          shardGradientCount += Math.ceil(size / 16) * 16;
          return at;
        })
      : [],
  );

  const toPredict = placeBuffers(lowered.predicting, {
    storage: predictingStorage,
    timeline: makeTimeline(lowered.predicting, false),
    fixed: fixedToPredict,
    ...{ batchSize, shardSize: predictingShardSize, training: false, place },
  });
  const buffers = training
    ? placeBuffers(ops, { storage, timeline, fixed, batchSize, shardSize, training, place })
    : toPredict;
  const own = [...blocks];
  const batch = block('batch', buffers.batchBytes);
  const shardGradients = floats('shard gradients', shardGradientCount * shards);
  // Kernels read up to 15 floats past the last row of a gradient, and throw them away.
  const workerBytes = Math.max(buffers.workerBytes, toPredict.workerBytes) + 64;
  const worker0 = block(`scratch × ${threads}`, workerBytes * threads);
  check(
    end <= LIMIT,
    () =>
      `the model needs ${end} bytes, WebAssembly has ${LIMIT}; make the batch smaller (${formatLargest([...own, ...buffers.sizes])})`,
  );

  const variablesAt = (op: Op): number[] => op.variables.map(({ offset }) => params + 4 * offset);
  const at = buffers.at(batch, worker0);
  const planned = ops.map((op, i): PlannedOp => ({
    op,
    ...at[i]!,
    memory: { ...packed[i], ...at[i]!.memory },
    variables: variablesAt(op),
    gradients: gradientOffsets[i]!.map((offset) => gradients + 4 * offset),
    shardGradients: shardOffsets[i]!.map((offset) => shardGradients + 4 * offset),
    exampleWeights: losses[graph.losses.findIndex(({ loss }) => op.outputs.includes(loss))]?.weights ?? 0,
  }));
  const atToPredict = toPredict.at(batch, worker0);
  const predicting = lowered.predicting.map((op, i): PlannedOp => ({
    op,
    ...atToPredict[i]!,
    memory: { ...packedToPredict[i], ...atToPredict[i]!.memory },
    variables: variablesAt(op),
    gradients: [],
    shardGradients: [],
    exampleWeights: 0,
  }));
  return {
    ...{ ops: planned, timeline, batchSize, shardSize, training, variables, variableCount, weightCount },
    predicting: {
      ops: predicting,
      shardSize: predictingShardSize,
      repacked: predicting.filter((_, i) => sharing[i]! < 0),
    },
    ...{ control, controlWords, params },
    ...{
      slots: slotBlocks,
      gradients,
      shardGradients,
      shardGradientCount,
      scalars,
      scratch,
      stepKey,
      inputs,
      outputs,
      losses,
      penalties,
    },
    ...{ workerBytes, blocks, totalBytes: end },
  };
}

/** Whether what `op` packs is packed by `other`, too: the same weights in the same orders. */
function packsAlike(other: Op, op: Op): boolean {
  const sizes = Object.entries(op.memory.packed ?? {});
  return (
    other.nodes.length === op.nodes.length &&
    other.nodes.every((node, i) => node === op.nodes[i]) &&
    sizes.every(([name, size]) => other.memory.packed?.[name] === size)
  );
}

/**
 * Examples to predict at once, a power of 2. All of a shard go through an op before the next one begins: the more they are, the less
 * often each op's weights come into the caches, as long as the shard's values stay there between two ops.
 */
export function predictingShard(ops: readonly Op[]): number {
  const bytesOf = (values: readonly Value[]): number => 4 * values.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const passed = Math.max(...ops.map(({ inputs, outputs }) => bytesOf(inputs) + bytesOf(outputs)));
  const packed = ops
    .flatMap(({ memory }) => Object.values(memory.packed ?? {}))
    .reduce((sum, size) => sum + 4 * size, 0);
  const most = Math.max(CACHE_BYTES, packed / 4);
  let shard = LARGEST_SHARD;
  while (shard > 1 && shard * passed > most) shard /= 2;
  return shard;
}

/** The three that take most, in bytes: where a smaller batch or layer helps. */
export function formatLargest(blocks: readonly Pick<Block, 'name' | 'bytes'>[]): string {
  const largest = [...blocks].sort((a, b) => b.bytes - a.bytes).slice(0, 3);
  return `largest: ${largest.map(({ name, bytes }) => `${name} ${bytes}`).join(', ')}`;
}
