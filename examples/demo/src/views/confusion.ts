// The confusion matrix as a table: true classes in rows, what they were taken for in columns.
import type { Subject } from '../data/source.js';
import { find, make } from '../page/element.js';

const table = find('confusion', HTMLTableElement);
/** The share of a row at which a wrong cell is fully shaded; a root below it, so that one image in a thousand still shows. */
const FULL_WRONG_SHARE = 0.1;

/** More columns are not legible; the pairs under "What it still gets wrong" say the same. */
const MOST_CLASSES = 30;
/** Behind these, cells are too narrow for their numbers. */
const MOST_NUMBERS = 14;
const note = find('confusion-note', HTMLElement);

let shown = '';
let cells: HTMLTableCellElement[][] = [];

/** Rows and columns for these classes; columns have a short form of long names. */
function layOut({ names }: Subject): void {
  const wanted = JSON.stringify(names);
  if (shown === wanted) return;
  shown = wanted;
  const tooMany = names.length > MOST_CLASSES;
  note.hidden = !tooMany;
  note.textContent = `${names.length} classes are too many for a table; which are confused most is said below.`;
  cells = tooMany ? [] : names.map(() => names.map(() => make('td')));
  if (tooMany) return table.replaceChildren();
  const isShort = names.every((name) => name.length < 3);
  table.dataset['names'] = isShort ? 'short' : 'long';
  table.dataset['size'] = names.length > MOST_NUMBERS ? 'many' : 'few';
  const head = (scope: 'row' | 'col', name: string): HTMLElement =>
    make('th', { scope, ...(isShort ? {} : { title: name }) }, make('span', {}, name));
  table.replaceChildren(
    make('thead', {}, make('tr', {}, make('td', { class: 'corner' }), ...names.map((name) => head('col', name)))),
    make('tbody', {}, ...names.map((name, truth) => make('tr', {}, head('row', name), ...cells[truth]!))),
  );
}

export function showConfusion(counts: Int32Array, subject: Subject): void {
  layOut(subject);
  const classes = subject.names.length;
  for (const [truth, row] of cells.entries()) {
    const all = row.reduce((sum, _, predicted) => sum + counts[classes * truth + predicted]!, 0);
    for (const [predicted, cell] of row.entries()) {
      const n = counts[classes * truth + predicted]!;
      const share = all === 0 ? 0 : n / all;
      const right = truth === predicted;
      const depth = right ? share : Math.sqrt(Math.min(1, share / FULL_WRONG_SHARE));
      const text = n === 0 ? '' : String(n);
      if (cell.textContent !== text) cell.textContent = text;
      cell.className = n === 0 ? '' : right ? 'right' : 'wrong';
      cell.style.setProperty('--depth', depth.toFixed(2));
    }
  }
}

export function clearConfusion(subject: Subject): void {
  showConfusion(new Int32Array(subject.names.length ** 2), subject);
}
