// Ten bars, one a digit, and the answer in words.
import { verdictOf } from 'wasm-cnn/data';
import { find, make } from '../page/element.js';
import { aDigit, formatShare } from '../page/format.js';
import { mostProbable } from '../training/evaluator.js';

const list = find('probabilities', HTMLOListElement);
const verdict = find('verdict', HTMLElement);
const rows = Array.from({ length: 10 }, (_, digit) => {
  const bar = make('span', { class: 'bar-fill' });
  const share = make('span', { class: 'share' }, '–');
  list.append(
    make(
      'li',
      {},
      make('span', { class: 'digit-name' }, String(digit)),
      make('span', { class: 'bar-track', 'aria-hidden': 'true' }, bar),
      share,
    ),
  );
  return { bar, share };
});

export interface Judged {
  /** Whether the network's answers mean anything yet. */
  readonly trained: boolean;
  /** What speaks against the image's being one digit. */
  readonly doubts: readonly string[];
}

/** Null: there is nothing on the pad; 'none': the network has no answer. */
export function showProbabilities(probabilities: Float32Array | null | 'none', judged: Judged): void {
  const usable = probabilities instanceof Float32Array;
  const best = usable ? mostProbable(probabilities) : -1;
  rows.forEach(({ bar, share }, digit) => {
    const value = usable ? probabilities[digit]! : 0;
    bar.style.transform = `scaleX(${value})`;
    share.textContent = usable ? formatShare(value) : '–';
    list.children[digit]!.classList.toggle('best', digit === best);
  });
  const { sentence, sure } = usable
    ? answer(probabilities, judged)
    : { sentence: probabilities === null ? '' : 'its weights are not finite', sure: false };
  // A percentage stays in one line.
  const words = sentence.replaceAll(' %', '\u00a0%');
  if (verdict.textContent !== words) verdict.textContent = words;
  verdict.classList.toggle('sure', sure);
}

function answer(probabilities: Float32Array, { trained, doubts }: Judged): { sentence: string; sure: boolean } {
  const { digit, sure, sentence } = verdictOf(probabilities, doubts);
  if (!trained) return { sentence: `${aDigit(digit)}? It is only guessing.`, sure: false };
  return { sentence: sure ? aDigit(digit) : sentence, sure };
}
