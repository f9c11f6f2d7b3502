// Buffers of a step beside the fixed blocks: activations, their gradients, and what ops save; the lifetime of each, and from it its
// place. Pure.
import { sizeOf } from '../base/shape.js';
import type { Value } from '../graph/graph.js';
import type { Interval, PlaceIntervals } from './memoryPlanner.js';
import { opLabel, type Op } from './ops/op.js';
import type { Storage } from './storage.js';
import type { Span, Timeline } from './timeline.js';

/** An address that moves with the shard (perExample > 0 bytes), or with the worker. */
export interface Place {
  readonly at: number;
  readonly perExample: number;
  readonly perWorker: boolean;
}

/** Address 0 means none. */
export const NONE: Place = { at: 0, perExample: 0, perWorker: false };

/** Places of one op's data. */
export interface OpPlaces {
  readonly inputs: readonly Place[];
  readonly outputs: readonly Place[];
  readonly dInputs: readonly Place[];
  readonly dOutputs: readonly Place[];
  readonly addTo: readonly (Place | null)[];
  readonly memory: Readonly<Record<string, Place>>;
}

export interface Buffers {
  readonly batchBytes: number;
  readonly workerBytes: number;
  /** For the error that names the largest. */
  readonly sizes: readonly { readonly name: string; readonly bytes: number }[];
  /** Places of each op's data, once it is known where the batch's and the first worker's blocks begin. */
  at(batch: number, worker0: number): readonly OpPlaces[];
}

export interface BufferOptions {
  readonly storage: Storage;
  readonly timeline: Timeline;
  /** Values with a block of their own, by their storage's root. */
  readonly fixed: ReadonlyMap<Value, Place>;
  readonly batchSize: number;
  readonly shardSize: number;
  readonly training: boolean;
  readonly place: PlaceIntervals;
}

interface Buffer {
  readonly name: string;
  /** Floats for each example (× the examples of a shard or a batch), for each shard, or in all. */
  readonly floats: number;
  readonly per: 'example' | 'wholeBatch' | 'shard' | 'call';
  readonly spans: readonly Span[];
}

export function placeBuffers(ops: readonly Op[], options: BufferOptions): Buffers {
  const { storage, timeline, fixed, batchSize, shardSize, training, place } = options;
  const { forward, backward, phases } = timeline;
  const buffers: Buffer[] = [];
  const ids = new Map<string, number>();
  const add = (key: string, buffer: Buffer): void => void ids.set(key, buffers.push(buffer) - 1);
  const [values, gradients] = [lifetimes(ops, options), gradientLifetimes(ops, options)];
  for (const [value, { name, span }] of values) {
    if (!fixed.has(value))
      add(`value ${value.id}`, { name, floats: sizeOf(value.shape), per: 'example', spans: [span] });
  }
  for (const [value, { name, span }] of gradients.spans) {
    add(`gradient ${value.id}`, { name, floats: sizeOf(value.shape), per: 'example', spans: [span] });
  }
  for (const [i, op] of ops.entries()) {
    const { saved, batch, shards, scratch, repackScratch } = op.memory;
    const used = [forward[i]!, ...(backward[i] ? [backward[i]!] : [])];
    const whole = [forward[i]![0], used.at(-1)![1]] as const;
    const addAll = (sizes: object | undefined, per: Buffer['per'], spans: readonly Span[]): void => {
      for (const [name, floats] of Object.entries(sizes ?? {}))
        add(`${i} ${name}`, { name: `${opLabel(op)}: ${name}`, floats, per, spans });
    };
    addAll(saved, 'example', [whole]);
    // Not preserved between two stages: another task may run on the worker then.
    addAll(scratch, 'call', used.flatMap(momentsOf));
    addAll(repackScratch, 'call', [[timeline.repack[i]!, timeline.repack[i]!]]);
    if (backward[i]) addAll(batch, 'wholeBatch', [[backward[i]![0], timeline.gradient]]);
    if (training) addAll(shards, 'shard', [[whole[0], timeline.update]]);
    for (const [j, adds] of gradients.adds[i]!.entries()) {
      if (adds)
        add(`${i} spare ${j}`, {
          name: `${opLabel(op)}: dx to add`,
          floats: sizeOf(op.inputs[j]!.shape),
          per: 'example',
          spans: [backward[i]!],
        });
    }
  }

  const phaseOf = ([from, to]: Span): Span => [phases[from]!, phases[to]!];
  const inTask = ({ per, spans }: Buffer): boolean =>
    per !== 'wholeBatch' && per !== 'shard' && spans.every((span) => phaseOf(span)[0] === phaseOf(span)[1]);
  const lastForward = forward.at(-1)![1];
  /** Lifetime of a batch's buffer, in phases. Evaluation runs all of forward in one, so no two that are live there share a place. */
  const phaseSpan = (span: Span): Span => {
    const [from, to] = phaseOf(span);
    return span[0] <= lastForward ? [0, Math.max(to, phases[lastForward]!)] : [from, to];
  };
  const examples = { example: batchSize, wholeBatch: batchSize, shard: Math.ceil(batchSize / shardSize), call: 1 };
  const bytesOf = (buffer: Buffer): number =>
    4 * buffer.floats * (inTask(buffer) && buffer.per === 'example' ? shardSize : examples[buffer.per]);
  const [own, shared] = [buffers.filter(inTask), buffers.filter((buffer) => !inTask(buffer))];
  const placed = (list: readonly Buffer[], span: (span: Span) => Span) =>
    place(list.map((buffer): Interval => ({ bytes: bytesOf(buffer), spans: buffer.spans.map(span) })));
  const workers = placed(own, (span) => span);
  const batch = placed(shared, phaseSpan);
  const offsets = new Map([
    ...own.map((buffer, i) => [buffer, workers.offsets[i]!] as const),
    ...shared.map((buffer, i) => [buffer, batch.offsets[i]!] as const),
  ]);

  return {
    batchBytes: batch.bytes,
    workerBytes: workers.bytes,
    sizes: buffers.map((buffer) => ({ name: buffer.name, bytes: bytesOf(buffer) })),
    at(batchAt, worker0) {
      const placeOf = (key: string): Place | null => {
        const buffer = buffers[ids.get(key) ?? -1];
        if (!buffer) return null;
        if (inTask(buffer)) return { at: worker0 + offsets.get(buffer)!, perExample: 0, perWorker: true };
        const perExample = buffer.per === 'example' ? 4 * buffer.floats : 0;
        return { at: batchAt + offsets.get(buffer)!, perExample, perWorker: false };
      };
      const valueAt = (value: Value): Place => {
        const root = storage.root(value);
        return fixed.get(root) ?? placeOf(`value ${root.id}`)!;
      };
      const gradientAt = (value: Value): Place => placeOf(`gradient ${storage.gradientRoot(value).id}`) ?? NONE;
      return ops.map(({ inputs, outputs, memory }, i): OpPlaces => {
        const adds = gradients.adds[i]!;
        const { saved, batch: kept, shards, scratch, repackScratch } = memory;
        const names = Object.keys({ ...saved, ...kept, ...shards, ...scratch, ...repackScratch });
        const places = names.map((name) => [name, placeOf(`${i} ${name}`)] as const);
        return {
          inputs: inputs.map(valueAt),
          outputs: outputs.map(valueAt),
          dInputs: adds.map((add, j) =>
            add === null ? NONE : add ? placeOf(`${i} spare ${j}`)! : gradientAt(inputs[j]!),
          ),
          dOutputs: outputs.map((output) => (backward[i] ? gradientAt(output) : NONE)),
          addTo: adds.map((add, j) => (add ? gradientAt(inputs[j]!) : null)),
          memory: Object.fromEntries(places.filter((entry): entry is [string, Place] => entry[1] !== null)),
        };
      });
    },
  };
}

