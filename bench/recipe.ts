// npm run bench:recipe: what a recipe reaches on test images, seed by seed, and how many times as long as `quick` it takes.
import { createHash } from 'node:crypto';
import { spawnSync, type StdioOptions } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { Option } from 'commander';
import { check } from '../src/base/errors.js';
import { formatPercent, formatTable } from '../src/base/table.js';
import { command, run, whole } from '../src/node/cli/command.js';
import { datasetForm } from '../src/node/dataset/openDataset.js';
import { findCheckpoints } from '../src/node/files/checkpointFolder.js';
import { writeFileAtomic } from '../src/node/files/files.js';
import {
  averagingOf,
  compileRun,
  drawnCountFor,
  recipeOf,
  recipes,
  usualSettings,
  type RecipeName,
  type RunSettings,
} from '../src/recipes/index.js';
import { inBench, inBuild } from './benchFolder.js';
import { busyCores, thisMachine } from './machine.js';
import { withReport } from './report.js';
import {
  newestRecipeResults,
  RECIPE_RESULTS,
  recipeSentence,
  recipeTable,
  type RecipeDataset,
  type RecipeResults,
} from './recipeResults.js';
import { commit, QUIET, saveResults } from './results.js';

interface RecipeOptions {
  recipe: RecipeName;
  data: string[];
  seeds: number;
  runs: string;
  keep?: true;
  rounds: number;
  threads: number;
  save?: true;
}

const MNIST_COUNT = 60_000;

/** The parts of a run's history.json that are read here. */
interface RecordedRun {
  readonly dataset: { readonly name: string; readonly sha256: string; readonly drawnCount: number };
  readonly seed: number;
  readonly node: string;
  readonly vectors: number;
  readonly epochs: readonly { readonly seconds: number }[];
  readonly test: { readonly accuracy: number };
  readonly weightsSha256: string;
  readonly settings: { readonly recipe: string; readonly epochs: number; readonly validationSplit: number };
}

const program = command(
  'bench:recipe',
  'Trains by a recipe on all training images, once a seed, and tests after the last epoch; then measures how many times as long as `quick` it takes.',
)
  .addOption(
    new Option('--recipe <name>', 'the recipe')
      .choices(Object.keys(recipes).filter((name) => name !== 'quick'))
      .default('best'),
  )
  .requiredOption('--data <paths...>', 'datasets, as npm run train takes them')
  .option('--seeds <n>', 'runs on each dataset, with the seeds 1 to n', whole(1), 5)
  .option(
    '--runs <folder>',
    'where the runs are; those begun there resume, those finished are only read',
    'build/recipe-runs',
  )
  .option(
    '--keep',
    'take the seeds that the newest results hold for this recipe on these data, instead of training them again',
  )
  .option('--rounds <n>', 'how many times `quick` and an epoch of the recipe take turns', whole(1), 3)
  .option('--threads <n>', 'threads of each run', whole(1), 1)
  .option('--save', "write results/recipes/, the README's sentence and the table of docs/recipes.md");

