// npm run bench:parallel: what the parts of a step take that several machines take together, and from which bandwidth on it pays.
import { readFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { Option } from 'commander';
import { formatCount, formatTable } from '../src/base/table.js';
import { builtinDigits } from '../src/data/index.js';
import { adam, networks, type Model } from '../src/index.js';
import { availableCores } from '../src/node/threads/cores.js';
import { command, run, useVectors, vectorsOption, whole } from '../src/node/cli/command.js';
import { writeFileAtomic } from '../src/node/files/files.js';
import { workers } from '../src/node/index.js';
import { addSegments, applySegments, segmentGradients, sumSegments, type Segment } from '../src/parallel/index.js';
import { recipes } from '../src/recipes/index.js';
import { inBench } from './benchFolder.js';
import { colored } from './examples.js';
import { median } from './figures.js';
import { busyCores, thisMachine } from './machine.js';
import { markdownTable, withReport } from './report.js';
import { commit, QUIET, saveResults } from './results.js';

interface ParallelOptions {
  rounds: number;
  only?: (keyof typeof SETUPS)[];
  threads: number;
  vectors?: '128' | '256';
  save?: true;
}

interface Setup {
  readonly title: string;
  readonly shape: readonly [number, number, number];
  readonly batchSize: number;
  readonly make: (inputShape: Setup['shape']) => Model;
}

/** Seconds, medians of the rounds. */
export interface Parts {
  readonly machines: number;
  /** Gradients of a machine's share of the batch. */
  readonly gradients: number;
  /** Making a message of a segment, and a segment of a message. */
  readonly pack: number;
  readonly unpack: number;
  /** Adding two segments. */
  readonly add: number;
  readonly apply: number;
  /** Size of a message. */
  readonly bytes: number;
}

export interface ParallelRow {
  readonly title: string;
  readonly batchSize: number;
  readonly weights: number;
  /** Seconds of a step of the whole batch on one machine. */
  readonly step: number;
  readonly parts: readonly Parts[];
}

const SETUPS = {
  reference: {
    title: 'reference network, 28 × 28',
    shape: [28, 28, 1],
    batchSize: 128,
    make: (inputShape) => networks.reference({ inputShape }),
  },
  best: {
    title: "the recipe best's, 28 × 28",
    shape: [28, 28, 1],
    batchSize: 128,
    make: (inputShape) => recipes.best.network!({ inputShape }),
  },
  mobileNetV2: {
    title: 'MobileNetV2, 96 × 96',
    shape: [96, 96, 3],
    batchSize: 32,
    make: (inputShape) => networks.mobileNetV2({ inputShape, classes: 10 }),
  },
  resNet18: {
    title: 'ResNet-18, 64 × 64',
    shape: [64, 64, 3],
    batchSize: 32,
    make: (inputShape) => networks.resNet18({ inputShape, classes: 10 }),
  },
} as const satisfies Record<string, Setup>;
const MACHINES = [2, 4, 8];
const WARM_UP = 2;
/** In bytes a second. */
const BANDWIDTHS = { '1 Gbit/s': 125e6, '10 Gbit/s': 1250e6 };
const DOCS = inBench('../docs/many-machines.md');

const program = command(
  'bench:parallel',
  'Measures the parts of a step that several machines take together, and computes from which bandwidth on they are faster than one.',
)
  .option('--rounds <n>', 'steps of each network; medians are taken over them', whole(1), 9)
  .addOption(new Option('--only <networks...>', 'these networks only').choices(Object.keys(SETUPS)))
  .option('--threads <n>', 'threads of a machine', whole(1), availableCores())
  .option('--save', 'write them to bench/results/parallel/ and into the table of docs/many-machines.md')
  .addOption(vectorsOption());

await run<ParallelOptions>(program, async ({ rounds, only, threads, vectors, save }) => {
  const load = await busyCores();
  if (load > QUIET) console.error(`other programs keep ${load.toFixed(1)} cores busy: all figures will suffer`);
  const about = { date: new Date().toISOString(), commit: commit(), node: process.version, load, threads };
  const width = useVectors(vectors);
  const rows: ParallelRow[] = [];
  for (const name of only ?? (Object.keys(SETUPS) as (keyof typeof SETUPS)[])) {
    console.error(`${name}: ${rounds} steps on 1, 2, 4 and 8 machines, one after another on this one`);
    rows.push(await measure(SETUPS[name], rounds, threads));
  }
  const table = tableOf(rows);
  console.log(formatTable(table[0]!, table.slice(1), []));
  if (!save) return;
  const machine = thisMachine();
  const results = { ...about, vectors: width, machine, rows };
  const path = await saveResults(results, 'results/parallel');
  const on = `Machines as this one: ${threads} threads, ${machine.cpu}, Node ${process.version.slice(1)}, vectors of ${width} bits.`;
  const text = `${markdownTable(table[0]!, table.slice(1)).join('\n')}\n\n${on}`;
  await writeFileAtomic(DOCS, withReport(readFileSync(DOCS, 'utf8'), text, 'bench:parallel'));
  console.log(`Wrote ${path} and ${DOCS}`);
});

async function measure(setup: Setup, rounds: number, threads: number): Promise<ParallelRow> {
  const { title, shape, batchSize, make } = setup;
  const { train } = builtinDigits({ trainCount: batchSize, testCount: 10 });
  const pixels = train.x.data as Uint8Array;
  const data = shape[2] === 1 ? pixels : colored(pixels, batchSize, shape);
  const size = data.length / batchSize;
  /** A model for so many examples at a time. */
  const planned = async (count: number): Promise<Model> => {
    const model = make(shape);
    model.compile({
      optimizer: adam(),
      loss: 'categoricalCrossentropy',
      batchSize: count,
      workers: await workers(threads),
    });
    return model;
  };
  const whole = await planned(batchSize);
  const step = await times(rounds, async () => {
    await whole.trainOnBatch({ data, shape: [batchSize, ...shape] }, train.y);
  });
  const parts: Parts[] = [];
  for (const machines of MACHINES) {
    const count = batchSize / machines;
    const model = await planned(count);
    const timed: Record<'gradients' | 'pack' | 'unpack' | 'add' | 'apply', number[]> = {
      gradients: [],
      pack: [],
      unpack: [],
      add: [],
      apply: [],
    };
    let bytes = 0;
    for (let round = -WARM_UP; round < rounds; round++) {
      const at = async <T>(part: keyof typeof timed, work: () => T | Promise<T>): Promise<T> => {
        const began = performance.now();
        const result = await work();
        if (round >= 0) timed[part].push((performance.now() - began) / 1000);
        return result;
      };
      const segments: Segment[] = [];
      for (let from = 0; from < batchSize; from += count) {
        const x = { data: data.subarray(from * size, (from + count) * size), shape: [count, ...shape] };
        const y = train.y.subarray(from, from + count);
        segments.push(await at('gradients', () => segmentGradients(model, x, y, { from, of: batchSize })));
      }
      const message = await at('pack', () => serialize(segments[1]));
      const received = await at('unpack', () => deserialize(message) as Segment);
      await at('add', () => addSegments(segments[0]!, received));
      const sum = sumSegments(segments);
      await at('apply', () => applySegments(model, sum));
      bytes = message.length;
    }
    const medians = Object.fromEntries(Object.entries(timed).map(([part, seconds]) => [part, median(seconds)]));
    parts.push({ machines, ...(medians as Record<keyof typeof timed, number>), bytes });
  }
  return { title, batchSize, weights: whole.countParams(), step, parts };
}

/** The median of the seconds that it takes. */
async function times(rounds: number, work: () => Promise<void>): Promise<number> {
  const seconds: number[] = [];
  for (let round = -WARM_UP; round < rounds; round++) {
    const began = performance.now();
    await work();
    if (round >= 0) seconds.push((performance.now() - began) / 1000);
  }
  return median(seconds);
}

/** Seconds of a step without what the network takes: gradients + rounds × (pack + unpack + add) + apply. */
function computing({ machines, gradients, pack, unpack, add, apply }: Parts): number {
  return gradients + Math.log2(machines) * (pack + unpack + add) + apply;
}

/** Bytes that a machine sends in a step, in log2(machines) rounds in which pairs exchange theirs. */
function sent({ machines, bytes }: Parts): number {
  return Math.log2(machines) * bytes;
}

function tableOf(rows: readonly ParallelRow[]): string[][] {
  const head = ['Network, batch', 'Weights', 'Step alone', 'Machines', 'Sent a step', 'Pays from'];
  const faster = (step: number, seconds: number): string => `${(step / seconds).toFixed(2)} ×`;
  return [
    [...head, ...Object.keys(BANDWIDTHS).map((name) => `at ${name}`), 'at most'],
    ...rows.flatMap(({ title, batchSize, weights, step, parts }) =>
      parts.map((each, i) => {
        const spare = step - computing(each);
        return [
          ...(i === 0
            ? [`${title}, ${batchSize}`, formatCount(weights), `${(1000 * step).toFixed(1)} ms`]
            : ['', '', '']),
          String(each.machines),
          `${(sent(each) / 1e6).toFixed(1)} MB`,
          spare > 0 ? `${((8 * sent(each)) / spare / 1e9).toFixed(2)} Gbit/s` : 'never',
          ...Object.values(BANDWIDTHS).map((bandwidth) => faster(step, computing(each) + sent(each) / bandwidth)),
          faster(step, computing(each)),
        ];
      }),
    ),
  ];
}
