// A model's variables ↔ the tensors of a state dict, by the prefixes that its layers have there.
import { check, printable } from '../../base/errors.js';
import { listed } from '../../base/listed.js';
import { unknown } from '../../base/nearest.js';
import { describe, entryOf, isRecord } from '../../base/options.js';
import { formatShape, sameShape, type Shape } from '../../base/shape.js';
import type { ModelArchive } from '../archive.js';
import type { NamedTensor } from '../safetensors.js';
import { architectures, type ArchitectureName } from './names.js';
import { flattenedImages, fromTorch, torchTensor, toTorch, type TorchTensor } from './tensors.js';

/** Prefixes by the names of our layers ({ conv2d: 'features.0' }), or an architecture whose names they are. */
export type Names = Readonly<Record<string, string>> | ArchitectureName;

/** What is needed of a model to say what its state dict holds. */
export interface Described {
  readonly archive: Pick<ModelArchive, 'model'>;
  readonly layers: readonly { readonly name: string; readonly inputShape: Shape }[];
  readonly variables: readonly { readonly name: string; readonly shape: Shape }[];
}

/** A tensor of a state dict and its name there. */
interface Place extends TorchTensor {
  readonly tensor: string;
}

/** Place of each variable; refuses layers without counterpart, all of them at once. */
export function placesOf({ archive, layers, variables }: Described, names: Names | undefined, who: string): Place[] {
  const shapes = new Map(layers.map(({ name, inputShape }) => [name, inputShape]));
  const images = flattenedImages(archive, shapes, who);
  const classes = new Map(archive.model.layers.map(({ className, name }) => [name, className]));
  const weighted = [...new Set(variables.map(({ name }) => layerOf(name)))];
  const prefixes = prefixesOf(weighted, [...classes.keys()], names, who);
  const without: string[] = [];
  const places = variables.flatMap(({ name, shape }): Place[] => {
    const layer = layerOf(name);
    const className = classes.get(layer)!;
    const place = torchTensor({ className, name: layer, flattened: images.get(layer) ?? null }, name, shape);
    if (!place) without.push(`${name} of ${className}`);
    return place ? [{ ...place, tensor: `${prefixes.get(layer)!}.${place.suffix}` }] : [];
  });
  check(
    without.length === 0,
    () => `${who}: PyTorch's layers have no counterpart of ${listed(without)}; use other layers`,
  );
  return places;
}

function prefixesOf(
  weighted: readonly string[],
  all: readonly string[],
  names: Names | undefined,
  who: string,
): ReadonlyMap<string, string> {
  if (names === undefined) return new Map(weighted.map((layer) => [layer, layer]));
  if (typeof names === 'string') {
    const architecture = entryOf(architectures, names, 'architecture');
    const found = weighted.map((layer) => [layer, architecture.names(layer)] as const);
    const others = found.filter(([, prefix]) => prefix === undefined).map(([layer]) => layer);
    check(
      others.length === 0,
      () =>
        `${who}: ${names} has no layers ${listed(others)}; give names as an object from the names of the layers to prefixes`,
    );
    return new Map(found as [string, string][]);
  }
  check(
    isRecord(names) && Object.values(names).every((prefix) => typeof prefix === 'string' && prefix !== ''),
    () =>
      `${who} needs names as an architecture (${Object.keys(architectures).join(', ')}) or as an object from layers to prefixes, got ${describe(names)}`,
  );
  for (const layer of Object.keys(names))
    check(all.includes(layer), () => `${who}: the model has no layer ${unknown(layer, all)}, which names has`);
  const missing = weighted.filter((layer) => !Object.hasOwn(names, layer));
  check(
    missing.length === 0,
    () => `${who}: names has no prefix for ${listed(missing)}; give one for each layer with weights`,
  );
  const prefixes = weighted.map((layer) => names[layer]!);
  const twice = prefixes.filter((prefix, i) => prefixes.indexOf(prefix) !== i);
  check(twice.length === 0, () => `${who}: names has the prefix ${listed(twice)} for two layers; each has its own`);
  return new Map(weighted.map((layer, i) => [layer, prefixes[i]!]));
}

/** A state dict of these variables. */
export function writeStateDict(
  places: readonly Place[],
  values: ReadonlyMap<string, NamedTensor>,
): Map<string, NamedTensor> {
  return new Map(
    places.map((place) => [
      place.tensor,
      { shape: place.shape, data: toTorch(place, values.get(place.variable)!.data) },
    ]),
  );
}

export interface ReadOptions {
  /** Layers whose tensors have other shapes are left out. */
  readonly skipMismatch: boolean;
  /** Prefixes of what the model does not have on purpose. */
  readonly unneeded?: readonly string[];
}

/** The variables that a state dict holds, and what was left out. Refuses in one sentence everything that does not fit. */
export function readStateDict(
  places: readonly Place[],
  tensors: ReadonlyMap<string, NamedTensor>,
  { skipMismatch, unneeded = [] }: ReadOptions,
  who: string,
): { variables: Map<string, NamedTensor>; notes: string[] } {
  const known = new Set(places.map(({ tensor }) => tensor));
  const missing = [...known].filter((tensor) => !tensors.has(tensor));
  const others = [...tensors.keys()].filter((tensor) => !known.has(tensor));
  const left = others.filter((tensor) => unneeded.some((prefix) => tensor.startsWith(`${prefix}.`)));
  const unexpected = others.filter((tensor) => !left.includes(tensor));
  const misfits = places.filter(
    ({ tensor, shape }) => tensors.has(tensor) && !sameShape(tensors.get(tensor)!.shape, shape),
  );
  const wrong = misfits.map(
    ({ tensor, shape }) => `${tensor} is ${formatShape(tensors.get(tensor)!.shape)} and must be ${formatShape(shape)}`,
  );
  const complaints = [
    ...(missing.length > 0 ? [`it lacks ${listed(missing)}`] : []),
    ...(unexpected.length > 0 ? [`the model has no place for ${listed(unexpected)}`] : []),
    ...(wrong.length > 0 && !skipMismatch ? [listed(wrong, 4)] : []),
  ];
  const hint =
    wrong.length > 0 && complaints.length === 1 ? ', or give skipMismatch: true to leave such layers as they are' : '';
  check(complaints.length === 0, () => `${who}: ${complaints.join('; ')}; it is a state dict of another model${hint}`);
  const skipped = new Set(misfits.map(({ layer }) => layer));
  const variables = new Map(
    places
      .filter(({ layer }) => !skipped.has(layer))
      .map((place) => [place.variable, { shape: place.own, data: fromTorch(place, tensors.get(place.tensor)!.data) }]),
  );
  return {
    variables,
    notes: [
      ...[...skipped].map((layer) => `${layer} keeps its first weights, as the file's have another shape`),
      ...(left.length > 0 ? [printable(`${listed(left)} were left out, as the model has no such layers`)] : []),
    ],
  };
}

const layerOf = (variable: string): string => variable.slice(0, variable.lastIndexOf('/'));
