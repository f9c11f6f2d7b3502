// The list of layers: each with its fields, its output's shape, and a place for what it sees.
import type { Model } from 'wasm-cnn';
import { find, make } from '../page/element.js';
import { onNumber } from '../page/numberField.js';
import { formatCount } from '../page/format.js';
import {
  fields,
  fieldValue,
  newLayer,
  presets,
  withField,
  words,
  type Design,
  type LayerDesign,
  type LayerKind,
  type PresetName,
} from './design.js';
import { digitsForm, formOfModel, type Form } from './form.js';
import { LayerViews } from './layerViews.js';
import { presetOf } from './notation.js';
import { inWords, placeFor, problemOf } from './problem.js';

const list = find('layers', HTMLOListElement);
const preset = find('preset', HTMLSelectElement);
const size = find('network-size', HTMLElement);
const error = find('network-error', HTMLElement);
const addButton = find('add-layer', HTMLButtonElement);
const newKind = find('new-layer', HTMLSelectElement);

export class NetworkView {
  #design: Design = presets.reference;
  #form: Form = digitsForm;
  #model: Model | null = null;
  #views: LayerViews | null = null;
  #locked = false;
  readonly #onDesign: (design: Design) => void;
  readonly #onRefused: (sentence: string) => void;

  /** `onDesign` is told what the person wants now, `onRefused` why it cannot be. */
  constructor(onDesign: (design: Design) => void, onRefused: (sentence: string) => void) {
    this.#onDesign = onDesign;
    this.#onRefused = onRefused;
    preset.addEventListener('change', () =>
      onDesign(preset.value === 'own' ? this.#design : presets[preset.value as PresetName]),
    );
    addButton.addEventListener('click', () => {
      const kind = newKind.value as LayerKind;
      const place = placeFor(this.#design, kind, this.#form);
      if (typeof place === 'string') return onRefused(`No ${words[kind]} can be added: ${place}`);
      this.#change(this.#design.layers.toSpliced(place, 0, newLayer(kind)), place);
    });
  }

  get views(): LayerViews | null {
    return this.#views;
  }

  /** A network that works. */
  showModel(design: Design, model: Model): void {
    this.#model = model;
    this.#form = formOfModel(model);
    error.hidden = true;
    const bytes = model.plan?.totalBytes;
    size.textContent = `${formatCount(model.countParams())} parameters${bytes === undefined ? '' : `, ${formatBytes(bytes)} of memory to train`}`;
    const canvases = this.#showRows(design, model);
    this.#views = new LayerViews(model, canvases);
  }

  /** One that does not, and why. */
  showImpossible(design: Design, form: Form, sentence: string): void {
    this.#model = this.#views = null;
    this.#form = form;
    error.hidden = false;
    error.textContent = `${sentence}.`;
    size.textContent = 'This network cannot be built.';
    this.#showRows(design, null);
  }

  lock(locked: boolean): void {
    this.#locked = locked;
    this.#applyLock();
  }

  #applyLock(): void {
    for (const element of [
      preset,
      addButton,
      newKind,
      ...list.querySelectorAll<HTMLInputElement | HTMLButtonElement>('input, button'),
    ]) {
      element.disabled = this.#locked || element.dataset['never'] !== undefined;
    }
  }

  /** The kinds that fit nowhere cannot be chosen, and say why. */
  #showKinds(): void {
    for (const option of newKind.options) {
      const kind = option.value as LayerKind;
      const place = placeFor(this.#design, kind, this.#form);
      option.disabled = typeof place === 'string';
      option.textContent = typeof place === 'string' ? `${words[kind]}: ${place}` : words[kind];
    }
    if (newKind.selectedOptions[0]?.disabled)
      newKind.value = [...newKind.options].find(({ disabled }) => !disabled)?.value ?? newKind.value;
  }

  #showRows(design: Design, model: Model | null): (HTMLCanvasElement | null)[] {
    this.#design = design;
    const known = presetOf(design);
    preset.querySelector<HTMLOptionElement>('[value=own]')!.hidden = known !== null;
    preset.value = known ?? 'own';
    // Focus stays where someone types or presses.
    const focused =
      document.activeElement instanceof HTMLElement && list.contains(document.activeElement)
        ? document.activeElement.id
        : null;
    const canvases: (HTMLCanvasElement | null)[] = [];
    list.replaceChildren(
      ...design.layers.map((layer, i) => {
        const canvas =
          model && LayerViews.isWorthAPicture(model, i)
            ? make('canvas', {
                role: 'img',
                'aria-label': `What layer ${i + 1}, ${words[layer.kind]}, sees of the image`,
              })
            : null;
        canvases.push(canvas);
        return this.#row(layer, i, canvas);
      }),
    );
    this.#showKinds();
    this.#applyLock();
    if (focused !== null) document.getElementById(focused)?.focus();
    return canvases;
  }

