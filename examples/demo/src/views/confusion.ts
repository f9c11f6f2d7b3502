// The confusion matrix as a table: true digits in rows, what they were taken for in columns.
import { find, make } from '../page/element.js';

const table = find('confusion', HTMLTableElement);
/** The share of a row at which a wrong cell is fully shaded; a root below it, so that one image in a thousand still shows. */
const FULL_WRONG_SHARE = 0.1;

const digits = Array.from({ length: 10 }, (_, i) => i);
const cells = digits.map(() => digits.map(() => make('td')));
table.append(
  make(
    'thead',
    {},
    make(
      'tr',
      {},
      make('td', { class: 'corner' }),
      ...digits.map((digit) => make('th', { scope: 'col' }, String(digit))),
    ),
  ),
  make(
    'tbody',
    {},
    ...digits.map((digit) => make('tr', {}, make('th', { scope: 'row' }, String(digit)), ...cells[digit]!)),
  ),
);

export function showConfusion(counts: Int32Array): void {
  for (const truth of digits) {
    const all = digits.reduce((sum, predicted) => sum + counts[10 * truth + predicted]!, 0);
    for (const predicted of digits) {
      const n = counts[10 * truth + predicted]!;
      const share = all === 0 ? 0 : n / all;
      const right = truth === predicted;
      const depth = right ? share : Math.sqrt(Math.min(1, share / FULL_WRONG_SHARE));
      const cell = cells[truth]![predicted]!;
      const text = n === 0 ? '' : String(n);
      if (cell.textContent !== text) cell.textContent = text;
      cell.className = n === 0 ? '' : right ? 'right' : 'wrong';
      cell.style.setProperty('--depth', depth.toFixed(2));
    }
  }
}

export function clearConfusion(): void {
  showConfusion(new Int32Array(100));
}
