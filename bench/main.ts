// npm run bench: how fast is it, and is it faster than others?
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { arch, cpus, loadavg, tmpdir, type } from 'node:os';
import { join } from 'node:path';
import { Option } from 'commander';
import { check } from '../src/base/errors.js';
import { command, run, whole } from '../src/node/cli/command.js';
import { writeFileAtomic } from '../src/node/files/files.js';
import { openDataset } from '../src/node/dataset/openDataset.js';
import { inBench } from './benchFolder.js';
import type { Figure } from './figures.js';
import { findPeers, noPeers } from './peers.js';
import { browserBundle } from './questions/browserBundle.js';
import { inference } from './questions/inference.js';
import type { Question } from './questions/question.js';
import { builtinDigits, trainCommand } from './questions/trainCommand.js';
import { training } from './questions/training.js';
import { terminalReport } from './report.js';
import { resultsPath, type Results } from './results.js';

const questions: Readonly<Record<string, (question: Question) => Promise<Figure[]>>> = {
  reference: (question) => training('reference', question),
  classic: (question) => training('classic', question),
  strided: (question) => training('strided', question),
  inference,
  train: trainCommand,
  builtin: builtinDigits,
  bundle: browserBundle,
};

interface BenchOptions {
  rounds: number;
  only?: string[];
  peers?: boolean;
  python?: string;
  data?: string;
  save?: boolean;
}

const program = command(
  'npm run bench --',
  'Measures wasm-cnn: training, inference, the train command, the size in a browser. With --peers, others beside it.',
)
  .option('--rounds <n>', 'of each question; medians are taken over them', whole(1), 5)
  .addOption(new Option('--only <questions...>', 'these questions only').choices(Object.keys(questions)))
  .option('--peers', 'compare with PyTorch, onnxruntime, TF.js and jax-js, those that are installed')
  .option('--python <file>', 'the interpreter that has PyTorch (default: python3, else /usr/bin/python3)')
  .option('--data <folder>', 'the four files of MNIST (default: MNIST_DIR, data/mnist, download)')
  .option('--save', 'write a whole bench to bench/results/, from where npm run bench:readme takes it');

await run<BenchOptions>(program, async ({ rounds, only, peers: withPeers, python, data, save }) => {
  check(!save || (withPeers === true && !only), '--save keeps a whole bench; give --peers and leave --only out');
  const log = (line: string): void => console.error(line);
  const about = {
    date: new Date().toISOString(),
    commit: save ? commit() : '',
    node: process.version,
    machine: machine(),
  };
  const dataset = await openDataset({ data });
  check(dataset.name === 'mnist', () => `the bench needs MNIST, got ${dataset.source}; give its folder with --data`);
  const [busy] = loadavg();
  if (busy! > 0.5) log(`this machine is busy already (load ${busy!.toFixed(1)}): all figures will suffer`);
  const peers = withPeers ? findPeers(python, log) : noPeers;
  const folder = mkdtempSync(join(tmpdir(), 'wasm-cnn-bench-'));
  const figures: Figure[] = [];
  try {
    for (const name of only ?? Object.keys(questions)) {
      const ask = (line: string): void => log(`${name}: ${line}`);
      figures.push(...(await questions[name]!({ rounds, peers, dataset, data, folder, log: ask })));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log(terminalReport(figures));
  if (!save) return;
  const results: Results = { ...about, versions: Object.fromEntries(peers.versions), figures };
  const path = resultsPath(results);
  await writeFileAtomic(path, `${JSON.stringify(results, null, 2)}\n`);
  console.log(`Wrote ${path}`);
});

function machine(): Results['machine'] {
  const all = cpus();
  return { cpu: all[0]?.model.trim() ?? 'unknown', cores: all.length, system: `${type()} ${arch()}` };
}

function commit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: inBench(''), encoding: 'utf8' }).trim();
  return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', '../src', '../assembly') === '' ? '' : '+'}`;
}
