// The files in bench/results/: a run of the whole bench each, where and when it was made.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { check } from '../src/base/errors.js';
import { writeFileAtomic } from '../src/node/files/files.js';
import { inBench } from './benchFolder.js';
import type { Figure } from './figures.js';
import type { Machine } from './machine.js';

/** Cores that a machine without other work is at most busy with. */
export const QUIET = 0.5;

export interface Results {
  /** ISO 8601, when the bench began. */
  readonly date: string;
  /** 'a1b2c3d', and '+' where files were changed since. */
  readonly commit: string;
  /** That wasm-cnn was measured on, and the width of its kernels' vectors there, in bits. */
  readonly nodes: readonly { readonly version: string; readonly vectors: number }[];
  readonly machine: Machine;
  /** Cores that other programs kept busy when it began. */
  readonly load: number;
  /** Versions of the peers and browsers that took part, by name. */
  readonly versions: Readonly<Record<string, string>>;
  readonly figures: readonly Figure[];
}

/** bench/results/2026-11-22-amd-epyc.json: the last run of a day on a kind of machine stays. */
export function resultsPath({ date, machine }: Pick<Results, 'date' | 'machine'>, folder = 'results'): string {
  const cpu = machine.cpu
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return inBench(`${folder}/${date.slice(0, 10)}-${cpu}.json`);
}

/** Writes results to their path, which it returns. */
export async function saveResults(results: Pick<Results, 'date' | 'machine'>, folder?: string): Promise<string> {
  const path = resultsPath(results, folder);
  mkdirSync(dirname(path), { recursive: true });
  await writeFileAtomic(path, `${JSON.stringify(results, null, 2)}\n`);
  return path;
}

/** The commit of this checkout, for `Results`. */
export function commit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: inBench(''), encoding: 'utf8' }).trim();
  return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', '../src', '../assembly') === '' ? '' : '+'}`;
}

export function newestResults(): Results {
  return newestIn<Results>('results', 'npm run bench -- --peers --save');
}

/** The newest of a folder's files; `how` is the command that writes them. */
export function newestIn<Saved extends { readonly date: string }>(folder: string, how: string): Saved {
  const files = readdirSync(inBench(folder)).filter((name) => name.endsWith('.json'));
  const all = files.map((name) => JSON.parse(readFileSync(inBench(`${folder}/${name}`), 'utf8')) as Saved);
  const [newest] = all.sort((a, b) => b.date.localeCompare(a.date));
  check(newest !== undefined, `bench/${folder}/ is empty; run ${how} first`);
  return newest;
}