  #row(layer: LayerDesign, i: number, canvas: HTMLCanvasElement | null): HTMLLIElement {
    const last = i === this.#design.layers.length - 1;
    const which = `layer ${i + 1}, ${words[layer.kind]}`;
    const placed = this.#model?.layers[i];
    const inputs = last
      ? []
      : fields[layer.kind].map((field) => {
          const input = make('input', {
            id: `layer-${i}-${field.option}`,
            type: 'number',
            min: field.min,
            step: field.step,
            max: field.max ?? false,
            value: fieldValue(layer, field),
            'aria-label': `${field.label}, ${which}`,
          });
          onNumber(input, `${field.label}, ${which},`, {
            changed: () => this.#change(this.#design.layers.with(i, withField(layer, field, input.valueAsNumber))),
            refused: this.#onRefused,
          });
          return make('label', {}, input, ` ${field.label}`);
        });
    // `layers` null: never possible. What would break a network that works stays in reach of the keyboard, and says why when it is pressed.
    const button = (
      name: string,
      label: string,
      layers: readonly LayerDesign[] | null,
      focus: number,
    ): HTMLButtonElement => {
      const problem = layers && placed ? problemOf({ name: 'own', layers }, this.#form) : null;
      const made = make('button', {
        id: `layer-${i}-${name.replace(' ', '-')}`,
        type: 'button',
        class: 'quiet small',
        'aria-label': `${name} ${which}`,
        title: problem ? `${name}: no. ${problem}` : name,
        'aria-disabled': problem !== null && 'true',
        'data-never': layers === null,
      });
      made.append(label);
      made.addEventListener('click', () =>
        problem ? this.#onRefused(`That would break the network. ${problem}`) : this.#change(layers!, focus),
      );
      return made;
    };
    const all = this.#design.layers;
    const buttons = last
      ? []
      : [
          button('Move up', '↑', i > 0 ? swapped(all, i - 1) : null, i - 1),
          button('Move down', '↓', i < all.length - 2 ? swapped(all, i) : null, i + 1),
          button('Remove', '✕', all.toSpliced(i, 1), Math.max(0, i - 1)),
        ];
    const head = make(
      'div',
      { class: 'layer-head' },
      make('span', { class: 'layer-name' }, last ? `${inWords(this.#form.classes)} probabilities` : words[layer.kind]),
      ...inputs,
    );
    const shape = make('span', { class: 'shape' }, placed ? formatShape(placed.outputShape) : '');
    const tools = make('span', { class: 'layer-buttons' }, ...buttons);
    head.append(...(canvas ? [tools] : [shape, tools]));
    return make(
      'li',
      { 'data-kind': layer.kind },
      head,
      ...(canvas ? [make('div', { class: 'maps' }, canvas, shape)] : []),
    );
  }

  /** `focus`: the row that the keyboard goes to where its button may be gone. */
  #change(layers: readonly LayerDesign[], focus?: number): void {
    this.#onDesign({ name: 'own', layers });
    if (focus === undefined) return;
    const row = list.children[focus];
    (
      row?.querySelector<HTMLElement>('input') ??
      row?.querySelector<HTMLElement>('button:enabled') ??
      addButton
    ).focus();
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
