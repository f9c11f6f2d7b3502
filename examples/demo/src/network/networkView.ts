// The list of layers: each with its fields, its output's shape, and a place for what it sees.
import type { Sequential } from 'wasm-cnn';
import { find, make } from '../page/element.js';
import { formatCount } from '../page/words.js';
import { fields, fieldValue, newLayer, presets, withField, words, type Design, type LayerDesign, type LayerKind, type PresetName } from './design.js';
import { LayerViews } from './layerViews.js';

const list = find('layers', HTMLOListElement);
const preset = find('preset', HTMLSelectElement);
const size = find('network-size', HTMLElement);
const error = find('network-error', HTMLElement);
const addButton = find('add-layer', HTMLButtonElement);
const newKind = find('new-layer', HTMLSelectElement);

export class NetworkView {
  #design: Design = presets.reference;
  #model: Sequential | null = null;
  #views: LayerViews | null = null;
  readonly #onDesign: (design: Design) => void;

  /** `onDesign` is told what the person wants now. */
  constructor(onDesign: (design: Design) => void) {
    this.#onDesign = onDesign;
    preset.addEventListener('change', () => onDesign(preset.value === 'own' ? this.#design : presets[preset.value as PresetName]));
    addButton.addEventListener('click', () => {
      const before = this.#design.layers;
      // The last layer reads out: others come before it.
      this.#change([...before.slice(0, -1), newLayer(newKind.value as LayerKind), ...before.slice(-1)], before.length - 1);
    });
  }

  get views(): LayerViews | null {
    return this.#views;
  }

  /** A network that works. */
  showModel(design: Design, model: Sequential): void {
    this.#model = model;
    error.hidden = true;
    const bytes = model.plan?.totalBytes;
    size.textContent = `${formatCount(model.countParams())} parameters${bytes === undefined ? '' : `, ${formatBytes(bytes)} of memory to train`}`;
    const canvases = this.#showRows(design, model);
    this.#views = new LayerViews(model, canvases);
  }

  /** One that does not, with the engine's sentence. */
  showImpossible(design: Design, sentence: string): void {
    this.#model = this.#views = null;
    error.hidden = false;
    error.textContent = `${sentence}.`;
    size.textContent = 'This network cannot be built.';
    this.#showRows(design, null);
  }

  /** The same network with other weights. */
  showSuccessor(model: Sequential): void {
    this.showModel(this.#design, model);
  }

  lock(locked: boolean): void {
    for (const element of [preset, addButton, newKind, ...list.querySelectorAll<HTMLInputElement | HTMLButtonElement>('input, button')]) element.disabled = locked;
  }

  #showRows(design: Design, model: Sequential | null): (HTMLCanvasElement | null)[] {
    this.#design = design;
    const known = Object.entries(presets).find(([, other]) => JSON.stringify(other) === JSON.stringify(design));
    preset.querySelector<HTMLOptionElement>('[value=own]')!.hidden = known !== undefined;
    preset.value = known?.[0] ?? 'own';
    // Whoever types or presses goes on from where they are.
    const focused = document.activeElement instanceof HTMLElement && list.contains(document.activeElement) ? document.activeElement.id : null;
    const canvases: (HTMLCanvasElement | null)[] = [];
    list.replaceChildren(...design.layers.map((layer, i) => {
      const canvas = model && LayerViews.isWorthAPicture(model, i) ? make('canvas', { role: 'img', 'aria-label': `What layer ${i + 1}, ${words[layer.kind]}, sees of the digit` }) : null;
      canvases.push(canvas);
      return this.#row(layer, i, canvas);
    }));
    if (focused !== null) document.getElementById(focused)?.focus();
    return canvases;
  }

  #row(layer: LayerDesign, i: number, canvas: HTMLCanvasElement | null): HTMLLIElement {
    const last = i === this.#design.layers.length - 1;
    const which = `layer ${i + 1}, ${words[layer.kind]}`;
    const placed = this.#model?.layers[i];
    const inputs = last ? [] : fields[layer.kind].map((field) => {
      const input = make('input', { id: `layer-${i}-${field.option}`, type: 'number', min: field.min, step: field.step, value: fieldValue(layer, field), 'aria-label': `${field.label}, ${which}` });
      input.addEventListener('change', () => this.#change(this.#design.layers.with(i, withField(layer, field, input.valueAsNumber))));
      return make('label', {}, input, ` ${field.label}`);
    });
    const button = (name: string, label: string, action: () => void, enabled = true): HTMLButtonElement => {
      const made = make('button', { id: `layer-${i}-${name}`, type: 'button', class: 'quiet small', 'aria-label': `${name} ${which}`, title: name, disabled: !enabled }, label);
      made.addEventListener('click', action);
      return made;
    };
    const count = this.#design.layers.length - 1;
    const buttons = last ? [] : [
      button('Move up', '↑', () => this.#change(swapped(this.#design.layers, i - 1), i - 1), i > 0),
      button('Move down', '↓', () => this.#change(swapped(this.#design.layers, i), i + 1), i < count - 1),
      button('Remove', '✕', () => this.#change(this.#design.layers.toSpliced(i, 1), Math.max(0, i - 1))),
    ];
    const head = make('div', { class: 'layer-head' },
      make('span', { class: 'layer-name' }, last ? 'ten probabilities' : words[layer.kind]),
      ...inputs);
    const shape = make('span', { class: 'shape' }, placed ? formatShape(placed.output) : '');
    const tools = make('span', { class: 'layer-buttons' }, ...buttons);
    head.append(...(canvas ? [tools] : [shape, tools]));
    return make('li', { 'data-kind': layer.kind }, head, ...(canvas ? [make('div', { class: 'maps' }, canvas, shape)] : []));
  }

  /** `focus`: the row that the keyboard goes to where its button may be gone. */
  #change(layers: readonly LayerDesign[], focus?: number): void {
    this.#onDesign({ name: 'own', layers });
    if (focus === undefined) return;
    const row = list.children[focus];
    (row?.querySelector<HTMLElement>('input') ?? row?.querySelector<HTMLElement>('button:enabled') ?? addButton).focus();
  }
}

/** With layers i and i + 1 exchanged. */
function swapped(layers: readonly LayerDesign[], i: number): LayerDesign[] {
  return layers.with(i, layers[i + 1]!).with(i + 1, layers[i]!);
}

/** Breaks before the channels, if at all. */
function formatShape(shape: readonly number[]): string {
  return shape.map((size, i) => (i === 0 ? size : `${i === 2 ? ' ' : '\u00a0'}×\u00a0${size}`)).join('');
}

function formatBytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 1 : 0)} MiB`;
}