function momentsOf([from, to]: Span): Span[] {
  return Array.from({ length: to - from + 1 }, (_, i) => [from + i, from + i]);
}

interface Lifetime {
  readonly name: string;
  readonly span: Span;
}

function extend(lifetimes: Map<Value, Lifetime>, value: Value, name: string, [from, to]: Span): void {
  const known = lifetimes.get(value);
  const span: Span = known ? [Math.min(known.span[0], from), Math.max(known.span[1], to)] : [from, to];
  lifetimes.set(value, { name: known?.name ?? name, span });
}

/** Lifetimes of values: from the op that writes one to the last that reads it. */
function lifetimes(ops: readonly Op[], { storage, timeline }: BufferOptions): Map<Value, Lifetime> {
  const { forward, backward, gradient } = timeline;
  const found = new Map<Value, Lifetime>();
  for (const [i, op] of ops.entries()) {
    const use = (value: Value, again: boolean): void => {
      const name = `${opLabel(op)}: output`;
      extend(found, storage.root(value), name, forward[i]!);
      if (again && backward[i]) extend(found, storage.root(value), name, backward[i]!);
    };
    for (const output of op.outputs) use(output, op.backwardReads.outputs !== false);
    for (const input of op.inputs) {
      use(input, op.backwardReads.inputs);
      if (op.gradients === 'batch' && backward[i]) extend(found, storage.root(input), '', [gradient, gradient]);
    }
  }
  return found;
}

/**
 * Gradients by values: from the first op in the backward pass that makes one to the op that made the value. `adds`, for each input of
 * an op: null where no gradient is needed, false for the first that makes one, true for further ones, which are added to it.
 */
function gradientLifetimes(
  ops: readonly Op[],
  { storage, timeline }: BufferOptions,
): { readonly spans: Map<Value, Lifetime>; readonly adds: readonly (readonly (boolean | null)[])[] } {
  const { backward, gradient } = timeline;
  const makers = new Map(ops.flatMap(({ outputs }, i) => outputs.map((output) => [output, i] as const)));
  const spans = new Map<Value, Lifetime>();
  const adds: (readonly (boolean | null)[])[] = ops.map(({ inputs }) => inputs.map(() => null));
  const started = new Set<Value>();
  for (let i = ops.length - 1; i >= 0; i--) {
    if (!backward[i]) continue;
    adds[i] = ops[i]!.inputs.map((input) => {
      const maker = makers.get(input);
      if (maker === undefined || !backward[maker]) return null;
      const name = `${opLabel(ops[maker]!)}: dy`;
      const root = storage.gradientRoot(input);
      extend(spans, root, name, backward[i]!);
      extend(spans, root, name, backward[maker]!);
      if (ops[maker]!.gradients === 'batch') extend(spans, root, name, [gradient, gradient]);
      const add = started.has(input);
      started.add(input);
      return add;
    });
  }
  return { spans, adds };
}
