// Ops + batch size + optimizer → every address. Pure: the same model always gets the same memory, down to the byte.
//
//   control │ params │ one block a slot (m, v) │ gradients │ derived weights │ step │ input │ targets, losses │ activations … │ shard gradients │ worker 0 │ …
//
// Blocks lie in this order, 64-byte aligned. docs/memory.md draws them for the reference network.
import { check } from '../base/errors.js';
import type { Op, Parameter } from './ops/op.js';
import { sizeOf } from '../base/shape.js';

export interface Block {
  readonly name: string;
  readonly at: number;
  readonly bytes: number;
}

/** An address that moves with the shard (perExample > 0 bytes), or with the worker. */
export interface Place {
  readonly at: number;
  readonly perExample: number;
  readonly perWorker: boolean;
}

export interface PlannedOp {
  readonly op: Op;
  readonly x: Place;
  readonly y: Place;
  readonly dx: Place;
  readonly dy: Place;
  readonly parameters: readonly number[];
  /** The whole batch's gradients. */
  readonly gradients: readonly number[];
  /** Shard 0's gradients; those of shard s lie s · shardGradientBytes further. Empty where gradients are made from the whole batch. */
  readonly shardGradients: readonly number[];
  readonly memory: Readonly<Record<string, Place>>;
}

export interface Plan {
  readonly ops: readonly PlannedOp[];
  /** Ops before this one have nothing to learn, so no gradient goes back to them; -1 where none has. */
  readonly firstTrained: number;
  readonly batchSize: number;
  /** Examples of a shard. It follows from the batch size alone, so that the order of all sums does, too. */
  readonly shardSize: number;
  readonly training: boolean;
  readonly parameterCount: number;
  readonly inputSize: number;
  readonly outputSize: number;
  /** Where threads meet (engine/sharedRun.ts). */
  readonly control: number;
  readonly params: number;
  readonly slots: readonly number[];
  readonly gradients: number;
  readonly shardGradients: number;
  readonly shardGradientCount: number;
  readonly scalars: number;
  readonly stepKey: number;
  readonly inputBytes: number;
  readonly input: number;
  readonly output: number;
  readonly targets: number;
  readonly losses: number;
  readonly workerBytes: number;
  readonly blocks: readonly Block[];
  /** All of it, in bytes; the memory is exactly that, rounded up to pages of 64 KiB. */
  readonly totalBytes: number;
}

export interface PlanOptions {
  readonly batchSize: number;
  /** Names of the optimizer's slots, or null for a model that only predicts. */
  readonly slots: readonly string[] | null;
  /** Threads, each with scratch memory of its own. */
  readonly threads: number;
}

/** No shard is larger: a few images' activations should stay in a core's cache. And a batch has 8 shards where it can. */
const LARGEST_SHARD = 16;
const SHARDS = 8;
const CONTROL_BYTES = 128;
const LIMIT = 4294967296 - 65536;
const NOWHERE: Place = { at: 0, perExample: 0, perWorker: false };

