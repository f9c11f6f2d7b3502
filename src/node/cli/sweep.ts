// npm run sweep: many trainings with other hyperparameters, seeds and folds, on this machine or, by a server, on many.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Argument } from 'commander';
import { check, WasmCnnError } from '../../base/errors.js';
import { isRecord } from '../../base/options.js';
import { formatCount, formatTable } from '../../base/table.js';
import { epochsOf, type Plan, type SweepDefinition } from '../../sweep/plan.js';
import { withoutPassword } from '../sweep/connect.js';
import { isFolder, withFileErrors } from '../files/files.js';
import { folderStore } from '../sweep/folderStore.js';
import { SweepQueue } from '../sweep/queue.js';
import type { WatchedSweep } from '../sweep/watched.js';
import { isBestLost, resultOf, withQueue, type Sweep } from '../sweep/sweep.js';
import { availableCores } from '../threads/cores.js';
import { commandLine } from '../commandLine.js';
import { cacheOption, command, positive, run, useVectors, vectorsOption, whole } from './command.js';
import { Interrupted, interruptible } from './interrupt.js';
import { RUNS } from './runs.js';
import { openSweep, readSweepFile, type SweepSource } from './sweep/recipeTrial.js';
import { writeHparams } from './sweep/hparams.js';
import { namesIn } from './sweep/settingsText.js';
import { claimFolder, writeSweep } from './sweep/sweepResult.js';

interface SweepCommandOptions {
  on?: string;
  data?: string;
  out?: string;
  checkpoints?: string;
  threads?: number;
  workers: number;
  saveEvery: number;
  once?: true;
  tensorboard?: string;
  vectors?: '128' | '256';
}

const WHAT = {
  plan: 'print settings, trials and about how long they take',
  run: 'train all of it on this machine',
  add: 'put it on a server, for workers',
  work: 'train its trials from the server on this machine; other workers take over what this one leaves',
  watch: 'show its progress',
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
    "the server, as 'redis://host:6379' or 'postgres://user@host/database'; add, work, watch, result and remove need it",
  )
  .option(
    '--data <path>',
    `where the images are on this machine (default: what the sweep file says, else that of ${commandLine('train')})`,
  )
  .option(
    '--out <folder>',
    'where results go, and for run the checkpoints, from which the same command resumes (default: runs/sweep-<name>)',
  )
  .option(
    '--checkpoints <folder>',
    'keep checkpoints in this folder, which all workers must share (default: on the server; for run, in --out)',
  )
  .option('--save-every <seconds>', 'how often a trial writes a checkpoint', positive, 10)
  .option('--workers <n>', 'trials at a time on this machine; results are bit-identical for any number', whole(1), 1)
  .option(
    '--threads <n>',
    'threads of a trial; results are bit-identical for any number (default: all cores, shared by the workers)',
    whole(1),
  )
  .option('--tensorboard <folder>', 'result and run: also write the trials for TensorBoard and its HParams dashboard')
  .option('--once', 'watch: show it once and exit')
  .addOption(cacheOption())
  .addOption(vectorsOption());

/** What each does with the options beside these; others have no effect and are refused. */
const TAKES: Readonly<Record<What, readonly string[]>> = {
  plan: ['data', 'threads', 'vectors'],
  run: ['data', 'out', 'checkpoints', 'saveEvery', 'workers', 'threads', 'vectors', 'tensorboard'],
  add: ['on', 'data'],
  work: ['on', 'data', 'checkpoints', 'saveEvery', 'workers', 'threads', 'vectors'],
  watch: ['on', 'once'],
  result: ['on', 'out', 'checkpoints', 'tensorboard'],
  remove: ['on'],
};

