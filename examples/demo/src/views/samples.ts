// Some digits of the data set; one after the other gives way to another, slowly.
import { find, make } from '../page/element.js';
import { oneTabStop } from '../page/oneTabStop.js';
import { wantsStillness } from '../page/stillness.js';
import { drawImage } from '../page/tiles.js';
import { aDigit } from '../page/format.js';
import type { TestedDataset } from 'wasm-cnn/data';

const grid = find('tiles', HTMLElement);
const COUNT = 45;
/** While it learns, digits stream by. */
const EVERY_MS = 1200,
  LEARNING_MS = 240;

export class Samples {
  learning = false;
  #source: TestedDataset | null = null;
  #next = 0;
  readonly #tabStop = oneTabStop(grid);
  readonly #indices: number[] = [];
  readonly #canvases: HTMLCanvasElement[] = [];
  readonly #buttons: HTMLButtonElement[] = [];

  constructor(onPick: (image: Uint8Array, origin: string) => void) {
    for (let i = 0; i < COUNT; i++) {
      const canvas = make('canvas', { 'aria-hidden': 'true', width: 28, height: 28 });
      const button = make(
        'button',
        { type: 'button', class: 'tile', disabled: true, 'aria-label': 'A digit, still to come' },
        canvas,
      );
      button.addEventListener('click', () =>
        onPick(
          this.#image(this.#indices[i]!),
          `training digit ${this.#indices[i]}, ${aDigit(this.#source!.train.y[this.#indices[i]!]!)}`,
        ),
      );
      this.#canvases.push(canvas);
      this.#buttons.push(button);
      grid.append(button);
    }
    this.#tick();
  }

  show(source: TestedDataset): void {
    this.#source = source;
    this.#next = 0;
    for (let i = 0; i < COUNT; i++) this.#put(i);
    this.#tabStop.refresh();
  }

  #tick(): void {
    // What somebody points at or stands on stays.
    if (this.#source && !wantsStillness() && !document.hidden && !grid.matches(':hover, :focus-within'))
      this.#put((this.#next * 7) % COUNT);
    setTimeout(() => this.#tick(), this.learning ? LEARNING_MS : EVERY_MS);
  }

  #put(place: number): void {
    const { y } = this.#source!.train;
    // Far apart in the set, and any digit after any other.
    const index = (this.#next++ * 7919) % y.length;
    this.#indices[place] = index;
    drawImage(this.#canvases[place]!, this.#image(index));
    const button = this.#buttons[place]!;
    button.disabled = false;
    button.setAttribute('aria-label', `Training digit ${index}, ${aDigit(y[index]!)}`);
  }

  #image(index: number): Uint8Array {
    return this.#source!.train.x.data.subarray(784 * index, 784 * (index + 1));
  }
}
