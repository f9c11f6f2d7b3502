// What does npm run train take, as a user runs it? A seed a round; and once on the built-in digits, tested on the real ones.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { check } from '../../src/base/errors.js';
import { loadModelFile } from '../../src/node/files/modelFile.js';
import { inBuild } from '../benchFolder.js';
import { OURS, type Figure, type Unit } from '../figures.js';
import type { Question } from './question.js';

const THREADS = 2;

interface Run {
  readonly seconds: number;
  readonly firstStepSeconds: number;
  readonly peakMiB: number;
  readonly accuracy: number;
}

export async function trainCommand({ rounds, data, folder, log }: Question): Promise<Figure[]> {
  const runs: Run[] = [];
  for (let round = 0; round < rounds; round++) {
    log(`npm run train, seed ${round + 1} of ${rounds}`);
    runs.push(
      await train(join(folder, `run-${round}`), [
        '--seed',
        String(round + 1),
        ...(data === undefined ? [] : ['--data', data]),
      ]),
    );
  }
  const figure = (measure: string, unit: Unit, valueOf: (run: Run) => number): Figure => ({
    measure: `\`npm run train\`, ${measure}`,
    contestant: OURS,
    threads: THREADS,
    unit,
    rounds: runs.map(valueOf),
  });
  return [
    figure('2 threads, start to end', 's', ({ seconds }) => seconds),
    figure('test accuracy, seed by seed', '%', ({ accuracy }) => 100 * accuracy),
    figure('start to first step', 's', ({ firstStepSeconds }) => firstStepSeconds),
    figure('peak memory', 'MiB', ({ peakMiB }) => peakMiB),
  ];
}

export async function builtinDigits({ dataset, folder, log }: Question): Promise<Figure[]> {
  log('npm run train -- --data builtin');
  const out = join(folder, 'builtin');
  await train(out, ['--data', 'builtin']);
  const { model } = await loadModelFile(join(out, 'model.safetensors'));
  const { accuracy } = await model.evaluate(dataset.test.x, dataset.test.y);
  return [
    {
      measure: '`npm run train -- --data builtin`, accuracy on MNIST',
      contestant: OURS,
      threads: THREADS,
      unit: '%',
      rounds: [100 * accuracy!],
    },
  ];
}

async function train(out: string, options: readonly string[]): Promise<Run> {
  const args = [
    '--import',
    inBuild('bench/trainHook.js'),
    inBuild('src/node/cli/train.js'),
    '--threads',
    String(THREADS),
    '--out',
    out,
    ...options,
  ];
  const began = Date.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  const [[status], complaint, hook] = await Promise.all([
    once(child, 'exit'),
    text(child.stderr!),
    text(child.stdio[3] as Readable),
  ]);
  const seconds = (Date.now() - began) / 1000;
  check(status === 0, `npm run train failed: ${complaint.trim()}`);
  const { firstStep, peakKiB } = JSON.parse(hook) as { firstStep: number; peakKiB: number };
  const { test } = JSON.parse(readFileSync(join(out, 'history.json'), 'utf8')) as { test: { accuracy: number } };
  return { seconds, firstStepSeconds: (firstStep - began) / 1000, peakMiB: peakKiB / 1024, accuracy: test.accuracy };
}
