// npm run sweep: many trainings with other hyperparameters, seeds and folds, on this machine or, by a server, on many.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Argument } from 'commander';
import { check, WasmCnnError } from '../../base/errors.js';
import { isRecord } from '../../base/options.js';
import { formatTable } from '../../base/table.js';
import { epochsOf, type Plan, type SweepDefinition } from '../../sweep/plan.js';
import { withFileErrors } from '../files/files.js';
import { folderStore } from '../sweep/folderStore.js';
import { SweepQueue } from '../sweep/queue.js';
import type { WatchedSweep } from '../sweep/watched.js';
import { resultOf, withQueue, type Sweep } from '../sweep/sweep.js';
import { availableCores } from '../threads/cores.js';
import { commandLine } from '../commandLine.js';
import { cacheOption, command, positive, run, useVectors, vectorsOption, whole } from './command.js';
import { Interrupted, interruptible } from './interrupt.js';
import { RUNS } from './runs.js';
import { openSweep, readSweepFile, type SweepSource } from './sweep/recipeTrial.js';
import { writeHparams } from './sweep/hparams.js';
import { namesIn } from './sweep/settingsText.js';
import { writeSweep } from './sweep/sweepResult.js';

interface SweepCommandOptions {
  on?: string;
  data?: string;
  out?: string;
  checkpoints?: string;
  threads: number;
  saveEvery: number;
  once?: true;
  tensorboard?: string;
  vectors?: '128' | '256';
}

const WHAT = {
  plan: 'print settings, trials and about how long they take',
  run: 'train all of it here',
  add: 'give it to a server, for workers',
  work: 'train here what a server has of it; another machine takes over what this one leaves',
  watch: 'show how far it is',
  result: 'write the table, the report and the best model',
  remove: 'remove it and its checkpoints from the server',
} as const;
type What = keyof typeof WHAT;

/** Milliseconds between two looks at the server. */
const WATCH_MS = 2000;

const program = command(
  'sweep',
  'Trains with other hyperparameters, seeds and folds, and compares them (docs/many-machines.md).',
)
  .usage('<what> <sweep> [options]')
  .addArgument(
    new Argument(
      '<what>',
      Object.entries(WHAT)
        .map(([name, does]) => `${name}: ${does}`)
        .join('; '),
    ).choices(Object.keys(WHAT)),
  )
  .argument('<sweep>', 'a sweep file (JSON), or for work, watch, result and remove the name of a sweep on the server')
  .option(
    '--on <server>',
    "the server, as 'redis://host:6379' or 'postgres://user@host/database' (default: none; all is done here)",
  )
  .option(
    '--data <path>',
    `where the images are on this machine (default: what the sweep file says, else as ${commandLine('train')})`,
  )
  .option(
    '--out <folder>',
    'where results go, and for run the checkpoints, from which the same command resumes (default: runs/sweep-<name>)',
  )
  .option('--checkpoints <folder>', 'keep checkpoints in a folder that all workers share (default: on the server)')
  .option('--save-every <seconds>', 'how often a trial writes a checkpoint', positive, 10)
  .option('--threads <n>', 'threads of a trial; results are bit-identical for any number', whole(1), availableCores())
  .option('--tensorboard <folder>', 'result and run: write the trials for TensorBoard with its HParams dashboard, too')
  .option('--once', 'watch: show it once')
  .addOption(cacheOption())
  .addOption(vectorsOption());

/** What each does with the options beside these; others have no effect and are refused. */
const TAKES: Readonly<Record<What, readonly string[]>> = {
  plan: ['data', 'threads', 'vectors'],
  run: ['data', 'out', 'saveEvery', 'threads', 'vectors', 'tensorboard'],
  add: ['on', 'data'],
  work: ['on', 'data', 'checkpoints', 'saveEvery', 'threads', 'vectors'],
  watch: ['on', 'once'],
  result: ['on', 'out', 'checkpoints', 'tensorboard'],
  remove: ['on'],
};

