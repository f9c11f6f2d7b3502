// Some images of the data set; one after the other gives way to another, slowly.
import type { Picture } from 'wasm-cnn/images';
import { farApart, pictureAt, subjectOf, type Subject } from '../data/source.js';
import { find, make } from '../page/element.js';
import { oneTabStop } from '../page/oneTabStop.js';
import { wantsStillness } from '../page/stillness.js';
import { aOne } from '../page/subject.js';
import { drawImage } from '../page/tiles.js';
import type { TestedDataset } from 'wasm-cnn/data';

const grid = find('tiles', HTMLElement);
const COUNT = 45;
/** While it learns, they stream by. */
const EVERY_MS = 1200,
  LEARNING_MS = 240;

export class Samples {
  learning = false;
  #source: TestedDataset | null = null;
  #subject: Subject | null = null;
  #next = 0;
  readonly #tabStop = oneTabStop(grid);
  readonly #indices: number[] = [];
  readonly #canvases: HTMLCanvasElement[] = [];
  readonly #buttons: HTMLButtonElement[] = [];

  constructor(onPick: (image: Picture, origin: string) => void) {
    for (let i = 0; i < COUNT; i++) {
      const canvas = make('canvas', { 'aria-hidden': 'true', width: 28, height: 28 });
      const button = make(
        'button',
        { type: 'button', class: 'tile', disabled: true, 'aria-label': 'An image, still to come' },
        canvas,
      );
      button.addEventListener('click', () =>
        onPick(pictureAt(this.#source!.train, this.#indices[i]!), this.#words(this.#indices[i]!)),
      );
      this.#canvases.push(canvas);
      this.#buttons.push(button);
      grid.append(button);
    }
    this.#tick();
  }

  show(source: TestedDataset): void {
    this.#source = source;
    this.#subject = subjectOf(source);
    this.#next = 0;
    const count = Math.min(COUNT, source.train.y.length);
    for (const [i, button] of this.#buttons.entries()) {
      button.hidden = i >= count;
      if (i < count) this.#put(i);
    }
    this.#tabStop.refresh();
  }

  #tick(): void {
    // What has the pointer or the focus stays.
    if (this.#source && !wantsStillness() && !document.hidden && !grid.matches(':hover, :focus-within'))
      this.#put((this.#next * 7) % Math.min(COUNT, this.#source.train.y.length));
    setTimeout(() => this.#tick(), this.learning ? LEARNING_MS : EVERY_MS);
  }

  #put(place: number): void {
    const { y } = this.#source!.train;
    const index = farApart(this.#next++, y.length);
    this.#indices[place] = index;
    drawImage(this.#canvases[place]!, pictureAt(this.#source!.train, index));
    const button = this.#buttons[place]!;
    button.disabled = false;
    const words = this.#words(index);
    button.setAttribute('aria-label', `T${words.slice(1)}`);
    button.title = this.#subject!.areDigits ? '' : this.#subject!.names[y[index]!]!;
  }

  #words(index: number): string {
    const what = this.#subject!.areDigits ? 'digit' : 'image';
    return `training ${what} ${index}, ${aOne(this.#subject!, this.#source!.train.y[index]!)}`;
  }
}
