// How a sweep chooses its settings, and after which epochs it drops the worse ones. All of it follows from the sweep alone: not from how
// fast machines are, nor from the order in which trials end.
import { check } from '../base/errors.js';
import { unknown } from '../base/nearest.js';
import { checkOptions, isRecord } from '../base/options.js';
import { RandomStream } from '../base/random.js';
import { checkWhole } from '../base/shape.js';
import { sobolPoints } from './sobol.js';
import { isRepeat, valueAt, valuesOf, type Config, type Space, type Value } from './space.js';

/** How settings are chosen from the space. */
export type Search =
  /** Every combination of the values; the space must be lists. */
  | { readonly kind: 'grid' }
  /** So many settings; `seed` chooses others, default 1. */
  | { readonly kind: 'random' | 'sobol'; readonly trials: number; readonly seed?: number }
  /**
   * Successive halving: so many settings train a few epochs, the best share of 1 / eta of them (default 3) eta times as many, and so on, until
   * the epochs of the sweep are reached. `sampler` chooses them, default 'random'; `rungs`: the epochs themselves, the last of them the sweep's.
   */
  | {
      readonly kind: 'halving';
      readonly trials: number;
      readonly eta?: number;
      readonly rungs?: readonly number[];
      readonly sampler?: 'random' | 'sobol';
      readonly seed?: number;
    };

/** After so many epochs in all, so many of the settings stay. */
export interface Rung {
  readonly epochs: number;
  readonly settings: number;
}

const KINDS = {
  grid: [],
  random: ['trials', 'seed'],
  sobol: ['trials', 'seed'],
  halving: ['trials', 'eta', 'rungs', 'sampler', 'seed'],
} as const satisfies Readonly<Record<Search['kind'], readonly string[]>>;
const SAMPLERS = ['random', 'sobol'];
const MOST_SETTINGS = 100_000;

/** Throws unless it is a search that this space and so many epochs allow. */
export function checkSearch(search: unknown, space: Space, epochs: number, who: string): asserts search is Search {
  checkOptions(search, ['kind', ...new Set(Object.values(KINDS).flat())], `${who}'s search`);
  const { kind, trials, seed = 1, eta = 3, rungs, sampler = 'random' } = search as Record<string, unknown>;
  check(
    Object.hasOwn(KINDS, String(kind)),
    () => `${who}'s search has no kind ${unknown(kind, Object.keys(KINDS))}; there is ${Object.keys(KINDS).join(', ')}`,
  );
  checkOptions(search, ['kind', ...KINDS[kind as Search['kind']]], `${who}'s search '${String(kind)}'`);
  if (kind === 'grid') {
    for (const [name, dimension] of Object.entries(space))
      check(
        isRepeat(dimension) || valuesOf(dimension) !== null,
        `${who} searches a grid, and ${name} is a range; give a list of values, or search at random`,
      );
    return;
  }
  checkWhole(trials, `${who}'s trials`);
  check((trials as number) <= MOST_SETTINGS, `${who}'s trials must be at most ${MOST_SETTINGS}, got ${String(trials)}`);
  checkWhole(seed, `${who}'s search seed`, 0);
  if (kind !== 'halving') return;
  checkWhole(eta, `${who}'s eta`, 2);
  check(
    SAMPLERS.includes(sampler as string),
    () => `${who}'s search has no sampler ${unknown(sampler, SAMPLERS)}; there is ${SAMPLERS.join(', ')}`,
  );
  if (rungs === undefined) return;
  check(
    Array.isArray(rungs) &&
      rungs.length > 0 &&
      rungs.every((rung, i) => Number.isSafeInteger(rung) && rung > (i === 0 ? 0 : rungs[i - 1])) &&
      rungs.at(-1) === epochs,
    `${who}'s rungs must be increasing numbers of epochs that end with the sweep's ${epochs}`,
  );
}

/** The settings, each once, in the order in which they are tried; what repeats is left out. */
export function settingsOf(search: Search, space: Space): readonly Config[] {
  // By name: in what order a server or a file keeps them must not matter.
  const dimensions = Object.entries(space)
    .filter(([, dimension]) => !isRepeat(dimension))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (search.kind === 'grid') {
    const lists = dimensions.map(([, dimension]) => valuesOf(dimension)!);
    const count = lists.reduce((product, { length }) => product * length, 1);
    check(
      count <= MOST_SETTINGS,
      `the grid has ${count.toExponential(1)} settings, more than ${MOST_SETTINGS}; search at random`,
    );
    let settings: readonly (readonly (readonly [string, Value])[])[] = [[]];
    for (const [i, [name]] of dimensions.entries())
      settings = settings.flatMap((setting) => lists[i]!.map((value) => [...setting, [name, value] as const]));
    return settings.map((setting) => Object.fromEntries(setting));
  }
  const { trials, seed = 1 } = search;
  const sampler = search.kind === 'halving' ? (search.sampler ?? 'random') : search.kind;
  const varying = dimensions.filter(([, dimension]) => valuesOf(dimension)?.length !== 1);
  const points =
    sampler === 'sobol'
      ? sobolPoints(trials, varying.length, seed)
      : Array.from({ length: trials }, (_, trial) => {
          const stream = new RandomStream(seed, 8, trial);
          return varying.map(() => stream.uniform());
        });
  const found = new Map<string, Config>();
  for (const point of points) {
    const setting = Object.fromEntries(
      dimensions.map(([name, dimension]) => {
        const at = varying.findIndex(([varies]) => varies === name);
        return [name, valueAt(dimension, at < 0 ? 0 : point[at]!)];
      }),
    );
    const key = JSON.stringify(setting);
    if (!found.has(key)) found.set(key, setting);
  }
  return [...found.values()];
}

/** The rungs of a sweep of so many settings and epochs; one where nothing is dropped. */
export function rungsOf(search: Search, settings: number, epochs: number): readonly Rung[] {
  if (search.kind !== 'halving') return [{ epochs, settings }];
  const { eta = 3 } = search;
  let left = settings;
  return (search.rungs ?? usualRungs(settings, epochs, eta)).map((each, rung) => {
    if (rung > 0) left = Math.max(1, Math.floor(left / eta));
    return { epochs: each, settings: left };
  });
}

/** Rungs from the last down, each an eta-th of the one above, as long as there is an epoch and a setting to drop. */
function usualRungs(settings: number, epochs: number, eta: number): readonly number[] {
  const rungs = [epochs];
  for (let left = Math.floor(settings / eta); left >= 1 && rungs[0]! >= eta; left = Math.floor(left / eta))
    rungs.unshift(Math.floor(rungs[0]! / eta));
  return rungs;
}

/** What `search` may be where a sweep names none: a grid, where all is lists. */
export function usualSearch(space: unknown): Search | null {
  const isGrid =
    isRecord(space) &&
    Object.values(space as Space).every((dimension) => isRepeat(dimension) || valuesOf(dimension) !== null);
  return isGrid ? { kind: 'grid' } : null;
}
