// Fields for numbers: one that cannot be is answered by a sentence of the field's own, and the number before it comes back.

import { withdrawMessage } from './messages.js';

/** What is wrong with what stands there, in a sentence without its full stop; null for nothing. `name` as the person reads it. */
export function fieldProblem(input: HTMLInputElement, name: string): string | null {
  const { min, max, step, validity } = input;
  const value = input.valueAsNumber;
  const whole = step !== 'any';
  // 0 as the least of any numbers means more than that.
  const tooLow = input.dataset['above'] !== undefined ? value <= Number(input.dataset['above']) : value < Number(min);
  const wrong =
    validity.badInput ||
    Number.isNaN(value) ||
    tooLow ||
    (max !== '' && value > Number(max)) ||
    (whole && !Number.isSafeInteger(value));
  if (!wrong) return null;
  const least =
    input.dataset['above'] !== undefined
      ? `above ${input.dataset['above']}`
      : max !== ''
        ? `from ${min} to ${Number(max).toLocaleString('en')}`
        : `of at least ${min}`;
  return `${name} must be a ${whole ? 'whole ' : ''}number ${least}`;
}

/** Calls `changed` with each number that can be, `refused` with a sentence about one that cannot. */
export function onNumber(
  input: HTMLInputElement,
  name: string,
  { changed, refused }: { changed: () => void; refused: (sentence: string) => void },
): void {
  let good = input.value;
  let complaint = '';
  input.addEventListener('focus', () => {
    if (fieldProblem(input, name) === null) good = input.value;
  });
  input.addEventListener('change', () => {
    const problem = fieldProblem(input, name);
    if (problem === null) {
      good = input.value;
      withdrawMessage(complaint);
      return changed();
    }
    input.value = good;
    refused((complaint = `${problem}; it stays at ${good}`));
  });
}
