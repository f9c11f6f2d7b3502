// The fields that decide an experiment, and the page's address, which follows them.
import { readAddress, writeAddress, type Choices } from './address.js';
import { find } from './page/element.js';

const fields = {
  images: find('data-source', HTMLSelectElement),
  network: find('preset', HTMLSelectElement),
  epochs: find('epochs', HTMLInputElement),
  rate: find('learning-rate', HTMLInputElement),
  seed: find('seed', HTMLInputElement),
};
const names = Object.keys(fields) as (keyof Choices)[];
const usual = current();

function current(): Choices {
  return Object.fromEntries(names.map((name) => [name, fields[name].value])) as unknown as Choices;
}

/** Sets the fields to what the address says, where they know it. */
export function takeChoices(): void {
  const given = readAddress();
  for (const name of names) {
    const field = fields[name], value = given[name];
    if (value === undefined) continue;
    const before = field.value;
    field.value = value;
    // A choice that there is not leaves none.
    if (field.value !== value) field.value = before;
  }
}

/** To be called when one of them may have changed; files and networks of one's own have no address. */
export function noteChoices(): void {
  const now = current();
  writeAddress({ ...now, images: now.images === 'files' ? usual.images : now.images, network: now.network === 'own' ? usual.network : now.network }, usual);
}
