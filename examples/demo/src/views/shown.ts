// The picture that the network is asked about, where it is none that can be drawn: as the person brought it, or one of the data.
import type { Picture } from 'wasm-cnn/images';
import { context, find } from '../page/element.js';
import { drawImage } from '../page/tiles.js';
import type { Seen } from './pad.js';

const canvas = find('shown', HTMLCanvasElement);
const hint = find('shown-hint', HTMLElement);
/** A photograph has more pixels than there is room for. */
const MOST_SIDE = 600;

export class Shown {
  readonly #onSeen: (seen: Seen) => void;
  /** Counts up when something else is shown. */
  #turn = 0;

  constructor(onSeen: (seen: Seen) => void) {
    this.#onSeen = onSeen;
  }

  get turn(): number {
    return this.#turn;
  }

  /** `picture`: what to look at; `image`: what the network sees of it. */
  show(picture: Picture, image: Picture, origin: string, { own = true } = {}): void {
    this.#turn++;
    hint.hidden = true;
    drawSmaller(picture);
    canvas.ariaLabel = origin;
    this.#onSeen({ image, origin, own, doubts: [], isDigit: true });
  }

  clear(): void {
    this.#turn++;
    hint.hidden = false;
    [canvas.width, canvas.height] = [1, 1];
    canvas.ariaLabel = 'No picture yet';
  }
}

function drawSmaller(picture: Picture): void {
  const scale = Math.min(1, MOST_SIDE / Math.max(picture.width, picture.height));
  if (scale === 1) return drawImage(canvas, picture);
  const whole = document.createElement('canvas');
  drawImage(whole, picture);
  [canvas.width, canvas.height] = [picture.width, picture.height].map((side) =>
    Math.max(1, Math.round(side * scale)),
  ) as [number, number];
  context(canvas).drawImage(whole, 0, 0, canvas.width, canvas.height);
}
