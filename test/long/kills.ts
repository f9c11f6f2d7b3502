// kill -9, again and again: a run is killed, resumed, killed … until it is through, then another one, until there were enough kills.
// After each kill the newest checkpoint must load; at the end a run must be bit-identical to one that was not killed. The same with runs that
// the system kills because they take more memory than they may.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { loadModel } from '../../src/index.js';
import { weightsSha256 } from '../../src/node/cli/training.js';
import { RandomStream } from '../../src/base/random.js';
import {
  digits,
  filesIn,
  historyOf,
  run,
  start,
  startThrough,
  startWithFault,
  stepsIn,
  work,
  type Killed,
  type Started,
} from '../node/cli/commandLine.js';
import { makeMemoryGroup, type MemoryGroup } from './memoryGroup.js';

/** 22 steps an epoch. */
const options = ['--data', digits, '--epochs', '2', '--batch-size', '5'];
/** Any moment after the start, and those in front of each call that writes a file (faults.ts); a write is killed half done. */
const writes = ['open', 'writeFile', 'sync', 'rename', 'openFolder', 'syncFolder'] as const;
const allKinds = ['any moment', ...writes] as const;

/** Far more than a run of these digits takes. */
const GROUP_BYTES = 512 * 2 ** 20;

interface Whole {
  readonly sha256: string;
  readonly milliseconds: number;
}

/** Throws at the first run that was not as if nothing had happened. The same seed makes the same kills, but that moments are measured by the clock. */
export async function killRuns(kills: number, seed: number, group: MemoryGroup | null = null): Promise<string> {
  const kinds = group ? writes : allKinds;
  const random = new RandomStream(seed);
  const whole = trainWhole();
  const counts: Record<string, number> = Object.fromEntries(kinds.map((kind) => [kind, 0]));
  let [total, runs, stepsLost] = [0, 0, 0];
  while (total < kills) {
    const folder = `killed-${++runs}`;
    const every = 1 + random.below(4);
    let newest = -1;
    while (!filesIn(folder).includes('history.json')) {
      const kind = kinds[total % kinds.length]!;
      const killed =
        kind === 'any moment' ? `after ${random.below(whole.milliseconds)} ms` : `${kind} ${1 + random.below(5)}`;
      const moment = total < kills ? killed : 'the end';
      const threads = 1 + random.below(3);
      try {
        const args = [
          ...(newest < 0 ? [...options, '--out', folder] : ['--resume', folder]),
          '--checkpoint-every',
          String(every),
          '--threads',
          String(threads),
        ];
        const { signal, status, stdout, stderr } = await trainUntil(moment, args, group);
        assert.is(stderr, '');
        if (signal === 'SIGKILL') {
          counts[kind]!++;
          total++;
        } else assert.is(status, 0);
        if (newest >= 0 && status === 0) assert.match(stdout, `Resuming ${folder} after step ${newest} of 44\n`);
        newest = newestIn(folder, newest);
        stepsLost = Math.max(stepsLost, lostIn(folder, newest, every));
      } catch (error) {
        (error as Error).message =
          `seed ${seed}, kill ${total}, ${folder} with ${threads} threads, until ${moment}: ${(error as Error).message}`;
        throw error;
      }
    }
    isWhole(folder, whole);
    rmSync(join(work, folder), { recursive: true });
  }
  const byKind = Object.entries(counts)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ');
  return `${total} kills (${byKind}) in ${runs} runs, each with the weights of the run that was not killed; at most ${stepsLost} steps lost`;
}

/** killRuns by the system, for memory; null where this process may not limit another one's. */
export async function killRunsForMemory(kills: number, seed: number): Promise<string | null> {
  const group = makeMemoryGroup(GROUP_BYTES);
  if (!group) return null;
  try {
    const report = await killRuns(kills, seed, group);
    assert.is(group.kills(), kills);
    return `for memory: ${report}`;
  } finally {
    group.remove();
  }
}

export const NO_GROUP = 'no kill for memory: this process may not make a control group with a limit (Linux, as root)';

let whole: Whole | undefined;

/** Once a process. */
function trainWhole(): Whole {
  return (whole ??= train());
}

function train(): Whole {
  const began = performance.now();
  assert.is(run('train', ...options, '--out', 'never-killed').status, 0);
  const milliseconds = Math.ceil(performance.now() - began);
  return { sha256: historyOf('never-killed').weightsSha256, milliseconds };
}

/** Trains until 'the end', or the moment 'after 30 ms', or the call of faults.ts 'sync 3'. */
async function trainUntil(moment: string, args: string[], group: MemoryGroup | null): Promise<Killed> {
  const [, delay] = /^after (\d+) ms$/.exec(moment) ?? [];
  const begin = (): Started =>
    group
      ? startThrough(group.starter, `${moment} memory`, 'train', ...args)
      : startWithFault(`${moment} SIGKILL`, 'train', ...args);
  const { process: child, ended } = moment === 'the end' || delay !== undefined ? start('train', ...args) : begin();
  const timer = delay === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), Number(delay));
  const outcome = await ended;
  clearTimeout(timer);
  return outcome;
}

/** The step of the newest checkpoint, -1 for none; whatever has the name of one is one, and none is lost. */
function newestIn(folder: string, before: number): number {
  const steps = stepsIn(folder);
  for (const step of steps)
    assert.is(loadModel(readFileSync(join(work, folder, `checkpoint-${step}.safetensors`))).model.step, step);
  const newest = steps.at(-1) ?? -1;
  assert.ok(newest >= before, `the newest checkpoint was that of step ${before}, now it is that of ${newest}`);
  return newest;
}

/** Steps between the newest checkpoint and the one that was being written. */
function lostIn(folder: string, newest: number, every: number): number {
  const steps = filesIn(folder).flatMap(
    (name) => /^checkpoint-(\d+)\.safetensors\.wasm-cnn-\w+\.tmp$/.exec(name)?.slice(1).map(Number) ?? [],
  );
  const lost = Math.max(0, ...steps.map((step) => step - Math.max(0, newest)));
  assert.ok(lost <= every, `${lost} steps lost with a checkpoint every ${every}`);
  return lost;
}

function isWhole(folder: string, { sha256 }: Whole): void {
  assert.is(historyOf(folder).weightsSha256, sha256);
  assert.is(weightsSha256(loadModel(readFileSync(join(work, folder, 'model.safetensors'))).model), sha256);
  const others = filesIn(folder).filter((name) => !/^checkpoint-\d+\.safetensors$/.test(name));
  assert.equal(
    others.filter((name) => name !== 'lock'),
    ['history.json', 'model.safetensors', 'training.png'],
  );
}
