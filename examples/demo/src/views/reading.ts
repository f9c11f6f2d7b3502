// What the network makes of one image: the 28 × 28 pixels, what each layer sees, ten probabilities.
import type { Model } from 'wasm-cnn';
import type { LayerViews } from '../network/layerViews.js';
import { find } from '../page/element.js';
import { announce, showError } from '../page/messages.js';
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
const BLANK = new Uint8Array(784);
const SETTLED_MS = 700;

export class Reading {
  /** Whether its answers mean anything yet. */
  trained = false;
  likeness: Likeness | null = null;
  #model: Model | null = null;
  #views: LayerViews | null = null;
  #seen: Seen | null = null;
  #settling: ReturnType<typeof setTimeout> | undefined;
  readonly #maps = new Throttled(() => this.#drawMaps(), { leastMs: 60, rest: 2, onError: showError });

  setModel(model: Model, views: LayerViews | null): void {
    this.#model = model;
    this.#views = views;
    void this.look().catch(showError);
  }

  /** There is no network. */
  forget(): void {
    this.#model = this.#views = null;
    showProbabilities(null, { trained: false, doubts: [] });
  }

  see(seen: Seen): void {
    this.#seen = seen;
    origin.textContent = origin.title = seen.origin;
    drawImage(picture, seen.image ?? BLANK);
    void this.look().catch(showError);
    clearTimeout(this.#settling);
    // A screen reader hears the answer when the hand rests, and nothing of the ghost's.
    if (seen.image && seen.own)
      this.#settling = setTimeout(() => announce(`Read as: ${verdict.textContent}`), SETTLED_MS);
  }

  /** Asks again: the weights have changed. */
  async look(): Promise<void> {
    if (!this.#model) return;
    this.#maps.request();
    const seen = this.#seen;
    if (!seen?.image) return showProbabilities(null, { trained: this.trained, doubts: [] });
    const answer = await ask(this.#model, { data: seen.image, shape: [1, 28, 28, 1] });
    showProbabilities(answer ? answer.data : 'none', {
      trained: this.trained,
      doubts: answer ? this.#doubts(seen, mostProbable(answer.data)) : [],
    });
  }

  /** What a person drew or brought is compared with the digits that were learned; those of the data are digits. */
  #doubts({ image, doubts, isDigit }: Seen, digit: number): readonly string[] {
    if (isDigit || doubts.length > 0 || !this.likeness || this.likeness.isLike(image!, digit)) return doubts;
    return [`unlike any ${digit} that it learned from`];
  }

  async #drawMaps(): Promise<void> {
    await this.#views?.draw(this.#seen?.image ?? BLANK);
  }
}
