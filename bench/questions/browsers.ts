// How many images a second does the reference network train on in a browser? Beside it TensorFlow.js on its backends there.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { inBench, inBuild } from '../benchFolder.js';
import { BROWSERS } from '../browsers.js';
import { contest, type Entry } from '../contest.js';
import type { TrainingReady, TrainingRound } from '../contestant.js';
import type { PageTask } from '../contestants/inBrowser.js';
import { writeExamples } from '../examples.js';
import { OURS, TFJS_CPU, TFJS_WEBGL, type Figure } from '../figures.js';
import { figuresOf, type Question } from './question.js';
import { refuseUnlearned, slowExamples } from './training.js';

const SECONDS = 2;

export async function browsers(question: Question): Promise<Figure[]> {
  const { rounds, peers, dataset, folder, log, versions } = question;
  const pages = join(folder, 'pages');
  const hasTfJs = peers.versions.has('TF.js');
  await build({
    entryPoints: [
      inBuild('bench/contestants/wasmCnnPage.js'),
      ...(hasTfJs ? [inBench('contestants/tfJsPage.js')] : []),
    ],
    outdir: pages,
    entryNames: '[name]',
    bundle: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
  });
  const task = {
    ...writeExamples(dataset.train, 'reference', folder),
    seconds: SECONDS,
    folders: {
      pages,
      'wasm-cnn': inBuild('browser'),
      tfjs: inBench('node_modules/@tensorflow/tfjs-backend-wasm/dist'),
    },
  };
  const figures: Figure[] = [];
  for (const [browser, { programs }] of Object.entries(BROWSERS)) {
    const program = programs.find(existsSync);
    if (program === undefined) {
      log(`left out: ${browser}, which is not in ${programs.join(' or ')}; install it`);
      continue;
    }
    const entry = (contestant: string, threads: number, script: string, more: object = {}): Entry => {
      const profile = mkdtempSync(join(folder, 'profile-'));
      const page: PageTask = { ...task, ...more, threads, browser, program, profile, script: `/pages/${script}` };
      return {
        contestant,
        threads,
        command: [process.execPath, inBuild('bench/contestants/inBrowser.js')],
        task: page,
      };
    };
    const tfJs = (contestant: string, backend: string, more: object = {}): Entry =>
      entry(contestant, 1, 'tfJsPage.js', { ...more, backend });
    const outcomes = await contest<TrainingReady & { renderer?: string }, TrainingRound>(
      [
        ...[1, 2].map((threads) => entry(OURS, threads, 'wasmCnnPage.js')),
        ...(hasTfJs
          ? [tfJs(TFJS_WEBGL, 'webgl'), tfJs('TF.js wasm', 'wasm'), tfJs(TFJS_CPU, 'cpu', slowExamples(question))]
          : []),
      ],
      { rounds, refuse: refuseUnlearned, log: (line) => log(`${browser}: ${line}`) },
    );
    const renderer = outcomes.map(({ ready }) => ready?.renderer).find((name) => name !== undefined);
    versions.set(browser, `${versionOf(program)}${renderer === undefined ? '' : ` (its WebGL: ${renderer})`}`);
    figures.push(
      ...figuresOf(
        `training in ${browser}, reference network`,
        'samples/s',
        outcomes,
        ({ samplesPerSecond }) => samplesPerSecond,
      ),
    );
  }
  return figures;
}

function versionOf(program: string): string {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? '?';
}
