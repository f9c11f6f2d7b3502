// npm run bench:fine-tune: MobileNetV2 with ImageNet's weights on a folder of pictures, head first and then all layers, beside PyTorch doing the same.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check } from '../src/base/errors.js';
import { formatPercent, formatTable } from '../src/base/table.js';
import { takeExamples, type Examples } from '../src/data/dataset.js';
import { stratifiedSplit } from '../src/data/split.js';
import { saveTorch } from '../src/formats/torch/index.js';
import { standardError } from '../src/metrics/index.js';
import { networks } from '../src/index.js';
import { readData } from '../src/node/dataset/loadData.js';
import { pretrainedPath } from '../src/node/files/pretrainedSources.js';
import { command, run, whole } from '../src/node/cli/command.js';
import { scales } from '../src/networks/preprocessing.js';
import { inBench, inBuild } from './benchFolder.js';
import { contest, type Entry, type Outcome } from './contest.js';
import { OURS, PYTORCH } from './figures.js';
import { busyCores } from './machine.js';
import { environmentPython } from './peers.js';
import { KEEPING_MALLOC } from './questions/question.js';
import { QUIET } from './results.js';

/** What both are told: the same pictures, first weights, batches' size and rates. Each draws its own order of the pictures. */
export interface FineTuneTask {
  readonly threads: number;
  readonly side: number;
  readonly classes: number;
  readonly seed: number;
  readonly batchSize: number;
  readonly headEpochs: number;
  readonly epochs: number;
  readonly rates: { readonly head: number; readonly all: number };
  /** Adam's. */
  readonly epsilon: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Files: of npm run weights, and the same as a state dict of torchvision with the first weights of the new last layer. */
  readonly weights: string;
  readonly stateDict: string;
  /** Files of plain bytes: pixels [n, side, side, 3], and labels [n]. */
  readonly images: string;
  readonly labels: string;
  readonly testImages: string;
  readonly testLabels: string;
}

/** After the head (ready), and after so many epochs of all layers (a round). */
export interface Tuned {
  /** On the test pictures; of the epochs before the last they are the head's. */
  readonly accuracy: number;
  readonly loss: number;
  /** Seconds of training alone, so far. */
  readonly seconds: number;
  /** The most memory that the process has had. */
  readonly peakBytes: number;
}

interface FineTuneOptions {
  data: string;
  imageSize: number;
  seeds: number;
  headEpochs: number;
  epochs: number;
  batchSize: number;
  limit?: number;
  python?: string;
  weights?: string;
}

const HELD_OUT = 0.2;
const RATES = { head: 1e-3, all: 1e-4 };
const EPSILON = 1e-7;

const program = command(
  'bench:fine-tune',
  'Fine-tunes MobileNetV2 on a folder of pictures in one thread, beside PyTorch doing the same: accuracy, time and memory.',
)
  .requiredOption('--data <folder>', 'pictures, a folder a class')
  .option('--image-size <n>', 'side of the pictures', whole(32), 96)
  .option('--seeds <n>', 'so many runs, each of another split and other first weights of the head', whole(1), 3)
  .option('--head-epochs <n>', 'of the head alone', whole(1), 20)
  .option('--epochs <n>', 'of all layers', whole(2), 8)
  .option('--batch-size <n>', 'pictures a step', whole(1), 32)
  .option('--limit <n>', 'only so many pictures, to try it', whole(20))
  .option(
    '--python <file>',
    'an interpreter that has PyTorch and torchvision (default: that of npm run bench -- --install-peers)',
  )
  .option('--weights <file>', 'of npm run weights -- mobileNetV2 (default: where that puts them)');

