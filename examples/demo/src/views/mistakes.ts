// Test images that were read wrongly, the surest first; the commonest confusions choose among them.
import type { Picture } from 'wasm-cnn/images';
import type { Subject } from '../data/source.js';
import { find, make } from '../page/element.js';
import { oneTabStop } from '../page/oneTabStop.js';
import { aOne, say } from '../page/subject.js';
import { drawImage } from '../page/tiles.js';
import { formatCount, formatShare } from '../page/format.js';
import type { Evaluator, Mistake } from '../training/evaluator.js';

const tiles = find('mistakes', HTMLElement);
const pairs = find('pairs', HTMLElement);
const text = find('mistakes-text', HTMLElement);
const hint = (): string =>
  `Test ${say('digits that it misreads', 'images that it gets wrong')} will appear here; press one to see what the network saw.`;
const MOST_TILES = 24,
  MOST_PAIRS = 5;

export class Mistakes {
  #chosen: string | null = null;
  #shown = '';
  readonly #tabStop = oneTabStop(tiles);
  readonly #onPick: (image: Picture, origin: string) => void;

  constructor(onPick: (image: Picture, origin: string) => void) {
    this.#onPick = onPick;
  }

  /** There is no network. */
  clear(): void {
    this.#chosen = null;
    this.#shown = '';
    text.textContent = hint();
    pairs.replaceChildren();
    tiles.replaceChildren();
  }

  /** `learning`: answers of older weights are among them. */
  show(evaluator: Evaluator, subject: Subject, learning: boolean): void {
    const all = evaluator.mistakes();
    const { asked } = evaluator;
    text.textContent =
      asked === 0
        ? hint()
        : learning
          ? `${formatShare(1 - evaluator.accuracy())} of its latest answers are wrong; older ones are shown, too. Press one to send it through the network.`
          : `${formatCount(all.length)} of ${formatCount(asked)} test ${say('digits', 'images')} (${formatShare(all.length / asked)}), the surest first. Press one to send it through the network.`;
    const common = commonest(all);
    if (this.#chosen !== null && !common.some(({ name }) => name === this.#chosen)) this.#chosen = null;
    const list = all
      .filter((mistake) => this.#chosen === null || pairOf(mistake) === this.#chosen)
      .slice(0, MOST_TILES);
    const shown = JSON.stringify([subject.names, common, this.#chosen, list]);
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
              {
                id: `pair-${name}`,
                type: 'button',
                class: 'chip',
                title: arrow(subject, name),
                'aria-pressed': String(name === this.#chosen),
              },
              make('span', { class: 'name' }, arrow(subject, name)),
              make('span', { class: 'count' }, ` ${count} times`),
            );
            button.addEventListener('click', () => {
              this.#chosen = this.#chosen === name ? null : name;
              this.show(evaluator, subject, learning);
            });
            return button;
          })),
    );
    tiles.dataset['names'] = isShort(subject) ? 'short' : 'long';
    tiles.replaceChildren(...list.map((mistake) => this.#tile(evaluator, subject, mistake)));
    this.#tabStop.refresh();
    if (focused) document.getElementById(focused)?.focus();
  }

  #tile(evaluator: Evaluator, subject: Subject, { index, truth, answer, probability }: Mistake): HTMLButtonElement {
    const canvas = make('canvas', { 'aria-hidden': 'true' });
    const image = evaluator.image(index);
    drawImage(canvas, image);
    const [right, wrong] = [subject.names[truth]!, subject.names[answer]!];
    const label = `${right} → ${wrong}: ${aOne(subject, truth)}, ${say('read as', 'taken for')} ${wrong}, ${formatShare(probability)} sure`;
    const button = make(
      'button',
      { id: `mistake-${index}`, type: 'button', class: 'tile', title: label, 'aria-label': label },
      canvas,
      ...(isShort(subject)
        ? [make('span', {}, `${right} → ${wrong}`)]
        : [make('span', { class: 'name' }, right), make('span', { class: 'name' }, `→ ${wrong}`)]),
    );
    button.addEventListener('click', () =>
      this.#onPick(image, `test ${say('digit', 'image')} ${index}, ${aOne(subject, truth)}`),
    );
    return button;
  }
}

/** Names that fit into one line below a small image. */
function isShort({ names }: Subject): boolean {
  return names.every((name) => name.length === 1);
}

/** '3-8' → 'cats → dogs' */
function arrow({ names }: Subject, pair: string): string {
  return pair
    .split('-')
    .map((label) => names[Number(label)]!)
    .join(' → ');
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
