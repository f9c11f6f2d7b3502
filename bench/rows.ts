// The rows of the bench: what stands against what, what it must and should reach, and whether it does.
import { BROWSERS } from './browsers.js';
import { setups } from './examples.js';
import {
  FUSED,
  KERAS,
  median,
  moreIsBetter,
  OURS,
  PYTORCH,
  PYTORCH_BF16,
  PYTORCH_COMPILED,
  TFJS_CPU,
  TFJS_WEBGL,
  type Figure,
} from './figures.js';

interface Targets {
  /** On Node 22 and later. */
  readonly must?: number;
  readonly aim?: number;
  /** Node 20 has no vectors of 256 bits. */
  readonly mustOnNode20?: number;
}

export interface Row extends Targets {
  readonly what: string;
  /** The measure that both sides have. */
  readonly measure: string;
  readonly contestant: string;
  readonly threads: number;
  /** Contestants of which the best counts. With them the row's value says how many times as fast ours is; without, the value is ours. */
  readonly against?: readonly string[];
  /** The threads that those have; default: as many as ours. */
  readonly againstThreads?: number;
}

/** Rows that the README shows, too. */
export function isHeadline({ what, against = [] }: Row): boolean {
  const [first] = against;
  if (first === PYTORCH) return /^training, .*, 2 threads$/.test(what) && !what.includes('strided');
  return (
    (first === KERAS && what === 'training, reference network, 2 threads') ||
    (first === 'onnxruntime-node' && what === 'inference, 1000 images, 1 thread')
  );
}

export interface Judgment {
  readonly row: Row;
  /** 'Node 26', where it was measured on several. */
  readonly node: string | undefined;
  readonly must: number | undefined;
  readonly aim: number | undefined;
  readonly ours: Figure;
  readonly theirs: Figure | undefined;
  /** Undefined where the other side failed or did not take part. */
  readonly value: number | undefined;
  readonly verdict: 'aim reached' | 'must reached' | 'MISSED' | '';
}

const ANY_PYTORCH = [PYTORCH, PYTORCH_COMPILED];

const threadsText = (threads: number): string => (threads === 1 ? '1 thread' : `${threads} threads`);

const training = (
  network: keyof typeof setups,
  threads: number,
  against: readonly string[],
  targets?: Targets,
): Row => ({
  what: `training, ${setups[network].title}, ${threadsText(threads)}`,
  measure: `training, ${setups[network].title}`,
  contestant: OURS,
  threads,
  against,
  ...targets,
});

const inference = (images: string, against: string, targets?: Targets): Row => ({
  what: `inference, ${images}, 1 thread`,
  measure: `inference, ${images}`,
  contestant: OURS,
  threads: 1,
  against: [against],
  ...targets,
});

const inBrowser = (browser: string, threads: number, against: string): Row => ({
  what: `training in ${browser}, reference network, ${threadsText(threads)}`,
  measure: `training in ${browser}, reference network`,
  contestant: OURS,
  threads,
  against: [against],
  againstThreads: 1,
});

const alone = (what: string, threads: number, targets?: Targets): Row => ({
  what,
  measure: what,
  contestant: OURS,
  threads,
  ...targets,
});

const onBoth = (row: (threads: number) => Row): Row[] => [1, 2].map(row);

