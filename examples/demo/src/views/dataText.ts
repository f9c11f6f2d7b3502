// The data in words.
import { isBuiltin, type Source } from '../data/source.js';
import { find, make } from '../page/element.js';
import { formatCount } from '../page/words.js';

const text = find('data-text', HTMLElement);
const select = find('data-source', HTMLSelectElement);
const files = find('data-files', HTMLInputElement);
const how = find('data-how', HTMLElement);
const note = find('data-locked', HTMLElement);

export function showSource(data: Source): void {
  const { source, train, test } = data;
  text.textContent = `${formatCount(train.y.length)} to learn from, ${formatCount(test.y.length)} to be tested with; ${isBuiltin(data) ? 'drawn by this page from one seed, no two alike' : source}.`;
  showChoice(isBuiltin(data) ? String(train.y.length) : 'files', train.y.length);
}

function showChoice(value: string, count: number): void {
  if (![...select.options].some((option) => option.value === value))
    select.prepend(make('option', { value }, `Built-in, ${formatCount(count)}`));
  select.value = value;
}

export function showDrawing(count: number): void {
  text.textContent = 'Drawing digits …';
  showChoice(String(count), count);
}

/** A run keeps the data that it was begun on. */
export function lockData(locked: boolean): void {
  select.disabled = files.disabled = locked;
  note.hidden = !locked;
  how.hidden = locked;
}
