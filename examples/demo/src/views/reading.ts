// What the network makes of one image: the 28 × 28 pixels, what each layer sees, ten probabilities.
import type { Sequential } from 'wasm-cnn';
import type { LayerViews } from '../network/layerViews.js';
import { find } from '../page/element.js';
import { announce, showError } from '../page/messages.js';
import { Throttled } from '../page/throttled.js';
import { drawImage } from '../page/tiles.js';
import { showProbabilities } from './probabilities.js';

const seen = find('seen', HTMLCanvasElement);
const origin = find('pad-origin', HTMLElement);
const verdict = find('verdict', HTMLElement);
const BLANK = new Uint8Array(784);
const SETTLED_MS = 700;

export class Reading {
  /** Whether its answers mean anything yet. */
  trained = false;
  #model: Sequential | null = null;
  #views: LayerViews | null = null;
  #image: Uint8Array | null = null;
  #settling: ReturnType<typeof setTimeout> | undefined;
  readonly #maps = new Throttled(() => this.#drawMaps(), { leastMs: 60, rest: 2, onError: showError });

  setModel(model: Sequential, views: LayerViews | null): void {
    this.#model = model;
    this.#views = views;
    void this.look().catch(showError);
  }

  /** There is no network. */
  forget(): void {
    this.#model = this.#views = null;
    showProbabilities(null, false);
  }

  /** Null: the pad is empty. `from`: where the image comes from. */
  see(image: Uint8Array | null, from: string): void {
    this.#image = image;
    origin.textContent = from;
    drawImage(seen, image ?? BLANK);
    void this.look().catch(showError);
    clearTimeout(this.#settling);
    // A screen reader hears the answer when the hand rests, and nothing of the ghost's.
    if (image && !from.includes('ghost')) this.#settling = setTimeout(() => announce(`Read as ${verdict.textContent}`), SETTLED_MS);
  }

  /** Asks again: the weights have changed. */
  async look(): Promise<void> {
    if (!this.#model) return;
    this.#maps.request();
    if (!this.#image) return showProbabilities(null, this.trained);
    const { data } = await this.#model.predict({ data: this.#image, shape: [1, 28, 28, 1] });
    showProbabilities(data, this.trained);
  }

  async #drawMaps(): Promise<void> {
    await this.#views?.draw(this.#image ?? BLANK);
  }
}
