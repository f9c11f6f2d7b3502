// A sweep as plain data: its settings, its trials with their identities, and which of them come next. Nothing here runs anything.
import { check, isPrintable } from '../base/errors.js';
import { unknown } from '../base/nearest.js';
import { checkOptions, describe } from '../base/options.js';
import { sha256Of } from '../base/sha256.js';
import { checkWhole } from '../base/shape.js';
import { encodeUtf8 } from '../base/utf8.js';
import type { Numerics } from '../engine/build.js';
import { canonicalJson } from './canonical.js';
import { checkSearch, rungsOf, settingsOf, usualSearch, type Rung, type Search } from './search.js';
import { checkSpace, isRepeat, type Config, type Space } from './space.js';

/** What a sweep is, as JSON holds it. */
export interface SweepDefinition {
  /** For people, and for the server: one sweep of a name. Letters, digits, '-', '_' and '.'. */
  readonly name: string;
  readonly space: Space;
  /** Default: a grid, where the space is lists alone. */
  readonly search?: Search;
  /** Passes over the training images; a learning rate that falls does so over all of them. */
  readonly epochs: number;
  /** Each setting is trained so many times, each with another part of the images held out. Default: once, with a twelfth held out. */
  readonly folds?: number;
  /** Seed of what is held out, the same for all settings. Default 0. */
  readonly splitSeed?: number;
  /** The figure of an epoch that is compared: its last value. Default: maximize 'val_accuracy'. */
  readonly maximize?: string;
  readonly minimize?: string;
  /** Default 'exact'. */
  readonly numerics?: Numerics;
}

/** What trials depend on beside their settings. */
export interface TrialBasis {
  /** Version of wasm-cnn. */
  readonly version: string;
  /** SHA-256 of the data set. */
  readonly dataSha256: string;
  /** What stands for the code that makes the model. */
  readonly code: string;
  /** 'exact', or of 'fused' what tells the kinds of processors apart. */
  readonly numerics: string;
}

/** One training. Everything that its result depends on is in its id. */
export interface Trial {
  /** 'trial-' and 32 hexadecimal digits. */
  readonly id: string;
  /** Which setting of the plan it is of. */
  readonly setting: number;
  readonly config: Config;
  /** Which fold is held out, from 0; null without folds. */
  readonly fold: number | null;
}

/** What a sweep will train: settings, trials, and the epochs after which the worse ones are dropped. */
export interface Plan {
  readonly name: string;
  readonly metric: string;
  readonly mode: 'max' | 'min';
  readonly epochs: number;
  readonly folds: number | null;
  readonly splitSeed: number;
  readonly numerics: Numerics;
  readonly basis: TrialBasis;
  /** Settings without duplicates. */
  readonly settings: readonly Config[];
  readonly rungs: readonly Rung[];
  /** Trials in the order of the table: by setting, repetition and fold. */
  readonly trials: readonly Trial[];
}

/** A trial, up to an epoch. */
export interface Task extends Trial {
  /** After so many epochs in all. */
  readonly until: number;
}

/** How a trial ended. */
export interface TrialResult {
  /** 'diverged': the loss is no longer a finite number, for this setting on any machine. 'failed': it was given up; `reason` says why. */
  readonly status: 'finished' | 'diverged' | 'failed';
  /** The figure that is compared, of each epoch so far. */
  readonly scores: readonly number[];
  /** The last of them; null unless it is finished. */
  readonly score: number | null;
  /** Epochs trained; fewer than asked for where a callback has ended it. */
  readonly epochs: number;
  /** Null unless it is finished, and where the weights of that epoch are no longer there, as training went on. */
  readonly weightsSha256: string | null;
  readonly reason?: string;
}

/** Results by taskId(). */
export type Results = ReadonlyMap<string, TrialResult>;

/** What results follow from: two sweeps that agree here have the same table. */
export interface Defined {
  readonly definition: SweepDefinition;
  readonly basis: TrialBasis;
}

