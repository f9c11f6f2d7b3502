// Why a network cannot be, in words for people, and where a new layer fits.
import { WasmCnnError, type Model } from 'wasm-cnn';
import { buildModel, newLayer, words, type Design, type LayerDesign, type LayerKind } from './design.js';
import type { Form } from './form.js';

/** One sentence without its full stop; null where the layers fit. */
export function problemOf(design: Design, form: Form): string | null {
  try {
    return problemOfEnd(buildModel(design, form, 0), form);
  } catch (error) {
    if (!(error instanceof WasmCnnError)) throw error;
    return problemOfLayers(design.layers, form) ?? error.message;
  }
}

/** Throws that sentence where they do not. */
export function buildFitting(design: Design, form: Form, seed: number): Model {
  const problem = problemOf(design, form);
  if (problem !== null) throw new WasmCnnError(problem);
  return buildModel(design, form, seed);
}

function problemOfEnd({ outputShape }: Model, { classes }: Form): string | null {
  return outputShape.join() === String(classes)
    ? null
    : `The network ends in ${outputShape.join(' × ')} numbers instead of ${inWords(classes)} probabilities; put flatten before the last layer`;
}

/** 10 → 'ten' */
export function inWords(classes: number): string {
  return classes === 10 ? 'ten' : String(classes);
}

/** The engine's sentence about memory, for people who know filters and units but no batch; any other as it is. */
export function inPageWords(sentence: string): string {
  const [, needed] = /needs (\d+) bytes, WebAssembly has/.exec(sentence) ?? [];
  return needed === undefined
    ? sentence
    : `This network needs ${(Number(needed) / 2 ** 30).toFixed(1)} GiB to train, and WebAssembly has 4; take fewer filters or units, or more pooling`;
}

/** The first layer that does not fit what comes before it. */
function problemOfLayers(list: readonly LayerDesign[], form: Form): string | null {
  for (const [i, { kind }] of list.entries()) {
    if (fits(list.slice(0, i + 1), form)) continue;
    const input =
      i === 0 ? form.inputShape : buildModel({ name: 'part', layers: list.slice(0, i) }, form, 0).outputShape;
    const who = `Layer ${i + 1}, ${words[kind]},`;
    if (kind === 'dense')
      return `${who} needs a list of numbers, but gets an image of ${input[0]} × ${input[1]}; put flatten above it`;
    if (input.length === 1)
      return `${who} needs an image, but flatten has turned it into a list of numbers; move it above flatten`;
    return `${who} gets an image of ${input[0]} × ${input[1]} px, smaller than its window; make the window smaller, or remove a layer above it`;
  }
  return null;
}

function fits(layers: readonly LayerDesign[], form: Form): boolean {
  try {
    buildModel({ name: 'part', layers }, form, 0);
    return true;
  } catch {
    return false;
  }
}

/** Where a new layer of this kind goes, or why it goes nowhere. Pictures are before flatten, lists of numbers after it; the last layer reads out. */
export function placeFor({ layers }: Design, kind: LayerKind, form: Form): number | string {
  const flatten = layers.findIndex((layer) => layer.kind === 'flatten');
  const end = layers.length - 1;
  if (kind === 'flatten' && flatten >= 0) return 'there is one already';
  const from = kind === 'conv2d' || kind === 'maxPooling2d' ? (flatten < 0 ? end : flatten) : end;
  for (let place = from; place >= 0; place--) {
    if (problemOf({ name: 'own', layers: layers.toSpliced(place, 0, newLayer(kind)) }, form) === null) return place;
  }
  return kind === 'dense' || kind === 'flatten' ? 'it fits nowhere' : 'the image is too small for it';
}