export function makePlan(
  ops: readonly Op[],
  parameters: readonly Parameter[],
  { batchSize, slots, threads }: PlanOptions,
): Plan {
  const training = slots !== null;
  const shardSize = Math.min(LARGEST_SHARD, Math.ceil(batchSize / SHARDS));
  const shards = Math.ceil(batchSize / shardSize);
  const parameterCount = parameters.reduce((sum, { size }) => sum + size, 0);
  const inputSize = sizeOf(ops[0]!.covers[0]!.input);
  const outputSize = sizeOf(ops.at(-1)!.covers.at(-1)!.output);

  const blocks: Block[] = [];
  let end = 64; // address 0 means "none"
  function block(name: string, bytes: number): number {
    const at = end;
    if (bytes > 0) blocks.push({ name, at, bytes });
    end = Math.ceil((at + bytes) / 64) * 64;
    return at;
  }
  const floats = (name: string, count: number): number => block(name, 4 * count);
  const perExample = (name: string, size: number): Place => ({
    at: floats(name, size * batchSize),
    perExample: 4 * size,
    perWorker: false,
  });

  const control = block('control', CONTROL_BYTES);
  const params = floats('params', parameterCount);
  const slotBlocks = (slots ?? []).map((slot) => floats(slot, parameterCount));
  const gradients = training ? floats('gradients', parameterCount) : 0;
  const derived = ops.map((op) =>
    mapValues(op.memory.derived, (size, name) => ({
      at: floats(`${opLabel(op)}: ${name}`, size),
      perExample: 0,
      perWorker: false,
    })),
  );
  const stepKey = floats('step', 1);
  const scalars = floats('scalars', 16);
  const inputBytes = block('input bytes', inputSize * batchSize);
  const input = perExample('input', inputSize);
  const targets = training ? floats('targets', outputSize * batchSize) : 0;
  const losses = training ? floats('losses', batchSize) : 0;

  // Activations: the input of an op is the output of the one before. An op may work in place unless that would spoil an output
  // which the op that made it still needs.
  const outputs: Place[] = [];
  const shares: boolean[] = [];
  let spoilsNobody = true;
  for (const [i, op] of ops.entries()) {
    const x = outputs[i - 1] ?? input;
    shares.push(op.inPlace === 'view' || (op.inPlace === 'overwrites' && spoilsNobody));
    outputs.push(shares[i] ? x : perExample(`${opLabel(op)}: output`, sizeOf(op.covers.at(-1)!.output)));
    if (!shares[i]) spoilsNobody = !op.needsOutput;
  }
  const kept = ops.map((op) => mapValues(op.memory.kept, (size, name) => perExample(`${opLabel(op)}: ${name}`, size)));
  const whole = ops.map((op) =>
    training
      ? mapValues(op.memory.batch, (size, name) => ({ ...perExample(`${opLabel(op)}: ${name}`, size), perExample: 0 }))
      : {},
  );

  // Gradients by activations: the whole batch's where an op asks for it, else two places of a worker's own, in turn.
  const wholeDy = ops.map((op) =>
    training && op.gradients === 'batch' ? perExample(`${opLabel(op)}: dy`, sizeOf(op.covers.at(-1)!.output)) : null,
  );

  let shardGradientCount = 0;
  const shardOffsets = ops.map((op) => {
    if (!training || op.gradients !== 'shards') return [];
    return op.parameters.map(({ size }) => {
      const at = shardGradientCount;
      shardGradientCount += Math.ceil(size / 16) * 16;
      return at;
    });
  });
  const shardGradients = floats('shard gradients', shardGradientCount * shards);

  // A worker's own memory: scratch of one op at a time, and two gradients.
  let scratchFloats = 0;
  const scratch = ops.map((op) => {
    let used = 0;
    const places = mapValues(op.memory.scratch, (size) => {
      const place = { at: used, perExample: 0, perWorker: true };
      used += Math.ceil(size / 16) * 64;
      return place;
    });
    scratchFloats = Math.max(scratchFloats, used / 4);
    return places;
  });
  const dyFloats = training
    ? Math.max(...ops.map((op) => Math.ceil((sizeOf(op.covers[0]!.input) * shardSize) / 16) * 16))
    : 0;
  // Kernels read up to 15 floats past the last row of a gradient, and throw them away.
  const workerBytes = 4 * (scratchFloats + 2 * dyFloats + 16);
  const worker0 = block(`scratch × ${threads}`, workerBytes * threads);
  for (const places of scratch)
    for (const name of Object.keys(places)) places[name] = { ...places[name]!, at: places[name]!.at + worker0 };

  check(
    end <= LIMIT,
    () => `the model needs ${end} bytes, WebAssembly has ${LIMIT}; make the batch smaller (${formatLargest(blocks)})`,
  );

  // dys[i] is the gradient by the output of op i. An op in its input's place has one gradient for both ends.
  const dys: Place[] = ops.map(() => NOWHERE);
  let turn = 0;
  for (let i = 0; training && i < ops.length - 1; i++) {
    if (shares[i] && i > 0) dys[i] = dys[i - 1]!;
    else
      dys[i] = wholeDy[i] ?? {
        at: worker0 + 4 * (scratchFloats + dyFloats * (turn++ % 2)),
        perExample: 0,
        perWorker: true,
      };
  }
  const firstTrained = ops.findIndex((op) => op.parameters.length > 0);

  const planned = ops.map((op, i): PlannedOp => ({
    op,
    x: outputs[i - 1] ?? input,
    y: outputs[i]!,
    dx: firstTrained >= 0 && i > firstTrained ? dys[i - 1]! : NOWHERE,
    dy: dys[i]!,
    parameters: op.parameters.map(({ offset }) => params + 4 * offset),
    gradients: op.parameters.map(({ offset }) => gradients + 4 * offset),
    shardGradients: shardOffsets[i]!.map((offset) => shardGradients + 4 * offset),
    memory: { ...derived[i], ...kept[i], ...whole[i], ...scratch[i] },
  }));

  return {
    ops: planned,
    firstTrained,
    batchSize,
    shardSize,
    training,
    parameterCount,
    inputSize,
    outputSize,
    control,
    params,
    slots: slotBlocks,
    gradients,
    shardGradients,
    shardGradientCount,
    scalars,
    stepKey,
    inputBytes,
    input: input.at,
    output: outputs.at(-1)!.at,
    targets,
    losses,
    workerBytes,
    blocks,
    totalBytes: end,
  };
}

/** 'conv2d+relu of conv2d_1' */
export function opLabel(op: Op): string {
  return `${op.name} of ${op.covers[0]!.layer}`;
}

function mapValues<T>(
  record: Readonly<Record<string, number>> | undefined,
  map: (size: number, name: string) => T,
): Record<string, T> {
  return Object.fromEntries(Object.entries(record ?? {}).map(([name, size]) => [name, map(size, name)]));
}

/** The three that take most, in bytes: where a smaller batch or layer helps. */
export function formatLargest(blocks: readonly Block[]): string {
  const largest = [...blocks].sort((a, b) => b.bytes - a.bytes).slice(0, 3);
  return `largest: ${largest.map(({ name, bytes }) => `${name} ${bytes}`).join(', ')}`;
}
