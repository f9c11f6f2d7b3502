// Test digits that were read wrongly, the surest first; the commonest confusions choose among them.
import { find, make } from '../page/element.js';
import { oneTabStop } from '../page/oneTabStop.js';
import { drawImage } from '../page/tiles.js';
import { aDigit, formatCount, formatShare } from '../page/format.js';
import type { Evaluator, Mistake } from '../training/evaluator.js';

const tiles = find('mistakes', HTMLElement);
const pairs = find('pairs', HTMLElement);
const text = find('mistakes-text', HTMLElement);
const HINT = 'Test digits that it misreads will appear here; press one to see what the network saw.';
const MOST_TILES = 24,
  MOST_PAIRS = 5;

export class Mistakes {
  #chosen: string | null = null;
  #shown = '';
  readonly #tabStop = oneTabStop(tiles);
  readonly #onPick: (image: Uint8Array, origin: string) => void;

  constructor(onPick: (image: Uint8Array, origin: string) => void) {
    this.#onPick = onPick;
  }

  /** There is no network. */
  clear(): void {
    this.#chosen = null;
    this.#shown = '';
    text.textContent = HINT;
    pairs.replaceChildren();
    tiles.replaceChildren();
  }

  /** `learning`: answers of older weights are among them. */
  show(evaluator: Evaluator, learning: boolean): void {
    const all = evaluator.mistakes();
    const { asked } = evaluator;
    text.textContent =
      asked === 0
        ? HINT
        : learning
          ? `${formatShare(1 - evaluator.accuracy())} of its latest answers are wrong; older ones are shown, too. Press one to send it through the network.`
          : `${formatCount(all.length)} of ${formatCount(asked)} test digits (${formatShare(all.length / asked)}), the surest first. Press one to send it through the network.`;
    const common = commonest(all);
    if (this.#chosen !== null && !common.some(({ name }) => name === this.#chosen)) this.#chosen = null;
    const list = all
      .filter((mistake) => this.#chosen === null || pairOf(mistake) === this.#chosen)
      .slice(0, MOST_TILES);
    const shown = JSON.stringify([common, this.#chosen, list]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    // Whoever stands on one of these with the keyboard stays there.
    const focused = document.activeElement?.id;
    pairs.replaceChildren(
      ...(common.length < 2
        ? []
        : common.map(({ name, count }) => {
            const button = make(
              'button',
              { id: `pair-${name}`, type: 'button', class: 'chip', 'aria-pressed': String(name === this.#chosen) },
              `${name.replace('-', ' → ')}`,
              make('span', { class: 'count' }, ` ${count} times`),
            );
            button.addEventListener('click', () => {
              this.#chosen = this.#chosen === name ? null : name;
              this.show(evaluator, learning);
            });
            return button;
          })),
    );
    tiles.replaceChildren(...list.map((mistake) => this.#tile(evaluator, mistake)));
    this.#tabStop.refresh();
    if (focused) document.getElementById(focused)?.focus();
  }

  #tile(evaluator: Evaluator, { index, truth, answer, probability }: Mistake): HTMLButtonElement {
    const canvas = make('canvas', { 'aria-hidden': 'true' });
    const image = evaluator.image(index);
    drawImage(canvas, image);
    const label = `${truth} → ${answer}: ${aDigit(truth)}, read as ${answer}, ${formatShare(probability)} sure`;
    const button = make(
      'button',
      { id: `mistake-${index}`, type: 'button', class: 'tile', title: label, 'aria-label': label },
      canvas,
      make('span', {}, `${truth} → ${answer}`),
    );
    button.addEventListener('click', () => this.#onPick(image, `test digit ${index}, ${aDigit(truth)}`));
    return button;
  }
}

function pairOf({ truth, answer }: Mistake): string {
  return `${truth}-${answer}`;
}

function commonest(mistakes: readonly Mistake[]): { name: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const mistake of mistakes) counts.set(pairOf(mistake), (counts.get(pairOf(mistake)) ?? 0) + 1);
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .filter(({ count }) => count > 1)
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST_PAIRS);
}