/** What a basis consists of, in words. */
export const BASIS: Readonly<Record<keyof TrialBasis, string>> = {
  version: 'version of wasm-cnn',
  dataSha256: 'data',
  code: 'model',
  numerics: 'kind of numerics',
};

/** Differences of the two, in words. */
export function differences(a: Defined, b: Defined): readonly string[] {
  const found = (['definition', 'basis'] as const).flatMap((part) =>
    Object.keys({ ...a[part], ...b[part] })
      .filter((key) => canonicalJson(valueOf(a[part], key)) !== canonicalJson(valueOf(b[part], key)))
      .map((key) => (part === 'basis' ? BASIS[key as keyof TrialBasis] : key)),
  );
  return [...new Set(found)];
}

function valueOf(of: object, key: string): unknown {
  return (of as Record<string, unknown>)[key];
}

export const DEFINITION: readonly (keyof SweepDefinition)[] = [
  'name',
  'space',
  'search',
  'epochs',
  'folds',
  'splitSeed',
  'maximize',
  'minimize',
  'numerics',
];
const MOST_TRIALS = 1_000_000;

/** Throws unless it is a name that a sweep may have, here and on any server. */
export function checkName(name: unknown, who = 'a sweep'): void {
  check(
    typeof name === 'string' && /^[\w.-]{1,100}$/.test(name),
    () =>
      `${who} needs a name of letters (a to z), digits, '-', '_' and '.', at most 100 of them, got ${describe(name)}`,
  );
}

/** Throws unless it is the definition of a sweep. `who`: its file, for errors. */
export function checkDefinition(given: unknown, who = 'the sweep'): asserts given is SweepDefinition {
  checkOptions(given, DEFINITION, who);
  const {
    name,
    space,
    search,
    epochs,
    folds,
    splitSeed = 0,
    maximize,
    minimize,
    numerics = 'exact',
  } = given as Record<keyof SweepDefinition, unknown>;
  checkName(name, who);
  checkSpace(space, who);
  checkWhole(epochs, `${who}'s epochs`);
  if (folds !== undefined) checkWhole(folds, `${who}'s folds`, 2);
  checkWhole(splitSeed, `${who}'s splitSeed`, 0);
  check(maximize === undefined || minimize === undefined, `${who} has maximize and minimize; leave one of them out`);
  const metric = maximize ?? minimize ?? 'val_accuracy';
  check(
    typeof metric === 'string' && metric !== '' && isPrintable(metric),
    () =>
      `${who}'s ${maximize === undefined ? 'minimize' : 'maximize'} must be the name of a figure, such as 'val_accuracy', got ${describe(metric)}`,
  );
  check(
    numerics === 'exact' || numerics === 'fused',
    () => `${who}'s numerics must be 'exact' or 'fused', got ${describe(numerics)}`,
  );
  const chosen = search ?? usualSearch(space);
  check(
    chosen !== null,
    `${who} has ranges in its space, so say how to search: "search": { "kind": "random", "trials": 20 }`,
  );
  checkSearch(chosen, space, epochs as number, who);
}

/** The settings and trials of a sweep on these data. The same definition gives the same plan, on any host. */
export async function makePlan(definition: SweepDefinition, basis: TrialBasis): Promise<Plan> {
  const { name, space, epochs, folds = null, splitSeed = 0, maximize, minimize, numerics = 'exact' } = definition;
  const search = definition.search ?? usualSearch(space)!;
  const settings = settingsOf(search, space);
  const [repeated, times] = Object.entries(space).flatMap(([each, dimension]) =>
    isRepeat(dimension) ? [each, dimension.repeat] : [],
  ) as [string?, number?];
  const count = settings.length * (times ?? 1) * (folds ?? 1);
  check(count <= MOST_TRIALS, `${name} has ${count} trials, more than ${MOST_TRIALS}; search fewer settings`);
  const trials: Trial[] = [];
  for (const [setting, values] of settings.entries())
    for (let repetition = 1; repetition <= (times ?? 1); repetition++)
      for (let fold = 0; fold < (folds ?? 1); fold++) {
        const config = repeated === undefined ? values : { ...values, [repeated]: repetition };
        const held = folds === null ? null : fold;
        const id = await trialId({ config, fold: held, folds, splitSeed, epochs, basis });
        trials.push({ id, setting, config, fold: held });
      }
  return {
    name,
    metric: maximize ?? minimize ?? 'val_accuracy',
    mode: minimize === undefined ? 'max' : 'min',
    epochs,
    folds,
    splitSeed,
    numerics,
    basis,
    settings,
    rungs: rungsOf(search, settings.length, epochs),
    trials,
  };
}

