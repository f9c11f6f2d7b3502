// A line under Network: the trained network that gave way to this one, and a button that brings it back.
import { find } from '../page/element.js';
import { formatCount } from '../page/format.js';
import type { Kept } from '../training/snapshot.js';

const line = find('kept', HTMLElement);
const text = find('kept-text', HTMLElement);
const undo = find('undo', HTMLButtonElement);

export function listenToUndo(onUndo: () => void): void {
  undo.addEventListener('click', onUndo);
}

export function showKept({ newest, list }: Kept, busy: boolean): void {
  line.hidden = newest === undefined;
  undo.disabled = busy;
  if (!newest) return;
  text.textContent = `The previous network, trained for ${formatCount(newest.step)} steps, is kept${list.length > 1 ? `, and ${list.length - 1} more` : ''}.`;
}
