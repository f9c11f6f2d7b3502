// A network in a few letters, for the page's address: c32k3-p2-c64k3-p2-f-d128. The probabilities at the end go without saying.
import {
  buildModel,
  designOf,
  fitted,
  presets,
  readout,
  type Design,
  type LayerDesign,
  type PresetName,
} from './design.js';
import { digitsForm, type Form } from './form.js';

/** More would be no address any more. */
const MOST_LAYERS = 40;

const letters: readonly (readonly [pattern: RegExp, layer: (...sizes: number[]) => LayerDesign])[] = [
  [
    /^c(\d{1,5})k(\d{1,2})$/,
    (filters, kernelSize) => ({ kind: 'conv2d', config: { filters, kernelSize, activation: 'relu' } }),
  ],
  [/^p(\d{1,2})$/, (poolSize) => ({ kind: 'maxPooling2d', config: { poolSize } })],
  [/^r(0(?:\.\d{1,6})?)$/, (rate) => ({ kind: 'dropout', config: { rate } })],
  [/^d(\d{1,6})$/, (units) => ({ kind: 'dense', config: { units, activation: 'relu' } })],
  [/^f$/, () => ({ kind: 'flatten', config: {} })],
];

/** A preset's name, or letters; null for a network from a file that has more options than letters say. */
export function notationOf(design: Design, form: Form): string | null {
  const preset = presetOf(design);
  if (preset) return preset;
  const text = design.layers
    .slice(0, -1)
    .map(({ kind, config }) => {
      const first = (option: string): string => String([config[option]].flat()[0]);
      return {
        conv2d: () => `c${first('filters')}k${first('kernelSize')}`,
        maxPooling2d: () => `p${first('poolSize')}`,
        dropout: () => `r${first('rate')}`,
        dense: () => `d${first('units')}`,
        flatten: () => 'f',
        activation: () => '?',
      }[kind]();
    })
    .join('-');
  const back = designFrom(text);
  return back && JSON.stringify(completed(back, form).layers) === JSON.stringify(completed(design, form).layers)
    ? text
    : null;
}

/** The preset that this is, for whatever classes. */
export function presetOf(design: Design): PresetName | null {
  const wanted = JSON.stringify(fitted(design, digitsForm).layers);
  const [name = null] = Object.entries(presets).find(([, { layers }]) => JSON.stringify(layers) === wanted) ?? [];
  return name as PresetName | null;
}

/** Null where it says nothing that can be understood; the layers may still not fit. */
export function designFrom(notation: string): Design | null {
  if (Object.hasOwn(presets, notation)) return presets[notation as PresetName];
  const parts = notation === '' ? [] : notation.split('-');
  if (parts.length > MOST_LAYERS) return null;
  const list: LayerDesign[] = [];
  for (const part of parts) {
    const known = letters.find(([pattern]) => pattern.test(part));
    if (!known) return null;
    list.push(known[1](...known[0].exec(part)!.slice(1).map(Number)));
  }
  return completed({ name: 'own', layers: [...list, readout] }, digitsForm);
}

/** With all options, where it can be built, so that two that are the same look the same. */
function completed(design: Design, form: Form): Design {
  try {
    return { ...designOf(buildModel(fitted(design, form), form, 0)), name: design.name };
  } catch {
    return design;
  }
}
