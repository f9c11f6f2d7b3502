// npm run bench: how fast is it, and is it faster than others?
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Option } from 'commander';
import { check } from '../src/base/errors.js';
import { command, run, whole } from '../src/node/cli/command.js';
import { openDataset } from '../src/node/dataset/openDataset.js';
import { setups, type NetworkName } from './examples.js';
import type { Figure } from './figures.js';
import { installPeers } from './installPeers.js';
import { busyCores, thisMachine } from './machine.js';
import { findPeers, noPeers } from './peers.js';
import { browsers } from './questions/browsers.js';
import { browserBundle } from './questions/browserBundle.js';
import { inference } from './questions/inference.js';
import type { Question } from './questions/question.js';
import { builtinDigits, trainCommand } from './questions/trainCommand.js';
import { training } from './questions/training.js';
import { terminalReport } from './report.js';
import { commit, QUIET, saveResults, type Results } from './results.js';

const questions: Readonly<Record<string, (question: Question) => Promise<Figure[]>>> = {
  ...Object.fromEntries(
    Object.keys(setups).map((network) => [network, (question) => training(network as NetworkName, question)]),
  ),
  inference,
  browsers,
  train: trainCommand,
  builtin: builtinDigits,
  bundle: browserBundle,
};

interface BenchOptions {
  rounds: number;
  only?: string[];
  peers?: boolean;
  installPeers?: boolean;
  python?: string[];
  data?: string;
  save?: boolean;
}

const program = command(
  'bench',
  'Measures wasm-cnn: training, inference, the train command, the size in a browser. With --peers, others and the newest Node beside it.',
)
  .option('--rounds <n>', 'of each question; medians are taken over them', whole(1), 5)
  .addOption(new Option('--only <questions...>', 'these questions only').choices(Object.keys(questions)))
  .option('--peers', 'compare with PyTorch, Keras, onnxruntime, TF.js and jax-js, those that are installed')
  .addOption(
    new Option(
      '--install-peers',
      "install them and the newest Node, up to 8 GB: npm packages here, Python's in the user's cache folder; then end",
    ).conflicts(['rounds', 'only', 'peers', 'python', 'data', 'save']),
  )
  .option('--python <files...>', 'interpreters that have PyTorch or Keras (default: that of --install-peers)')
  .option('--data <folder>', 'the four files of MNIST (default: MNIST_DIR, data/mnist, download)')
  .option('--save', 'write a whole bench to bench/results/, from where npm run bench:readme takes it');

await run<BenchOptions>(program, async (options) => {
  const { rounds, only, peers: withPeers, python, data, save } = options;
  const log = (line: string): void => console.error(line);
  if (options.installPeers) return installPeers(log);
  check(!save || (withPeers === true && !only), '--save keeps a whole bench; give --peers and leave --only out');
  check(!python || withPeers === true, '--python says where peers are; give --peers, too');
  const load = await busyCores();
  if (load > QUIET) log(`other programs keep ${load.toFixed(1)} cores busy: all figures will suffer`);
  const about = { date: new Date().toISOString(), commit: save ? commit() : '', load };
  const dataset = await openDataset({ data });
  check(dataset.name === 'mnist', () => `the bench needs MNIST, got ${dataset.source}; give its folder with --data`);
  const peers = withPeers ? findPeers(python, log) : noPeers();
  const versions = new Map(peers.versions);
  const folder = mkdtempSync(join(tmpdir(), 'wasm-cnn-bench-'));
  const figures: Figure[] = [];
  try {
    for (const name of only ?? Object.keys(questions)) {
      const ask = (line: string): void => log(`${name}: ${line}`);
      const answers = await questions[name]!({ rounds, peers, dataset, data, folder, log: ask, versions });
      // Each at once: all take half an hour, and the next one may fail.
      console.log(terminalReport(answers));
      figures.push(...answers);
    }
  } finally {
    // Browsers that end may still write to their profiles.
    rmSync(folder, { recursive: true, maxRetries: 10 });
  }
  const machine = thisMachine();
  if (machine.simd !== 'AVX-512') log(`musts bind on a processor with AVX-512; this one: ${machine.simd}`);
  if (!save) return;
  const nodes = peers.nodes.map(({ version, vectors }) => ({ version, vectors }));
  const results: Results = { ...about, nodes, machine, versions: Object.fromEntries(versions), figures };
  console.log(`Wrote ${await saveResults(results)}`);
});
