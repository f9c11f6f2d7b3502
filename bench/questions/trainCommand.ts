// What does npm run train take, as a user runs it? A seed a round; and once on the built-in digits, tested on the real ones.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { check } from '../../src/base/errors.js';
import type { Moment } from '../../src/node/cli/phaseReport.js';
import { loadModelFile } from '../../src/node/files/modelFile.js';
import { inBuild } from '../benchFolder.js';
import { OURS, type Figure, type Unit } from '../figures.js';
import type { BenchNode } from '../nodes.js';
import type { Question } from './question.js';

const THREADS = 2;

interface Run {
  readonly seconds: number;
  readonly firstStepSeconds: number;
  readonly peakMiB: number;
  readonly accuracy: number;
}

export async function trainCommand({ rounds, peers: { nodes }, data, folder, log }: Question): Promise<Figure[]> {
  const runs = new Map<BenchNode, Run[]>(nodes.map((node) => [node, []]));
  for (let round = 0; round < rounds; round++) {
    for (const node of nodes) {
      log(`npm run train, seed ${round + 1} of ${rounds}, ${node.name}`);
      const out = join(folder, `run-${round}-${node.version}`);
      const options = ['--seed', String(round + 1), ...(data === undefined ? [] : ['--data', data])];
      runs.get(node)!.push(await train(node, out, options));
    }
  }
  const figures = (measure: string, unit: Unit, valueOf: (run: Run) => number): Figure[] =>
    nodes.map((node) => ({
      measure: `\`npm run train\`, ${measure}`,
      contestant: OURS,
      node: node.name,
      threads: THREADS,
      unit,
      rounds: runs.get(node)!.map(valueOf),
    }));
  return [
    ...figures('2 threads, start to end', 's', ({ seconds }) => seconds),
    ...figures('test accuracy, seed by seed', '%', ({ accuracy }) => 100 * accuracy),
    ...figures('start to first step', 's', ({ firstStepSeconds }) => firstStepSeconds),
    ...figures('peak memory', 'MiB', ({ peakMiB }) => peakMiB),
  ];
}

/** The bits are the same on each Node, so one trains. */
export async function builtinDigits({ peers: { nodes }, dataset, folder, log }: Question): Promise<Figure[]> {
  log('npm run train -- --data builtin');
  const out = join(folder, 'builtin');
  await train(nodes.at(-1)!, out, ['--data', 'builtin']);
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

async function train({ program }: BenchNode, out: string, options: readonly string[]): Promise<Run> {
  const args = [
    '--import',
    inBuild('commands/phaseReport.js'),
    inBuild('commands/train.js'),
    '--threads',
    String(THREADS),
    '--out',
    out,
    ...options,
  ];
  const began = Date.now();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  const [[status], complaint, report] = await Promise.all([
    once(child, 'exit'),
    text(child.stderr!),
    text(child.stdio[3] as Readable),
  ]);
  const seconds = (Date.now() - began) / 1000;
  check(status === 0, `npm run train failed: ${complaint.trim()}`);
  const moments = JSON.parse(report) as Moment[];
  const firstStep = moments.find(({ name }) => name === 'train')!.at;
  const { test } = JSON.parse(readFileSync(join(out, 'history.json'), 'utf8')) as { test: { accuracy: number } };
  return {
    seconds,
    firstStepSeconds: (firstStep - began) / 1000,
    peakMiB: moments.at(-1)!.peakKiB / 1024,
    accuracy: test.accuracy,
  };
}
