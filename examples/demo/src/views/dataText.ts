// The data in words.
import type { Source } from '../data/source.js';
import { find } from '../page/element.js';
import { formatCount } from '../page/words.js';

const text = find('data-text', HTMLElement);
const select = find('data-source', HTMLSelectElement);

export function showSource({ name, source, train, test }: Source): void {
  const what = name === 'builtin-digits' ? 'drawn by this page from one seed, no two alike' : source;
  text.textContent = `${formatCount(train.y.length)} to learn from, ${formatCount(test.y.length)} to be tested with; ${what}.`;
  const value = name === 'builtin-digits' ? String(train.y.length) : 'files';
  select.value = [...select.options].some((option) => option.value === value) ? value : 'files';
}

export function showDrawing(): void {
  text.textContent = 'Drawing digits …';
}
