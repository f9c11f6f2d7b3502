// Ten bars, one a digit, and the answer in words.
import { find, make } from '../page/element.js';
import { aDigit, formatShare } from '../page/words.js';
import { mostProbable } from '../training/examiner.js';

const list = find('probabilities', HTMLOListElement);
const verdict = find('verdict', HTMLElement);
const rows = Array.from({ length: 10 }, (_, digit) => {
  const bar = make('span', { class: 'bar-fill' });
  const share = make('span', { class: 'share' }, '–');
  list.append(make('li', {}, make('span', { class: 'digit-name' }, String(digit)), make('span', { class: 'bar-track', 'aria-hidden': 'true' }, bar), share));
  return { bar, share };
});

/** Null: there is nothing on the pad. `trained`: whether its answer means anything yet. */
export function showProbabilities(probabilities: Float32Array | null, trained: boolean): void {
  const usable = probabilities !== null && probabilities.every(Number.isFinite);
  const best = usable ? mostProbable(probabilities) : -1;
  rows.forEach(({ bar, share }, digit) => {
    const value = usable ? probabilities[digit]! : 0;
    bar.style.transform = `scaleX(${value})`;
    share.textContent = usable ? formatShare(value) : '–';
    list.children[digit]!.classList.toggle('best', digit === best);
  });
  const text = probabilities === null ? '' : !usable ? 'its weights are no numbers' : trained ? aDigit(best) : `${aDigit(best)}? It only guesses.`;
  if (verdict.textContent !== text) verdict.textContent = text;
  verdict.classList.toggle('sure', usable && trained && probabilities[best]! > 0.5);
}