await run<SweepCommandOptions>(
  program,
  async (options) => {
    const [what, file] = program.args as [What, string];
    checkOptionsOf(what);
    const { on, workers, saveEvery } = options;
    const threads = options.threads ?? Math.max(1, Math.floor(availableCores() / workers));
    const isFile = /\.json$/i.test(file);
    check(
      isFile || TAKES[what].includes('on'),
      `${file} is not a sweep file, whose name ends in .json; name one: ${commandLine('sweep', `${what} sweep.json`)}`,
    );
    if (on === undefined && TAKES[what].includes('on'))
      check(
        false,
        `${what} needs --on with the address of the server, such as --on redis://localhost:6379${await withoutServer(file, isFile)}`,
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
      showPlan(await sweep.plan());
      if (sweep.note !== null) console.log(sweep.note);
      const duration = formatDuration(await sweep.estimate());
      console.log(`About ${duration} on this machine, estimated from a few steps of the first trial`);
      return;
    }
    if (what === 'run') {
      useVectors(options.vectors);
      const sweep = await open(given!.definition, given!.source);
      const plan = await sweep.plan();
      await claimFolder(out, { definition: given!.definition, basis: plan.basis });
      const kept = store ?? folderStore(join(out, 'checkpoints'));
      const results = await stoppable('; the same command resumes it', (signal) =>
        sweep.results({ store: kept, saveEvery, concurrency: workers, signal, log: console.log }),
      );
      const result = await resultOf(plan, results, kept);
      await writeSweep(out, plan, results, result, 'make room and run the sweep again');
      if (isBestLost(result)) process.exitCode = 1;
      if (options.tensorboard !== undefined) await writeHparams(options.tensorboard, plan, results);
      return;
    }
    if (what === 'add') {
      const sweep = await open(given!.definition, given!.source);
      const isNew = await sweep.add({ on: on! });
      const { trials } = await sweep.plan();
      if (sweep.note !== null) console.log(sweep.note);
      console.log(
        `${isNew ? 'Added' : 'Already there:'} ${name}, ${counted(trials.length, 'trial')}; start workers on any machine: ${commandLine('sweep', `work ${name} --on ${withoutPassword(on!)}`)}`,
      );
      return;
    }
    if (what === 'work') {
      useVectors(options.vectors);
      const added = await withQueue(on!, name, async (queue) => queue.get(given?.definition));
      const { definition, source } = given ?? added;
      const sweep = await open(definition, (source ?? {}) as SweepSource);
      // The log has already told what happens to each trial that it leaves.
      await stoppable('', (signal) =>
        sweep.work({ on: on!, signal, saveEvery, concurrency: workers, log: console.log, ...(store && { store }) }),
      );
      console.log(`All trials are done; see ${commandLine('sweep', `result ${name} --on ${withoutPassword(on!)}`)}`);
      return;
    }
    await withQueue(on!, name, async (queue, ownStore) => {
      if (what !== 'remove') await queue.get(given?.definition);
      if (what === 'remove') {
        await queue.remove();
        console.log(`Removed ${name} from the server`);
      } else if (what === 'watch') await watch(queue, options.once === true);
      else {
        await claimFolder(out, await queue.get());
        const { plan } = await queue.watch();
        const results = await queue.results();
        const cure = 'wait until all trials are done, or name the folder of the checkpoints with --checkpoints';
        await writeSweep(out, plan, results, await resultOf(plan, results, store ?? ownStore), cure);
        if (options.tensorboard !== undefined) await writeHparams(options.tensorboard, plan, results);
      }
    });
  },
  'files',
);

/** What there is without a server, to end a sentence: the command that needs none, or what a sweep of this name has left here. */
async function withoutServer(file: string, isFile: boolean): Promise<string> {
  if (isFile) return `; without a server, ${commandLine('sweep', `run ${file}`)} does it all`;
  const own = join(RUNS, `sweep-${file}`);
  return (await isFolder(own)) ? `; the results of the sweep that ran here are in ${own}` : '';
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
    throw new WasmCnnError(`${path} is not valid JSON (${(error as Error).message})`, { cause: error });
  }
  check(isRecord(given), `${path} is not a sweep: it must be an object, { "name": …, "space": { … }, "epochs": … }`);
  return given;
}

/** Works with a signal that Ctrl-C and SIGTERM abort; `more` ends the sentence then. */
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

function showPlan(plan: Plan): void {
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
  const rungs = plan.rungs.map(({ epochs, settings }) => `${counted(settings, 'setting')} up to epoch ${epochs}`);
  console.log(
    `${counted(plan.settings.length, 'setting')}, ${counted(plan.trials.length, 'trial')}: ${rungs.join(', then the best ')}; ${counted(epochsOf(plan), 'epoch')} in all`,
  );
}

/** '1 trial', '12 trials'. */
function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
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
  return `${table}\n${plan.name}: ${states.join(', ')}${open > 0 ? `, ${open} not begun` : ''}${isFinished ? '; all trials are done' : ''}`;
}
