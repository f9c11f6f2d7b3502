// The files in bench/results/recipes/: what a recipe reaches on test images, seed by seed, and what it takes.
import { formatPercent } from '../src/base/table.js';
import { knownDatasets } from '../src/data/knownDatasets.js';
import { median } from './figures.js';
import type { Machine } from './machine.js';
import { markdownTable } from './report.js';
import { newestIn } from './results.js';

export interface RecipeResults {
  /** ISO 8601, when the last of the runs was timed. */
  readonly date: string;
  readonly commit: string;
  /** process.version, and the width of the kernels' vectors there, in bits. */
  readonly node: string;
  readonly vectors: number;
  readonly threads: number;
  readonly machine: Machine;
  /** Cores that other programs kept busy when the timing began. */
  readonly load: number;
  readonly recipe: string;
  readonly epochs: number;
  readonly datasets: readonly RecipeDataset[];
}

export interface RecipeDataset {
  readonly name: string;
  readonly sha256: string;
  /** SHA-256 of the recipe's compiled model before the first step, of what it averages and of the options below, in the form that these images get (with or without a margin); older results have none. */
  readonly recipeSha256?: string;
  /** What these runs were trained with beside the options that all have; older results have none. */
  readonly options?: readonly string[];
  /** In order of the seeds, which begin at 1; after the last epoch. */
  readonly runs: readonly { readonly seed: number; readonly accuracy: number; readonly weightsSha256: string }[];
  /** Seconds of each round: a run by `quick`, and one by the recipe. */
  readonly quick: readonly number[];
  readonly whole: readonly number[];
}

export const RECIPE_RESULTS = 'results/recipes';

export function newestRecipeResults(): RecipeResults {
  return newestIn<RecipeResults>(RECIPE_RESULTS, 'npm run bench:recipe -- --save');
}

/** The README's sentence. */
export function recipeSentence(results: RecipeResults): string {
  const { datasets, recipe } = results;
  const means = datasets.map(
    (dataset) => `${titleOf(dataset)} ${meanOf(dataset)} (${[seedsOf(dataset), ...optionsOf(dataset)].join(', ')})`,
  );
  return `\`npm run train -- --recipe ${recipe} --validation-split 0\` ([how it was chosen](docs/recipes.md)): ${means.join(', ')} of the test images after the last epoch; a run takes ${datasets.map((dataset) => timesQuick(dataset).toFixed(0)).join(' and ')} times as long as one by \`quick\`.`;
}

/** A row a seed, the mean, and how long it took. */
export function recipeTable(results: RecipeResults): string[] {
  const { datasets, recipe, epochs, threads, date, commit, node, vectors, machine } = results;
  const seeds = Math.max(...datasets.map(({ runs }) => runs.length));
  const rows = Array.from({ length: seeds }, (_, i) => [
    `\`--seed ${i + 1}\``,
    ...datasets.map(({ runs }) => (runs[i] ? formatPercent(runs[i].accuracy) : '')),
  ]);
  const times = datasets.map((dataset, i) => {
    const seconds = `${median(dataset.whole).toFixed(0)} s and ${median(dataset.quick).toFixed(1)} s`;
    return `${timesQuick(dataset).toFixed(1)} ${i === 0 ? 'runs of `quick` ' : ''}on ${titleOf(dataset)} (${seconds})`;
  });
  const command = `\`--recipe ${recipe} --validation-split 0\``;
  return [
    ...markdownTable(
      [command, ...datasets.map((dataset) => [titleOf(dataset), ...optionsOf(dataset)].join(', '))],
      [...rows, ['mean and its standard error', ...datasets.map(meanOf)]],
    ),
    '',
    `${epochs} epochs take as long as ${times.join(' and ')}: medians of ${datasets[0]!.quick.length} turns on ${threads} thread${threads === 1 ? '' : 's'}, ${date.slice(0, 10)}, commit ${commit}, Node ${node.slice(1)} (vectors of ${vectors} bits), ${machine.cpu}.`,
  ];
}

/** Medians of the rounds, in which both took turns. */
export function timesQuick({ whole, quick }: Pick<RecipeDataset, 'whole' | 'quick'>): number {
  return median(whole) / median(quick);
}

function seedsOf({ runs: { length } }: RecipeDataset): string {
  return `${length} seed${length === 1 ? '' : 's'}`;
}

function optionsOf({ options = [] }: RecipeDataset): string[] {
  return options.map((option) => `\`${option}\``);
}

function titleOf({ name }: RecipeDataset): string {
  return knownDatasets.find((each) => each.name === name)?.title ?? name;
}

/** '99.72 ± 0.01 %': the mean over the seeds, and its standard error. */
function meanOf({ runs }: RecipeDataset): string {
  const n = runs.length;
  const mean = runs.reduce((sum, { accuracy }) => sum + accuracy, 0) / n;
  const squares = runs.reduce((sum, { accuracy }) => sum + (accuracy - mean) * (accuracy - mean), 0);
  return n === 1
    ? formatPercent(mean)
    : `${(100 * mean).toFixed(2)} ± ${formatPercent(Math.sqrt(squares / (n - 1) / n))}`;
}
