// A bar for each class, the most probable ones where there are many, and the answer in words.
import { verdictOf } from 'wasm-cnn/data';
import type { Subject } from '../data/source.js';
import { find, make } from '../page/element.js';
import { aDigit, formatShare } from '../page/format.js';
import { mostProbable } from '../training/evaluator.js';

const list = find('probabilities', HTMLOListElement);
const verdict = find('verdict', HTMLElement);
/** With more classes than this, the rows are those of the most probable ones. */
const MOST_ROWS = 12;

interface Row {
  readonly item: HTMLLIElement;
  readonly name: HTMLElement;
  readonly bar: HTMLElement;
  readonly share: HTMLElement;
}

let shown: Subject | null = null;
let rows: Row[] = [];

export interface Judged {
  /** Whether the network's answers mean anything yet. */
  readonly trained: boolean;
  /** What speaks against the picture's being one of these. */
  readonly doubts: readonly string[];
  readonly subject: Subject;
}

/** Null: there is nothing to read; 'none': the network has no answer. */
export function showProbabilities(probabilities: Float32Array | null | 'none', judged: Judged): void {
  const { subject } = judged;
  layOut(subject);
  const usable = probabilities instanceof Float32Array;
  const best = usable ? mostProbable(probabilities) : -1;
  const order = orderOf(usable ? probabilities : null, subject);
  for (const [place, { item, name, bar, share }] of rows.entries()) {
    const label = order[place]!;
    const value = usable ? probabilities[label]! : 0;
    name.textContent = name.title = subject.names[label]!;
    bar.style.transform = `scaleX(${value})`;
    share.textContent = usable ? formatShare(value) : '–';
    item.classList.toggle('best', label === best);
  }
  const { sentence, sure } = usable
    ? answer(probabilities, judged)
    : { sentence: probabilities === null ? '' : 'its weights are not finite', sure: false };
  // A percentage stays in one line.
  const words = sentence.replaceAll(' %', '\u00a0%');
  if (verdict.textContent !== words) verdict.textContent = words;
  verdict.classList.toggle('sure', sure);
  verdict.classList.toggle('long', sure && words.length > 8);
}

function layOut(subject: Subject): void {
  if (shown === subject) return;
  shown = subject;
  rows = Array.from({ length: Math.min(MOST_ROWS, subject.names.length) }, () => {
    const name = make('span', { class: 'class-name' });
    const bar = make('span', { class: 'bar-fill' });
    const share = make('span', { class: 'share' }, '–');
    const item = make('li', {}, name, make('span', { class: 'bar-track', 'aria-hidden': 'true' }, bar), share);
    return { item, name, bar, share };
  });
  list.replaceChildren(...rows.map(({ item }) => item));
  list.dataset['names'] = subject.names.every((name) => name.length === 1) ? 'short' : 'long';
}

/** Classes in the order of the rows. */
function orderOf(probabilities: Float32Array | null, { names }: Subject): readonly number[] {
  const all = [...names.keys()];
  if (names.length <= MOST_ROWS || !probabilities) return all;
  return all.sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);
}

function answer(probabilities: Float32Array, judged: Judged): { sentence: string; sure: boolean } {
  const { trained, doubts, subject } = judged;
  const { names, areDigits } = subject;
  const { digit, sure, sentence } = verdictOf(probabilities, doubts, areDigits ? undefined : names);
  const name = areDigits ? aDigit(digit) : names[digit]!;
  if (!trained) return { sentence: `${name}? It is only guessing.`, sure: false };
  return { sentence: sure ? name : sentence, sure };
}