/** Two trials with one id have the same result, to the bit. */
export async function trialId(
  of: Pick<Trial, 'config' | 'fold'> & Pick<Plan, 'folds' | 'splitSeed' | 'epochs' | 'basis'>,
): Promise<string> {
  const sha256 = await sha256Of([encodeUtf8(canonicalJson(of))]);
  check(sha256 !== null, 'a sweep needs SHA-256, which this host gives to pages from https and localhost alone');
  return `trial-${sha256.slice(0, 32)}`;
}

export function taskId({ id, until }: Pick<Task, 'id' | 'until'>): string {
  return `${id}-${until}`;
}

/** What a trial has led to so far, and after how many epochs it was compared then; null where it has no result. */
export function lastResultOf(
  { rungs }: Plan,
  results: Results,
  id: string,
): { readonly until: number; readonly result: TrialResult } | null {
  const found = rungs.flatMap(({ epochs: until }) => {
    const result = results.get(taskId({ id, until }));
    return result ? [{ until, result }] : [];
  });
  return found.at(-1) ?? null;
}

export interface NextTasks {
  readonly rung: number;
  /** None where the sweep is at its end. */
  readonly tasks: readonly Task[];
}

/** What is to be done now that there are these results. While a rung has trials without one, no trial of the next is begun. */
export function nextTasks(plan: Plan, results: Results): NextTasks {
  let settings: readonly number[] = [...plan.settings.keys()];
  for (const [rung, { epochs }] of plan.rungs.entries()) {
    if (rung > 0)
      settings = rankSettings(plan, results, settings, plan.rungs[rung - 1]!.epochs).slice(
        0,
        plan.rungs[rung]!.settings,
      );
    const stays = new Set(settings);
    const tasks = plan.trials.filter(({ setting }) => stays.has(setting)).map((trial) => ({ ...trial, until: epochs }));
    const missing = tasks.filter((task) => !results.has(taskId(task)));
    if (missing.length > 0) return { rung, tasks: missing };
  }
  return { rung: plan.rungs.length, tasks: [] };
}

/** Settings from the best to the worst after `until` epochs; among equals the one that was chosen first leads. */
function rankSettings(plan: Plan, results: Results, settings: readonly number[], until: number): readonly number[] {
  const worst = plan.mode === 'max' ? -Infinity : Infinity;
  const sums = plan.settings.map(() => 0);
  for (const { id, setting } of plan.trials) sums[setting]! += results.get(taskId({ id, until }))?.score ?? worst;
  const sign = plan.mode === 'max' ? -1 : 1;
  return [...settings].sort((a, b) => {
    const [first, second] = [sums[a]!, sums[b]!];
    return first === second ? a - b : sign * (first < second ? -1 : 1);
  });
}

/** Epochs of all trials together; trials that are dropped count up to there. */
export function epochsOf({ trials, settings, rungs }: Plan): number {
  const each = trials.length / settings.length;
  return rungs.reduce((sum, rung, i) => sum + rung.settings * each * (rung.epochs - (rungs[i - 1]?.epochs ?? 0)), 0);
}

/** Throws unless the trials log this figure. */
export function checkMetric(metric: string, logged: readonly string[]): void {
  check(
    logged.includes(metric),
    () => `there is no figure ${unknown(metric, logged)} to compare trials by; an epoch has ${logged.join(', ')}`,
  );
}
