// Weights of a file, or of an archive, for a model that is there already: as Keras' load_weights.
// https://keras.io/api/models/model_saving_apis/weights_saving_and_loading/
import { check } from '../base/errors.js';
import { listed } from '../base/listed.js';
import { checkBoolean, checkOptions, isRecord } from '../base/options.js';
import { formatShape, sameShape } from '../base/shape.js';
import type { Tensor } from '../base/tensor.js';
import { takeTensor, type ModelArchive } from '../formats/archive.js';
import { bytesOf, modelBytes, type ModelBytes } from '../formats/modelBytes.js';
import { checkContents } from '../formats/checkContents.js';
import { readFloats } from '../formats/quantization.js';
import type { NamedTensor } from '../formats/safetensors.js';
import type { Variable } from '../graph/variable.js';

/** Options of {@link loadWeights}. */
export interface LoadWeightsOptions {
  /** Layers get what the file has under their names; layers that only one of the two has are left as they are. Default false: in their order. */
  readonly byName?: boolean;
  /** Layers whose weights have other shapes, or other weights, keep what they have. Default false: the file is refused. */
  readonly skipMismatch?: boolean;
  /** What errors call the file; default 'the file of weights'. */
  readonly name?: string;
}

/** Names of layers that did not get their weights from the file. */
export interface LoadedWeights {
  /** Layers of the model that the file does not have. */
  readonly missing: readonly string[];
  /** Layers of the file that the model does not have. */
  readonly unexpected: readonly string[];
  /** Layers that both have, with other weights. */
  readonly mismatched: readonly string[];
}

/** What weights are loaded into. */
interface Weighted {
  readonly parameters: readonly Variable[];
  getWeights(): readonly Tensor<Float32Array>[];
  setWeights(weights: readonly Tensor[]): void;
}

/** A layer's variables by their own names: 'kernel', 'bias'. */
type Parts<T> = ReadonlyMap<string, T>;

/** What the files of save() hold of layers, and not of the optimizer or a callback. */
const VARIABLE = /^([\w.-]+)\/(\w+)$/;

/** All that fits, or nothing where something does not; see {@link LoadWeightsOptions}. */
export function loadWeights(
  model: Weighted,
  given: ModelBytes | Pick<ModelArchive, 'model' | 'tensors'>,
  options: LoadWeightsOptions = {},
): LoadedWeights {
  checkOptions(options, ['byName', 'skipMismatch', 'name'], 'loadWeights');
  const { byName = false, skipMismatch = false, name: who = 'the file of weights' } = options;
  checkBoolean(byName, "loadWeights' byName");
  checkBoolean(skipMismatch, "loadWeights' skipMismatch");
  const theirs = layersOf(given, who);
  const ours = new Map<string, Map<string, number>>();
  for (const [i, { name }] of model.parameters.entries()) put(ours, name, i);
  const [own, found] = [[...ours.keys()], [...theirs.keys()]];
  const pairs = byName
    ? own.filter((name) => theirs.has(name)).map((name) => [name, name] as const)
    : own.map((name, i) => [name, found[i]!] as const);
  check(
    byName || own.length === found.length,
    () =>
      `${who}: it has ${found.length} layers with weights, the model has ${own.length}; give loadWeights { byName: true } where only layers of the same names are meant`,
  );
  check(
    pairs.length > 0,
    () =>
      `${who}: none of its layers (${listed(found)}) has the name of one of the model (${listed(own)}); it is a file of another model`,
  );

  const weights = model.getWeights().slice();
  const reasons = new Map<string, string>();
  for (const [name, from] of pairs) {
    const parts = theirs.get(from)!;
    const reason = differenceOf(ours.get(name)!, parts, weights);
    if (reason !== null) reasons.set(name, `${name} ${reason}`);
    else
      for (const [part, i] of ours.get(name)!) {
        const { shape } = weights[i]!;
        const data = takeTensor({ tensors: parts }, part, shape, `${who}: ${from}`);
        weights[i] = { data, shape };
      }
  }
  check(
    skipMismatch || reasons.size === 0,
    () =>
      `${who}: ${listed([...reasons.values()], 4, '; ')}; give loadWeights { skipMismatch: true } to leave such layers as they are`,
  );
  model.setWeights(weights);
  return {
    missing: byName ? own.filter((name) => !theirs.has(name)) : [],
    unexpected: byName ? found.filter((name) => !ours.has(name)) : [],
    mismatched: [...reasons.keys()],
  };
}

function put<T>(layers: Map<string, Map<string, T>>, variable: string, value: T): void {
  const [, layer, part] = VARIABLE.exec(variable) ?? [];
  if (layer === undefined) return;
  if (!layers.has(layer)) layers.set(layer, new Map());
  layers.get(layer)!.set(part!, value);
}

/** Layers with weights, in the order of the description where there is one, as tools write tensors in any order. */
function layersOf(
  given: ModelBytes | Pick<ModelArchive, 'model' | 'tensors'>,
  who: string,
): ReadonlyMap<string, Parts<NamedTensor>> {
  const layers = new Map<string, Map<string, NamedTensor>>();
  if (isRecord(given) && given['tensors'] instanceof Map) {
    const { model, tensors } = given as unknown as ModelArchive;
    for (const { name } of model.layers) layers.set(name, new Map());
    for (const [name, tensor] of tensors) put(layers, name, tensor);
  } else {
    const file = readFloats(modelBytes(bytesOf(given, 'loadWeights'), who), who);
    checkContents(file, who);
    for (const name of orderOf(file.metadata.get('model'))) layers.set(name, new Map());
    for (const [name, tensor] of file.tensors) put(layers, name, tensor);
    check(
      file.tensors.size === 0 || [...layers.values()].some(({ size }) => size > 0),
      () =>
        `${who}: its tensors have other names (${listed([...file.tensors.keys()], 3)}) than 'layer/kernel', as those of PyTorch have; load them with loadTorch() of wasm-cnn/formats/torch`,
    );
  }
  return new Map([...layers].filter(([, { size }]) => size > 0));
}

/** Names of layers, as far as the description tells them. */
function orderOf(description: string | undefined): readonly string[] {
  try {
    const { layers } = JSON.parse(description ?? '{}') as { layers?: unknown };
    return Array.isArray(layers) ? layers.flatMap((layer) => (isRecord(layer) ? [String(layer['name'])] : [])) : [];
  } catch {
    return [];
  }
}

/** Why weights do not fit, or null. */
function differenceOf(own: Parts<number>, parts: Parts<NamedTensor>, weights: readonly Tensor[]): string | null {
  const [needed, found] = [[...own.keys()], [...parts.keys()]];
  if (needed.length !== found.length || !needed.every((part) => parts.has(part)))
    return `needs ${needed.join(', ')}, the file has ${found.join(', ')}`;
  for (const [part, i] of own) {
    const [shape, given] = [weights[i]!.shape, parts.get(part)!.shape];
    if (!sameShape(shape, given)) return `needs ${part} ${formatShape(shape)}, the file has ${formatShape(given)}`;
  }
  return null;
}