export const rows: readonly Row[] = [
  ...onBoth((threads) => training('reference', threads, ANY_PYTORCH, { must: 1.8, aim: 2.3, mustOnNode20: 1.2 })),
  ...onBoth((threads) => training('classic', threads, ANY_PYTORCH, { must: 1.6, aim: 2, mustOnNode20: 1.1 })),
  ...onBoth((threads) => training('strided', threads, ANY_PYTORCH, { must: 1.1, aim: 1.3, mustOnNode20: 0.65 })),
  ...onBoth((threads) => training('reference', threads, [KERAS], { must: 1.5, aim: 1.8, mustOnNode20: 1 })),
  ...onBoth((threads) => training('classic', threads, [KERAS], { must: 1.3, aim: 1.6, mustOnNode20: 0.9 })),
  ...onBoth((threads) => training('strided', threads, [KERAS], { must: 1, aim: 1.2, mustOnNode20: 0.6 })),
  ...(['resnet20', 'mobileNetV2'] as const).flatMap((network) =>
    onBoth((threads) =>
      training(network, threads, [...ANY_PYTORCH, KERAS], { must: 0.9, aim: 1.3, mustOnNode20: 0.5 }),
    ),
  ),
  training('reference', 1, ['jax-js']),
  training('reference', 1, ['TF.js wasm']),
  training('reference', 1, [TFJS_CPU]),
  // Ours against ours.
  {
    ...training('reference', 2, [OURS], { must: 1.65, aim: 1.9, mustOnNode20: 1.65 }),
    what: 'training, reference network, 2 threads against 1',
    againstThreads: 1,
  },
  {
    ...training('reference', 1, [OURS], { must: 1.1, mustOnNode20: 1.1 }),
    what: 'training, reference network, fused kernels, 1 thread',
    contestant: FUSED,
  },
  ...['one image', '1000 images'].flatMap((images) => [
    inference(images, 'onnxruntime-node', { must: 1, aim: 1.3, mustOnNode20: 0.7 }),
    inference(images, 'onnxruntime-web', { must: 4, aim: 6, mustOnNode20: 3.5 }),
    inference(images, PYTORCH),
  ]),
  ...Object.keys(BROWSERS).flatMap((browser) => [
    inBrowser(browser, 1, TFJS_WEBGL),
    inBrowser(browser, 2, TFJS_WEBGL),
    inBrowser(browser, 1, 'TF.js wasm'),
    inBrowser(browser, 1, TFJS_CPU),
  ]),
  alone('`npm run train`, 2 threads, start to end', 2, { must: 7, aim: 5, mustOnNode20: 10 }),
  alone('`npm run train`, test accuracy, seed by seed', 2, { must: 99, mustOnNode20: 99 }),
  alone('`npm run train`, start to first step', 2, { must: 1, aim: 0.5, mustOnNode20: 1 }),
  alone('`npm run train`, peak memory', 2, { must: 200, aim: 150, mustOnNode20: 200 }),
  alone('`npm run train -- --data builtin`, accuracy on MNIST', 2),
  alone('browser bundle, everything', 1, { must: 80, aim: 40 }),
  alone('browser bundle, sequential, layers of the README and adam', 1, { must: 60 }),
  ...onBoth((threads) => ({
    ...training('reference', threads, []),
    what: `training, reference network, ${threadsText(threads)}: PyTorch in bfloat16, another precision, so not compared`,
    contestant: PYTORCH_BF16,
    against: undefined,
  })),
];

/** A judgment of each row for each Node on which our side was measured. */
export function judge(figures: readonly Figure[]): Judgment[] {
  return rows.flatMap((row) => {
    const find = (contestant: string, threads: number): Figure[] =>
      figures.filter(
        (figure) => figure.measure === row.measure && figure.contestant === contestant && figure.threads === threads,
      );
    return find(row.contestant, row.threads).map((ours) => {
      const others = row.against
        ?.flatMap((contestant) => find(contestant, row.againstThreads ?? row.threads))
        .filter(({ node }) => node === undefined || node === ours.node);
      const theirs = others && best(others);
      const value = row.against ? theirs && ratio(ours, theirs) : typical(ours);
      const must = ours.node === 'Node 20' ? row.mustOnNode20 : row.must;
      const aim = ours.node === 'Node 20' ? undefined : row.aim;
      return { row, node: ours.node, must, aim, ours, theirs, value, verdict: verdict(row, must, aim, ours, value) };
    });
  });
}

/** Accuracy is not speed: the worst run counts. */
export function typical({ unit, rounds }: Figure): number {
  return unit === '%' ? Math.min(...rounds) : median(rounds);
}

/** The best of those that did not fail, if there is one. */
function best(figures: readonly Figure[]): Figure | undefined {
  const [first, ...rest] = [...figures].sort((a, b) => Number(b.rounds.length > 0) - Number(a.rounds.length > 0));
  return rest
    .filter(({ rounds }) => rounds.length > 0)
    .reduce((found, figure) => (found && ratio(figure, found)! > 1 ? figure : found), first);
}

/** How many times as fast ours is; undefined where the other failed. */
function ratio(ours: Figure, theirs: Figure): number | undefined {
  if (theirs.rounds.length === 0) return undefined;
  const times = typical(ours) / typical(theirs);
  return moreIsBetter(ours.unit) ? times : 1 / times;
}

function verdict(
  { against }: Row,
  must: number | undefined,
  aim: number | undefined,
  { unit }: Figure,
  value: number | undefined,
): Judgment['verdict'] {
  if (value === undefined || must === undefined) return '';
  const reaches = (target: number): boolean => (against || moreIsBetter(unit) ? value >= target : value <= target);
  if (aim !== undefined && reaches(aim)) return 'aim reached';
  return reaches(must) ? 'must reached' : 'MISSED';
}
