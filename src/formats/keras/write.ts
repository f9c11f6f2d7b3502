// A model as plain data → a file of Keras 3.
import type { OwnBytes } from '../../base/hostTypes.js';
import { encodeUtf8 } from '../../base/utf8.js';
import type { ModelArchive } from '../archive.js';
import { writeHdf5, type Hdf5Node } from '../hdf5/write.js';
import { writeCompile, writeKerasConfig } from '../kerasConfig/index.js';
import { writeZip } from '../zip/zip.js';
import { writeState } from './optimizerState.js';
import { cutTexts, put, writeCheckpoint, writeLegacy } from './weights.js';

/** Which of Keras' file formats. */
export type KerasFormat = 'keras' | 'h5';

/** The version whose files they are; docs/formats.md says which ones were tried. */
const VERSION = '3.15.1';

/** Options that Keras takes only with a decimal point: 1.0. */
const FLOATS =
  /"(learning_rate|initial_learning_rate|momentum|rho|epsilon|beta_1|beta_2|\w*weight_decay|ema_momentum|\w*clip\w+|initial_accumulator_value)":(-?\d+)(?=[,}])/g;

/** JSON as Python reads it. */
const jsonOf = (value: object): string => JSON.stringify(value).replace(FLOATS, '"$1":$2.0');

/** `notes`: what is left out, a sentence each. */
export function writeKeras(
  { model, tensors, compile }: ModelArchive,
  format: KerasFormat,
  who: string,
): { bytes: OwnBytes; notes: readonly string[] } {
  const written = writeKerasConfig(model, 'keras3', who);
  const notes = new Set(written.notes);
  const training = compile ? writeCompile(compile, 'keras3', notes) : null;
  const state = compile && training ? writeState(compile, written.layers, tensors) : new Map<string, Hdf5Node>();
  return { bytes: fileOf(written, model.name, tensors, training, state, format, who), notes: [...notes] };
}

function fileOf(
  { topology, layers, isChain }: ReturnType<typeof writeKerasConfig>,
  name: string,
  tensors: ModelArchive['tensors'],
  training: ReturnType<typeof writeCompile>,
  state: ReadonlyMap<string, Hdf5Node>,
  format: KerasFormat,
  who: string,
): OwnBytes {
  if (format === 'h5') {
    const members = new Map<string, Hdf5Node>();
    const weights = writeLegacy(layers, tensors, isChain ? `${name}/` : '', who);
    const about: [string, string][] = [
      ['keras_version', VERSION],
      ['backend', 'tensorflow'],
    ];
    members.set('model_weights', { ...weights, attributes: new Map([...weights.attributes!, ...about]) });
    if (state.size > 0) {
      const variables = new Map<string, Hdf5Node>();
      for (const [name, node] of state) put(variables, name, node);
      members.set('optimizer_weights', { members: variables, attributes: cutTexts('weight_names', [...state.keys()]) });
    }
    const attributes = new Map([...about, ['model_config', jsonOf(topology)]] as [string, string][]);
    if (training) {
      const { optimizer, ...rest } = training;
      attributes.set('training_config', jsonOf({ ...rest, optimizer_config: optimizer }));
    }
    return writeHdf5({ attributes, members });
  }
  const root = writeCheckpoint(layers, isChain, tensors);
  if (state.size > 0) {
    const variables = new Map([...state.values()].map((node, i) => [String(i), node]));
    put(root, 'optimizer/vars', { members: variables });
  }
  const json = (value: object): Uint8Array => encodeUtf8(jsonOf(value));
  return writeZip(
    new Map([
      // Keras writes a date there, too; without it the same model gives the same file.
      ['metadata.json', json({ keras_version: VERSION })],
      ['config.json', json({ ...topology, ...(training && { compile_config: training }) })],
      ['model.weights.h5', writeHdf5({ members: root })],
    ]),
  );
}
