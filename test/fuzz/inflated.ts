// A model file with very much of one thing: what takes time with the square of it, or meets the end of the stack, shows.
import type { NamedTensor, SafetensorsFile } from '../../src/formats/safetensors.js';
import type { Decisions } from './decisions.js';

/** {} where it was cut, and where another change has nested it more deeply than JSON.stringify() writes. */
function parsed(text = '{}'): Record<string, any> {
  try {
    return text.includes('[[[[') ? {} : (JSON.parse(text) ?? {});
  } catch {
    return {};
  }
}

const nothing: NamedTensor = { shape: [0], data: new Float32Array(0) };

/** As many as fit into a MiB or so. */
export function inflated(file: SafetensorsFile, decisions: Decisions): SafetensorsFile {
  const count = 1 << (6 + decisions.below(9));
  const tensors = new Map(file.tensors);
  const metadata = new Map(file.metadata);
  const long = decisions.pick(['x', '\\', '"', '[', '\u001b', '\u{1f600}']).repeat(8 * count);
  const many = <T>(make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
  const named = <T>(value: T, before = 'n'): [string, T][] => many((i) => [before + i.toString(36), value]);
  const value = [
    () => Object.fromEntries(named({})),
    () => many(() => 1),
    () => long,
    () => many((i) => ({ $: 'NaN', i })),
    () => many(() => ({ $: 'NaN' })),
    () => named(1),
  ][decisions.below(6)]!();
  const set = (key: string, ...path: string[]): void => {
    const description = parsed(metadata.get(key));
    let at: Record<string, any> | undefined = description;
    for (const name of path.slice(0, -1)) at = at?.[name];
    if (typeof at === 'object' && at !== null) at[path.at(-1)!] = value;
    metadata.set(key, JSON.stringify(description));
  };
  const changes: readonly (() => void)[] = [
    () => set('fit', 'callbacks'),
    () => set('fit', 'callbacks', 'mine', 'list'),
    () => set('fit', 'callbacks', 'mine'),
    () => set('fit', 'history', 'history'),
    () => set('fit', 'history', 'epoch'),
    () => set('fit', 'totals'),
    () => set('model', 'layers'),
    () => set('model', 'name'),
    () => set('model', 'inputShape'),
    () => set('compile', 'metrics'),
    () => set('compile', 'optimizer', 'config'),
    () => set('facts', 'note'),
    () => named('x').forEach(([name, text]) => metadata.set(name, text)),
    () => named(nothing, 'callback:mine/').forEach(([name, tensor]) => tensors.set(name, tensor)),
    () => named(nothing, 'callback:n').forEach(([name, tensor]) => tensors.set(`${name}/`, tensor)),
    () => tensors.set('callback:mine/long', { shape: many(() => 0), data: nothing.data }),
    () =>
      metadata.set(decisions.pick(['facts', 'model', 'fit']), `{"a":${'['.repeat(8 * count)}${']'.repeat(8 * count)}}`),
    () => tensors.set(long.slice(0, 100_000), nothing),
  ];
  // Two of them, as products take two.
  for (let i = 0; i < 2; i++) decisions.pick(changes)();
  return { tensors, metadata };
}
