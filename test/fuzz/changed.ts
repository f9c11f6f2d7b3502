// Values of JSON that are nearly right: something at some depth replaced, left out, or put in twice.
import type { Decisions } from './decisions.js';

const STRANGE: readonly unknown[] = [
  '\u001b[2J',
  'x\u202e\n',
  'x'.repeat(300),
  { $: 'NaN' },
  { $: '-0' },
  { $: 'Uint8Array', values: [1, 2] },
  { $: 'Uint8Array', values: [-1] },
  { $: 'object', value: { $: 1 } },
  { $: 'Map' },
  null,
  true,
  false,
  0,
  -0,
  1,
  -1,
  2,
  0.5,
  1e9,
  2 ** 31,
  2 ** 53,
  1e308,
  '',
  'a',
  '__proto__',
  'constructor',
  [],
  [1],
  [0, 0],
  [[1]],
  {},
  { at: 1 },
  { className: 'linearDecay' },
];

export interface Changes {
  /** What is put in. Default: what a model file may hold anywhere. */
  readonly values?: readonly unknown[];
  /** Names of entries that there may be. */
  readonly names?: readonly string[];
}

const NAMES = ['name', 'extra', '__proto__', 'inputShape', 'activation'];

export function changed(value: unknown, decisions: Decisions, changes: Changes = {}): unknown {
  const { values = STRANGE, names = NAMES } = changes;
  if (typeof value !== 'object' || value === null || decisions.rarely(6)) return decisions.pick(values);
  if (Array.isArray(value)) {
    const at = decisions.below(value.length + 1);
    const copy = [...value];
    const kind = decisions.below(4);
    if (kind === 0) copy.splice(at, 1);
    else if (kind === 1) copy.splice(at, 0, copy[decisions.below(copy.length || 1)]);
    else copy[at] = changed(copy[at], decisions, changes);
    return copy;
  }
  const own = Object.keys(value);
  const name = decisions.rarely(8) || own.length === 0 ? decisions.pick(names) : decisions.pick(own);
  const entries = new Map(Object.entries(value));
  if (decisions.rarely(5)) entries.delete(name);
  else entries.set(name, changed(entries.get(name), decisions, changes));
  return Object.fromEntries(entries);
}
