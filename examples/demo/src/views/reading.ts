// What the network makes of one image: the pixels that it sees, what each layer sees, a probability for each class.
import type { Model } from 'wasm-cnn';
import type { Picture } from 'wasm-cnn/images';
import type { Subject } from '../data/source.js';
import type { LayerViews } from '../network/layerViews.js';
import { find } from '../page/element.js';
import { announce, showError } from '../page/messages.js';
import { say } from '../page/subject.js';
import { Throttled } from '../page/throttled.js';
import { drawImage } from '../page/tiles.js';
import { ask } from '../training/ask.js';
import { mostProbable } from '../training/evaluator.js';
import type { Likeness } from '../training/likeness.js';
import type { Seen } from './pad.js';
import { showProbabilities } from './probabilities.js';

const picture = find('seen', HTMLCanvasElement);
const origin = find('pad-origin', HTMLElement);
const verdict = find('verdict', HTMLElement);
const SETTLED_MS = 700;

export class Reading {
  /** Whether its answers mean anything yet. */
  trained = false;
  likeness: Likeness | null = null;
  #subject: Subject;
  #model: Model | null = null;
  #views: LayerViews | null = null;
  #seen: Seen | null = null;
  #settling: ReturnType<typeof setTimeout> | undefined;
  readonly #maps = new Throttled(() => this.#drawMaps(), { leastMs: 60, rest: 2, onError: showError });

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  /** Other classes. */
  setSubject(subject: Subject): void {
    if (subject.areDigits !== this.#subject.areDigits) this.#seen = null;
    this.#subject = subject;
  }

  setModel(model: Model, views: LayerViews | null): void {
    this.#model = model;
    this.#views = views;
    const [height = 0, width = 0] = model.inputShape;
    picture.ariaLabel = `The ${height} × ${width} pixels that the network sees`;
    picture.style.aspectRatio = `${width} / ${height}`;
    void this.look().catch(showError);
  }

  /** There is no network. */
  forget(): void {
    this.#model = this.#views = null;
    showProbabilities(null, { trained: false, doubts: [], subject: this.#subject });
  }

  see(seen: Seen): void {
    this.#seen = seen;
    origin.textContent = origin.title = seen.origin;
    drawImage(picture, seen.image ?? BLANK);
    void this.look().catch(showError);
    clearTimeout(this.#settling);
    // A screen reader hears the answer when the hand rests, and nothing of the ghost's.
    if (seen.image && seen.own)
      this.#settling = setTimeout(() => announce(`${say('Read as', 'Taken for')}: ${verdict.textContent}`), SETTLED_MS);
  }

  /** Asks again: the weights have changed. */
  async look(): Promise<void> {
    const model = this.#model;
    if (!model) return;
    this.#maps.request();
    const seen = this.#seen;
    const image = seen?.image;
    const judged = { trained: this.trained, subject: this.#subject };
    // One of data that this network was not made for.
    if (!image || shapeOf(image) !== model.inputShape.join()) return showProbabilities(null, { ...judged, doubts: [] });
    const answer = await ask(model, { data: image.data, shape: [1, ...model.inputShape] });
    if (this.#model !== model) return;
    showProbabilities(answer ? answer.data : 'none', {
      ...judged,
      doubts: answer ? this.#doubts(seen, image, mostProbable(answer.data)) : [],
    });
  }

  /** What a person drew or brought is compared with the digits that were learned; those of the data are digits. */
  #doubts({ doubts, isDigit }: Seen, image: Picture, digit: number): readonly string[] {
    if (isDigit || doubts.length > 0 || !this.likeness || this.likeness.isLike(image.data, digit)) return doubts;
    return [`unlike any ${digit} that it learned from`];
  }

  async #drawMaps(): Promise<void> {
    await this.#views?.draw(this.#seen?.image ?? null);
  }
}

const BLANK: Picture = { data: new Uint8Array(784), width: 28, height: 28, channels: 1 };

function shapeOf({ height, width, channels }: Picture): string {
  return `${height},${width},${channels}`;
}
