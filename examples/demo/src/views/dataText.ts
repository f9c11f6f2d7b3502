// The data in words.
import { isBuiltin, subjectOf, type Source } from '../data/source.js';
import { find, make } from '../page/element.js';
import { formatCount } from '../page/format.js';

const text = find('data-text', HTMLElement);
const select = find('data-source', HTMLSelectElement);
/** What the select calls them; others by their folder's or file's name. */
const titles: Readonly<Record<string, string>> = { mnist: 'MNIST', files: 'Your files' };
const inputs = [find('data-files', HTMLInputElement), find('data-folder', HTMLInputElement)];
const how = find('data-how', HTMLElement);
const note = find('data-locked', HTMLElement);

export function showSource(data: Source): void {
  const { source, train, test } = data;
  const count = train.y.length;
  const origin = isBuiltin(data) ? 'drawn by this page from one seed, no two alike' : source;
  const { names, areDigits } = subjectOf(data);
  const what = areDigits ? 'digits' : 'images';
  const classes = areDigits ? '' : ` of ${names.length} classes (${listed(names)})`;
  text.textContent = `${formatCount(count)} training ${what} and ${formatCount(test.y.length)} test ${what}${classes}: ${origin}.`;
  if (isBuiltin(data)) showChoice(String(count), `Built-in, ${formatCount(count)}`);
  else showChoice('own', `${titles[data.name] ?? data.name}, ${formatCount(count)}`);
}

/** The first of them, and how many there are besides. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

/** While files are read: how many so far. */
export function showReading(files: number): void {
  text.textContent = `Reading … ${formatCount(files)} file${files === 1 ? '' : 's'} so far`;
}

/** What it said before a file dialog was asked for. */
export function showChosen(): void {
  select.value = chosen;
}

let chosen = select.value;

function showChoice(value: string, label: string): void {
  const known = [...select.options].find((option) => option.value === value);
  if (known) known.textContent = label;
  else select.prepend(make('option', { value }, label));
  select.value = chosen = value;
}

/** `mine`: they were this person's. */
export function missingFiles(files: 'mnist' | 'files', mine: boolean): string {
  const whose = files === 'mnist' ? "MNIST's files" : mine ? 'your own data files' : "its author's own data files";
  return mine
    ? `your network was trained on ${whose}, which this browser has not kept; choose them again to continue with them. Until then the page uses built-in digits`
    : `the link's experiment uses ${whose}; choose those to repeat it. Until then the page uses built-in digits`;
}

export function showDrawing(count: number): void {
  text.textContent = 'Drawing digits …';
  showChoice(String(count), `Built-in, ${formatCount(count)}`);
}

/** A run keeps the data that it was started on. */
export function lockData(locked: boolean): void {
  for (const field of [select, ...inputs]) field.disabled = locked;
  note.hidden = !locked;
  how.hidden = locked;
}