await run<FineTuneOptions>(program, async (options) => {
  const { data: path, imageSize: side, seeds, headEpochs, epochs, batchSize, limit } = options;
  const { python = environmentPython, weights = pretrainedPath('mobileNetV2') } = options;
  const log = (line: string): void => console.error(line);
  const load = await busyCores();
  if (load > QUIET) log(`other programs keep ${load.toFixed(1)} cores busy: times will suffer`);
  const { train: all, classNames } = await readData(path, '', { imageSize: [side, side], colorMode: 'rgb' });
  const classes = classNames?.length ?? 0;
  check(classes > 1, `${path} (--data): a folder for each class is needed; name one that holds such folders`);
  const folder = mkdtempSync(join(tmpdir(), 'wasm-cnn-fine-tune-'));
  const file = (name: string, content: Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const outcomes: { readonly seed: number; readonly outcome: Outcome<Tuned, Tuned> }[] = [];
  let tested = 0;
  try {
    for (let seed = 1; seed <= seeds; seed++) {
      const some = limit === undefined ? all : evenly(all, limit);
      const { train, validation: test } = stratifiedSplit(some, { validationSplit: HELD_OUT, seed });
      tested = test.y.length;
      const first = networks.mobileNetV2({
        inputShape: [side, side, 3],
        classes,
        seed,
        weights: readFileSync(weights),
      });
      const task: FineTuneTask = {
        ...{ threads: 1, side, classes, seed, batchSize, headEpochs, epochs, rates: RATES, epsilon: EPSILON },
        ...scales.mobileNetV2,
        weights,
        stateDict: file('state-dict.safetensors', saveTorch(first, { names: 'torchvision/mobilenet_v2' })),
        images: file('images', train.x.data as Uint8Array),
        labels: file('labels', Uint8Array.from(train.y)),
        testImages: file('test-images', test.x.data as Uint8Array),
        testLabels: file('test-labels', Uint8Array.from(test.y)),
      };
      log(`seed ${seed} of ${seeds}: ${train.y.length} pictures to learn from, ${tested} to test with`);
      const one = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
      const pytorch = { threads: 1, command: [python, inBench('contestants/fineTunePytorch.py')], task } as const;
      const entries: Entry[] = [
        {
          contestant: OURS,
          threads: 1,
          command: [process.execPath, inBuild('bench/contestants/fineTuneWasmCnn.js')],
          task,
        },
        { contestant: PYTORCH, ...pytorch, env: one },
        // Faster, with more memory.
        { contestant: `${PYTORCH}, malloc keeps`, ...pytorch, env: { ...one, ...KEEPING_MALLOC } },
      ];
      // The first epoch is the one before which no contestant is refused, the others are the rounds: in turn, so that a busy machine slows both.
      const found = await contest<Tuned, Tuned>(entries, { rounds: epochs - 1, refuse: () => undefined, log });
      outcomes.push(...found.map((outcome) => ({ seed, outcome })));
    }
  } finally {
    rmSync(folder, { recursive: true, maxRetries: 10 });
  }
  for (const { seed, outcome } of outcomes)
    if (outcome.failure !== undefined) log(`${outcome.entry.contestant}, seed ${seed}, is out: ${outcome.failure}`);
  const rows = outcomes.map(({ seed, outcome: { entry, ready, rounds } }) => {
    const last = rounds.at(-1);
    if (!ready || !last) return [entry.contestant, String(seed), ...Array<string>(8).fill('')];
    return [entry.contestant, String(seed), ...told(ready, tested), ...told(last, tested)];
  });
  console.log(
    formatTable(['', 'Seed', 'Head', 'Loss', 'Seconds', 'Peak', 'All layers', 'Loss', 'Seconds', 'Peak'], rows),
  );
});

function told({ accuracy, loss, seconds, peakBytes }: Tuned, count: number): string[] {
  const error = formatPercent(standardError(accuracy, count));
  return [
    `${formatPercent(accuracy)} ± ${error}`,
    loss.toFixed(4),
    seconds.toFixed(1),
    `${Math.round(peakBytes / 2 ** 20)} MiB`,
  ];
}

/** So many, spread over all. */
function evenly(examples: Examples, count: number): Examples {
  const step = Math.max(1, examples.y.length / count);
  const order = Array.from({ length: Math.min(count, examples.y.length) }, (_, i) => Math.floor(i * step));
  return takeExamples(examples, Uint32Array.from(order));
}
