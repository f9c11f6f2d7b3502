// The commands as a user types them, in a folder of their own, with a small data set.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { builtinDigits } from '../../../src/data/digits/digits.js';
import { digitNames } from '../../../src/data/knownDatasets.js';
import { idxFile } from '../../data/craftIdx.js';
import { temporaryFolder } from '../temporaryFolder.js';

/** What npm run build:commands makes. */
export const commands = fileURLToPath(new URL('../../../commands/', import.meta.url));
export const work = temporaryFolder();

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Command =
  'train' | 'sweep' | 'trial' | 'predictSamples' | 'evaluate' | 'report' | 'export' | 'import' | 'profile' | 'verify';

/** Milliseconds that no command here takes: one that hangs ends, and the test says what it printed until then. */
const LIMIT = 240_000;

/** No MNIST_DIR unless given. */
function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { MNIST_DIR: _, ...env } = process.env;
  return { ...env, ...more };
}

/** Runs a command in the work folder. */
export function run(command: Command, ...args: string[]): Outcome {
  return spawnSync(process.execPath, [join(commands, `${command}.js`), ...args], {
    cwd: work,
    env: environment(),
    encoding: 'utf8',
    timeout: LIMIT,
    killSignal: 'SIGKILL',
  });
}

export interface Killed extends Outcome {
  readonly signal: NodeJS.Signals | null;
}

const withFaults = ['--import', new URL('./faults.js', import.meta.url).href];

/** Runs it with the file system of faults.ts. */
export function runWithFault(fault: string, command: Command, ...args: string[]): Killed {
  return spawnSync(process.execPath, [...withFaults, join(commands, `${command}.js`), ...args], {
    cwd: work,
    env: environment({ FAULT: fault }),
    encoding: 'utf8',
    timeout: LIMIT,
    killSignal: 'SIGKILL',
  });
}

export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Killed>;
}

function begin(args: string[], env: NodeJS.ProcessEnv, starter: readonly string[] = []): Started {
  const [program, ...rest] = [...starter, process.execPath, ...args];
  const child = spawn(program!, rest, { cwd: work, env, timeout: LIMIT, killSignal: 'SIGKILL' });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => (stdout += text));
  child.stderr.on('data', (text) => (stderr += text));
  return {
    process: child,
    ended: new Promise((resolve) =>
      child.once('close', (status, signal) => resolve({ status, signal, stdout, stderr })),
    ),
  };
}

/** Starts a command and does not wait for it. */
export function start(command: Command, ...args: string[]): Started {
  return begin([join(commands, `${command}.js`), ...args], environment());
}

export function startWithFault(fault: string, command: Command, ...args: string[]): Started {
  return startThrough([], fault, command, ...args);
}

/** The same through a program that starts what its last arguments say. */
export function startThrough(starter: readonly string[], fault: string, command: Command, ...args: string[]): Started {
  return begin([...withFaults, join(commands, `${command}.js`), ...args], environment({ FAULT: fault }), starter);
}

/** Until the run has written a checkpoint of this step or a later one. */
export async function reaches(step: number, folder: string): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    const steps = stepsIn(folder);
    if (steps.some((each) => each >= step)) return;
    await sleep(10);
  }
  assert.unreachable(`${folder} never came to step ${step}`);
}

/** Steps of the checkpoints in a folder, in order. */
export function stepsIn(folder: string): number[] {
  return filesIn(folder)
    .flatMap((name) => /^checkpoint-(\d+)\.safetensors$/.exec(name)?.slice(1).map(Number) ?? [])
    .sort((a, b) => a - b);
}

export function filesIn(folder: string): string[] {
  try {
    return readdirSync(join(work, folder)).sort();
  } catch {
    return [];
  }
}

export function historyOf(folder: string) {
  return JSON.parse(readFileSync(join(work, folder, 'history.json'), 'utf8'));
}

export function succeeds(outcome: Outcome): Outcome {
  assert.is(outcome.stderr, '');
  assert.is(outcome.status, 0);
  return outcome;
}

/** One sentence on stderr, exit code 1, no stack. */
export function refused({ status, stderr }: Outcome, sentence: string | RegExp): void {
  assert.is(status, 1);
  if (typeof sentence === 'string') assert.is(stderr, `${sentence}\n`);
  else assert.match(stderr, sentence);
  assert.is(stderr.trimEnd().split('\n').length, 1, `one line, got ${stderr}`);
}

/** A folder of 110 images to train, 10 to validate, 40 to test; `classNames` go into its classes.txt. */
/** `classes`: labels are counted on from 0 after so many. */
export function writeDigits(name: string, seed: number, classNames?: readonly string[], classes = 10): string {
  const { train, test } = builtinDigits({ trainCount: 120, testCount: 40, seed });
  const folder = join(work, name);
  mkdirSync(folder);
  for (const [part, { x, y }] of [
    ['train', train],
    ['t10k', test],
  ] as const) {
    writeFileSync(join(folder, `${part}-images-idx3-ubyte`), idxFile([y.length, 28, 28], x.data));
    writeFileSync(
      join(folder, `${part}-labels-idx1-ubyte`),
      idxFile(
        [y.length],
        y.map((label) => label % classes),
      ),
    );
  }
  if (classNames) writeFileSync(join(folder, 'classes.txt'), classNames.join('\n'));
  return folder;
}

export const digits = writeDigits('digits', 3, digitNames);
export const otherDigits = writeDigits('other-digits', 4);

/** Options for training on `digits`: 14 steps an epoch, 56 in all. */
export const options = ['--data', digits, '--epochs', '4', '--batch-size', '8', '--threads', '1'];
export const often = ['--checkpoint-every', '5'];

/** Such a run that is killed after a checkpoint of step 5 or later. */
export async function killed(folder: string, ...more: string[]): Promise<void> {
  const { process: child, ended } = startWithFault(
    'sync 3 slow',
    'train',
    ...options,
    ...often,
    ...more,
    '--out',
    folder,
  );
  await reaches(5, folder);
  child.kill('SIGKILL');
  await ended;
}