await run<SweepCommandOptions>(
  program,
  async (options) => {
    const [what, file] = program.args as [What, string];
    checkOptionsOf(what);
    const { on, threads, saveEvery } = options;
    const isFile = /\.json$/i.test(file);
    check(
      isFile || TAKES[what].includes('on'),
      `${file} is no sweep file, which ends in .json; name one: ${commandLine('sweep', `${what} sweep.json`)}`,
    );
    check(
      on !== undefined || !TAKES[what].includes('on'),
      `${what} needs --on, the server that has the sweep, as --on redis://localhost:6379; without a server there is: ${commandLine('sweep', `run ${file}`)}`,
    );
    const given = isFile ? readSweepFile(await readJson(file), file) : null;
    const name = given?.definition.name ?? file;
    const open = async (definition: SweepDefinition, source: SweepSource): Promise<Sweep> =>
      openSweep(definition, { ...source, ...(options.data !== undefined && { data: options.data }) }, threads);
    const out = options.out ?? join(RUNS, `sweep-${name}`);
    const store = options.checkpoints === undefined ? undefined : folderStore(options.checkpoints);

    if (what === 'plan') {
      useVectors(options.vectors);
      const sweep = await open(given!.definition, given!.source);
      return showPlan(await sweep.plan(), await sweep.estimate());
    }
    if (what === 'run') {
      useVectors(options.vectors);
      const sweep = await open(given!.definition, given!.source);
      const plan = await sweep.plan();
      const results = await stoppable(`; the same command resumes it`, (signal) =>
        sweep.results({ store: folderStore(join(out, 'checkpoints')), saveEvery, signal, log: console.log }),
      );
      await writeSweep(out, plan, results, await resultOf(plan, results, folderStore(join(out, 'checkpoints'))));
      if (options.tensorboard !== undefined) await writeHparams(options.tensorboard, plan, results);
      return;
    }
    if (what === 'add') {
      const sweep = await open(given!.definition, given!.source);
      const isNew = await sweep.add({ on: on! });
      const { trials } = await sweep.plan();
      console.log(
        `${isNew ? 'Added' : 'There already:'} ${name}, ${trials.length} trials; start workers, on any machine: ${commandLine('sweep', `work ${name} --on ${withoutPassword(on!)}`)}`,
      );
      return;
    }
    if (what === 'work') {
      useVectors(options.vectors);
      const { definition, source } = given ?? (await withQueue(on!, name, async (queue) => queue.get()));
      const sweep = await open(definition, (source ?? {}) as SweepSource);
      await stoppable('; the trial went back to the queue', (signal) =>
        sweep.work({ on: on!, signal, saveEvery, log: console.log, ...(store && { store }) }),
      );
      console.log(`All is done; see ${commandLine('sweep', `result ${name} --on ${withoutPassword(on!)}`)}`);
      return;
    }
    await withQueue(on!, name, async (queue, ownStore) => {
      if (what === 'remove') {
        await queue.remove();
        console.log(`Removed ${name} from the server`);
      } else if (what === 'watch') await watch(queue, options.once === true);
      else {
        const { plan } = await queue.watch();
        const results = await queue.results();
        await writeSweep(out, plan, results, await resultOf(plan, results, store ?? ownStore));
        if (options.tensorboard !== undefined) await writeHparams(options.tensorboard, plan, results);
      }
    });
  },
  'files',
);

/** What is printed stays in logs. */
function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}

function checkOptionsOf(what: What): void {
  for (const option of program.options) {
    const name = option.attributeName();
    const isGiven = program.getOptionValueSource(name) === 'cli' && !['debug', 'cache'].includes(name);
    check(!isGiven || TAKES[what].includes(name), `${option.long} has no effect with ${what}; leave it out`);
  }
}

async function readJson(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await withFileErrors('read', path, () => readFile(path, 'utf8'));
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw new WasmCnnError(`${path} is no JSON (${(error as Error).message})`, { cause: error });
  }
  check(isRecord(given), `${path} is no sweep: it must be an object, { "name": …, "space": { … }, "epochs": … }`);
  return given;
}

/** With a signal that Ctrl-C and SIGTERM abort; `more` ends the sentence then. */
async function stoppable<T>(more: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return interruptible(async (signal) => {
    try {
      const result = await work(signal);
      if (signal.aborted) throw signal.reason;
      return result;
    } catch (error) {
      throw error instanceof Interrupted ? new Interrupted(error.signal, more) : error;
    }
  });
}

function showPlan(plan: Plan, seconds: number): void {
  const names = namesIn(plan);
  console.log(
    formatTable(
      ['trial', ...names, ...(plan.folds === null ? [] : ['fold'])],
      plan.trials.map(({ id, config, fold }) => [
        id,
        ...names.map((name) => String(config[name])),
        ...(plan.folds === null ? [] : [String(fold)]),
      ]),
    ),
  );
  const rungs = plan.rungs.map(({ epochs, settings }) => `${settings} settings up to epoch ${epochs}`);
  console.log(
    `${plan.settings.length} settings, ${plan.trials.length} trials: ${rungs.join(', then the best ')}; ${epochsOf(plan)} epochs in all`,
  );
  console.log(`About ${formatDuration(seconds)} on this machine, as a few steps of the first trial let expect`);
}

function formatDuration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

async function watch(queue: SweepQueue, once: boolean): Promise<void> {
  for (;;) {
    const watched = await queue.watch();
    const text = formatWatched(watched);
    const isLive = process.stdout.isTTY && !once;
    console.log(isLive ? `\u001b[2J\u001b[H${text}` : text);
    if (once || watched.isFinished || !isLive) return;
    await sleep(WATCH_MS);
  }
}

/** Running trials first, then those that have ended last; those that wait are counted. */
function formatWatched({ plan, trials, isFinished }: WatchedSweep): string {
  const count = (state: string): number => trials.filter((trial) => trial.state === state).length;
  const shown = [
    ...trials.filter(({ state }) => state === 'running'),
    ...trials.filter(({ state }) => !['running', 'waiting'].includes(state)),
  ];
  const names = namesIn(plan);
  const table = formatTable(
    ['trial', ...names, ...(plan.folds === null ? [] : ['fold']), 'machine', 'epoch', plan.metric, 'moved', 'state'],
    shown.map(({ task, state, report, result }) => [
      task.id.slice(0, 14),
      ...names.map((name) => String(task.config[name])),
      ...(plan.folds === null ? [] : [String(task.fold)]),
      report?.host ?? '',
      `${result?.epochs ?? report?.epoch ?? 0}/${task.until}`,
      (result?.score ?? report?.logs[plan.metric])?.toFixed(4) ?? '',
      String(report?.moved ?? ''),
      state,
    ]),
  );
  const open = plan.trials.length - new Set(trials.map(({ task }) => task.id)).size;
  const states = ['finished', 'running', 'waiting', 'diverged', 'failed'].map((state) => `${count(state)} ${state}`);
  return `${table}\n${plan.name}: ${states.join(', ')}${open > 0 ? `, ${open} not begun` : ''}${isFinished ? '; all is done' : ''}`;
}