await run<RecipeOptions>(program, async ({ recipe, data, seeds, runs, keep, rounds, threads, save }) => {
  const base = ['--recipe', recipe, '--validation-split', '0', '--threads', String(threads)];
  const datasets: Omit<RecipeDataset, 'quick' | 'whole'>[] = [];
  const before = keep ? newestRecipeResults().datasets : [];
  const { epochs } = usualSettings('', MNIST_COUNT, recipe);
  for (const path of data) {
    const { name, dataset, hasMargin } = await datasetForm({ data: path });
    const { sha256 } = dataset!;
    // Results on MNIST are of models that were trained on its images alone.
    const options = drawnCountFor(sha256) > 0 ? ['--no-drawn-digits'] : [];
    const recipeSha256 = identityOf(recipe, hasMargin, options);
    const known = before.find((each) => each.recipeSha256 === recipeSha256 && each.sha256 === sha256);
    const all: RecipeDataset['runs'][number][] = [...(known?.runs ?? [])];
    for (let seed = all.length + 1; seed <= seeds; seed++) {
      const out = join(runs, `${basename(resolve(path))}-${seed}`);
      const made = await recorded([...base, ...options, '--data', path, '--seed', String(seed)], out);
      check(
        made.settings.recipe === recipe &&
          made.settings.validationSplit === 0 &&
          made.seed === seed &&
          made.dataset.sha256 === sha256 &&
          made.dataset.drawnCount === 0,
        `${out}: this run has other settings or data; name another folder (--runs)`,
      );
      all.push({ seed, accuracy: made.test.accuracy, weightsSha256: made.weightsSha256 });
    }
    datasets.push({ name, sha256, recipeSha256, options, runs: all });
  }

  const load = await busyCores();
  if (load > QUIET) console.error(`other programs keep ${load.toFixed(1)} cores busy: times will suffer`);
  const folder = mkdtempSync(join(tmpdir(), 'wasm-cnn-recipe-'));
  const times = data.map(() => ({ quick: [] as number[], whole: [] as number[] }));
  let last: RecordedRun;
  try {
    for (let round = 1; round <= rounds; round++)
      for (const [i, path] of data.entries()) {
        console.error(`round ${round} of ${rounds}, ${path}: quick, then an epoch of ${recipe}`);
        const timed = [...datasets[i]!.options!, '--data', path, '--threads', String(threads), '--seed', String(round)];
        times[i]!.quick.push(train([...timed, '--out', join(folder, `quick-${i}-${round}`)], 'ignore'));
        const out = join(folder, `${recipe}-${i}-${round}`);
        const seconds = train([...base, ...timed, '--epochs', '1', '--out', out], 'ignore');
        last = read(out);
        times[i]!.whole.push(seconds + (epochs - 1) * last.epochs[0]!.seconds);
      }
  } finally {
    rmSync(folder, { recursive: true });
  }

  const results: RecipeResults = {
    ...{ date: new Date().toISOString(), commit: commit(), node: last!.node, vectors: last!.vectors },
    ...{ threads, machine: thisMachine(), load, recipe, epochs },
    datasets: datasets.map((dataset, i) => ({ ...dataset, ...times[i]! })),
  };
  const rows = datasets.flatMap(({ name, runs }) =>
    runs.map(({ seed, accuracy }) => [name, String(seed), formatPercent(accuracy)]),
  );
  console.log(formatTable(['Data', 'Seed', 'Test accuracy'], rows, [0]));
  console.log(recipeSentence(results));
  if (!save) return;
  const path = await saveResults(results, RECIPE_RESULTS);
  for (const [name, text] of [
    ['../README.md', recipeSentence(results)],
    ['../docs/recipes.md', recipeTable(results).join('\n')],
  ] as const) {
    const page = inBench(name);
    await writeFileAtomic(page, withReport(readFileSync(page, 'utf8'), text, 'bench:recipe'));
  }
  console.log(`Wrote ${path}, README.md and docs/recipes.md`);
});

/** Tells the recipe from other versions of itself: the SHA-256 of its compiled model before the first step, for images of MNIST's number and size, of what it averages, and of its options. */
function identityOf(recipe: RecipeName, hasMargin: boolean, options: readonly string[]): string {
  const { network, learningRate } = recipeOf({ recipe });
  const settings: RunSettings = {
    ...{ recipe, learningRate, seed: 1, numerics: 'exact', earlyStopping: null },
    ...usualSettings('', MNIST_COUNT, recipe),
  };
  const model = network!({ seed: settings.seed, hasMargin });
  compileRun(model, settings, MNIST_COUNT, undefined);
  const averaging = averagingOf(model, settings, MNIST_COUNT);
  return createHash('sha256')
    .update(model.save())
    .update(averaging ? JSON.stringify(averaging) : '')
    .update(options.join())
    .digest('hex');
}

/** A finished run of a folder; what is missing of it is trained first. */
async function recorded(options: readonly string[], out: string): Promise<RecordedRun> {
  if (!existsSync(join(out, 'history.json'))) {
    const isBegun = (await findCheckpoints(out)).length > 0;
    train(isBegun ? ['--resume', out] : [...options, '--out', out], 'inherit');
  }
  return read(out);
}

function read(out: string): RecordedRun {
  return JSON.parse(readFileSync(join(out, 'history.json'), 'utf8')) as RecordedRun;
}

/** Runs npm run train; seconds from start to end. */
function train(options: readonly string[], output: StdioOptions): number {
  const began = performance.now();
  const { status } = spawnSync(process.execPath, [inBuild('commands/train.js'), ...options], {
    stdio: ['ignore', output as 'ignore', 'inherit'],
  });
  check(status === 0, `npm run train ${options.join(' ')} failed; its message is above`);
  return (performance.now() - began) / 1000;
}
