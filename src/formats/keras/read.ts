// A file of Keras → the model as plain data.
import { check, printable } from '../../base/errors.js';
import type { Shape } from '../../base/shape.js';
import type { CompileConfig, ModelArchive } from '../archive.js';
import type { Dataset } from '../hdf5/read.js';
import { firstSlots, readCompile, readKerasConfig, type KerasConfig } from '../kerasConfig/index.js';
import type { NamedTensor } from '../safetensors.js';
import { readKerasFile, type KerasFile } from './archive.js';
import { findState } from './optimizerState.js';
import { readCheckpoint, readLegacy } from './weights.js';

export interface KerasModel {
  /** Compiled, with what the optimizer keeps, and at its first step, as far as the file has it; and not compiled. */
  readonly archives: readonly ModelArchive[];
  /** What was left out or changed, a sentence each. */
  readonly notes: readonly string[];
}

/** compile() needs one, and files of Keras have none: its default. */
const BATCH_SIZE = 32;

export async function readKeras(bytes: Uint8Array, who: string, inputShape: Shape | undefined): Promise<KerasModel> {
  const file = await readKerasFile(bytes, who);
  const { format, topology, version, weights } = file;
  const config = readKerasConfig(topology, who, {
    ...(version !== undefined && { kerasVersion: version }),
    ...(inputShape && { inputShape }),
  });
  const { model, layers, notes } = config;
  const tensors = new Map<string, NamedTensor>(config.tensors);
  const kept = new Set(model.layers.map(({ name }) => name));
  const take = async (target: string, data: Dataset): Promise<void> => {
    // It belongs to a layer that no output needs.
    if (!kept.has(target.slice(0, target.lastIndexOf('/')))) return;
    tensors.set(target, { shape: data.shape, data: await data.read() });
  };
  const added = new Set(notes);
  if (format === 'h5') await readLegacy(weights, layers, take, who);
  else await readCheckpoint(weights, layers, topology.class_name === 'Sequential', take, added, who);
  const archive: ModelArchive = { model, tensors, compile: undefined, fit: undefined, facts: undefined };
  const compiled = await readTraining(file, config, archive, added);
  // They name what a file says, which may be anything.
  return { archives: [...compiled, archive], notes: [...added].map(printable) };
}

async function readTraining(
  { optimizer: variables }: KerasFile,
  { layers, outputs, trainingConfig }: KerasConfig,
  archive: ModelArchive,
  notes: Set<string>,
): Promise<ModelArchive[]> {
  const read = readCompile(trainingConfig, outputs, notes);
  if (!read) return [];
  const { tensors } = archive;
  const first = firstSlots(read.optimizer, layers, tensors);
  const begun = (step: number): CompileConfig => ({ ...read, step, batchSize: BATCH_SIZE });
  const fresh = { ...archive, compile: begun(0), tensors: new Map([...tensors, ...first]) };
  const state = findState(variables, read.optimizer, layers);
  if (!state) {
    if (variables.length > 2)
      notes.add(
        "its optimizer's state is left out: its variables are not those that such an optimizer keeps for these weights",
      );
    return [fresh];
  }
  const slots = new Map(first);
  for (const [name, data] of state.slots)
    if (first.has(name)) slots.set(name, { shape: data.shape, data: await data.read() });
  return [{ ...archive, compile: begun(state.step), tensors: new Map([...tensors, ...slots]) }, fresh];
}

/** Kept here so that all refusals of files of Keras speak of the same thing. */
export function checkShape(shape: unknown, who: string): asserts shape is Shape {
  check(
    Array.isArray(shape) && shape.length > 0 && shape.every((size) => Number.isSafeInteger(size) && size > 0),
    `${who}'s inputShape must be a shape of one example, e.g. [224, 224, 3]`,
  );
}
