// What the names of files say: which part of a data set is in them, and which of them belong together.

export type Part = 'train' | 'validation' | 'test';
export type Kind = 'images' | 'labels';

const PARTS: readonly (readonly [Part, RegExp])[] = [
  ['train', /(?<![a-z])(training|train|data_batch)(?![a-z])/i],
  ['validation', /(?<![a-z])(validation|valid|val|dev)(?![a-z])/i],
  ['test', /(?<![a-z])(test_batch|testing|test|t10k)(?![a-z])/i],
];
const KINDS: readonly (readonly [Kind, RegExp])[] = [
  ['images', /(?<![a-z])(x|images?|imgs?|data|pixels|features|inputs?)(?![a-z])/i],
  ['labels', /(?<![a-z])(y|labels?|targets?|classes)(?![a-z])/i],
];

/** Null where the name says none, or more than one. */
export function partOf(name: string): Part | null {
  return meaningOf(name, PARTS);
}

export function kindOfArray(name: string): Kind | null {
  return meaningOf(name, KINDS);
}

function meaningOf<Meaning>(name: string, table: readonly (readonly [Meaning, RegExp])[]): Meaning | null {
  const found = table.filter(([, words]) => words.test(name));
  return found.length === 1 ? found[0]![0] : null;
}

/** The same for the parts of one data set: the name without part, kind and number, which follows the part or is all of the name. */
export function familyOf(name: string): string {
  const parts = PARTS.map(([, pattern]) => new RegExp(`${pattern.source}([-_. ]?\\d+(?![a-z]))?`, 'i'));
  const words = [...parts, ...KINDS.map(([, pattern]) => pattern)];
  return words
    .reduce((rest, word) => rest.replace(word, ''), name.replace(/^\d+(?=\.|$)|\d+-of-\d+/, ''))
    .replace(/[-_. ]+/g, ' ')
    .trim()
    .toLowerCase();
}

export function groupBy<T>(values: Iterable<T>, keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}
