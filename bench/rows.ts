// The rows of the bench: what stands against what, what it must and should reach, and whether it does.
import { FUSED, median, moreIsBetter, OURS, TFJS_CPU, type Figure } from './figures.js';

export interface Row {
  readonly what: string;
  /** Of the figures on both sides. */
  readonly measure: string;
  /** Contestant and threads. */
  readonly ours: readonly [string, number];
  /** With it the row's value says how many times as fast ours is; without it the value is ours. */
  readonly against?: readonly [string, number];
  readonly must?: number;
  readonly aim?: number;
}

export interface Judgement {
  readonly row: Row;
  readonly ours: Figure;
  readonly theirs: Figure | undefined;
  /** Undefined where the other side failed or did not take part. */
  readonly value: number | undefined;
  readonly verdict: 'aim reached' | 'must reached' | 'MISSED' | '';
}

type Targets = Pick<Row, 'must' | 'aim'>;

const training = (network: string, threads: number, contestant: string, targets?: Targets): Row => ({
  what: `training, ${network} network, ${threads === 1 ? '1 thread' : `${threads} threads`}`,
  measure: `training, ${network} network`,
  ours: [OURS, threads],
  against: [contestant, threads],
  ...targets,
});

const inference = (images: string, contestant: string, targets?: Targets): Row => ({
  what: `inference, ${images}, 1 thread`,
  measure: `inference, ${images}`,
  ours: [OURS, 1],
  against: [contestant, 1],
  ...targets,
});

const alone = (what: string, threads: number, targets?: Targets): Row => ({
  what,
  measure: what,
  ours: [OURS, threads],
  ...targets,
});

export const rows: readonly Row[] = [
  training('reference', 1, 'PyTorch', { must: 1.8, aim: 2.5 }),
  training('reference', 2, 'PyTorch', { must: 1.7, aim: 2.5 }),
  training('classic', 1, 'PyTorch', { must: 1.2, aim: 2 }),
  training('classic', 2, 'PyTorch', { must: 1.2, aim: 2 }),
  training('strided', 1, 'PyTorch', { must: 0.8, aim: 1.2 }),
  training('strided', 2, 'PyTorch', { must: 0.8, aim: 1.2 }),
  training('reference', 1, 'jax-js'),
  training('reference', 1, 'TF.js wasm'),
  training('reference', 1, TFJS_CPU),
  // Ours against ours.
  {
    what: 'training, reference network, 2 threads against 1',
    measure: 'training, reference network',
    ours: [OURS, 2],
    against: [OURS, 1],
    must: 1.65,
    aim: 1.9,
  },
  {
    what: 'training, reference network, fused kernels, 1 thread',
    measure: 'training, reference network',
    ours: [FUSED, 1],
    against: [OURS, 1],
    must: 1.1,
  },
  inference('one image', 'onnxruntime-node', { must: 0.7, aim: 1.2 }),
  inference('one image', 'onnxruntime-web', { must: 3, aim: 5 }),
  inference('one image', 'PyTorch'),
  inference('1000 images', 'onnxruntime-node', { must: 0.7, aim: 1.2 }),
  inference('1000 images', 'onnxruntime-web', { must: 3, aim: 5 }),
  inference('1000 images', 'PyTorch'),
  alone('`npm run train`, 2 threads, start to end', 2, { must: 40, aim: 15 }),
  alone('`npm run train`, test accuracy, seed by seed', 2, { must: 99 }),
  alone('`npm run train`, start to first step', 2, { must: 1, aim: 0.5 }),
  alone('`npm run train`, peak memory', 2, { must: 300, aim: 180 }),
  alone('`npm run train -- --data builtin`, accuracy on MNIST', 2),
  alone('browser bundle, everything', 1, { must: 80, aim: 40 }),
  alone('browser bundle, sequential, layers and adam', 1),
];

/** All rows of which our side was measured. */
export function judge(figures: readonly Figure[]): Judgement[] {
  const find = (measure: string, [contestant, threads]: readonly [string, number]): Figure | undefined =>
    figures.find(
      (figure) => figure.measure === measure && figure.contestant === contestant && figure.threads === threads,
    );
  return rows.flatMap((row) => {
    const ours = find(row.measure, row.ours);
    if (!ours) return [];
    const theirs = row.against && find(row.measure, row.against);
    const value = row.against ? theirs && ratio(ours, theirs) : typical(ours);
    return [{ row, ours, theirs, value, verdict: verdict(row, ours, value) }];
  });
}

/** Accuracy is not speed: the worst run counts. */
export function typical({ unit, rounds }: Figure): number {
  return unit === '%' ? Math.min(...rounds) : median(rounds);
}

/** How many times as fast ours is; undefined where the other failed. */
function ratio(ours: Figure, theirs: Figure): number | undefined {
  if (theirs.rounds.length === 0) return undefined;
  const times = typical(ours) / typical(theirs);
  return moreIsBetter(ours.unit) ? times : 1 / times;
}

function verdict({ against, must, aim }: Row, { unit }: Figure, value: number | undefined): Judgement['verdict'] {
  if (value === undefined || must === undefined) return '';
  const reaches = (target: number): boolean => (against || moreIsBetter(unit) ? value >= target : value <= target);
  if (aim !== undefined && reaches(aim)) return 'aim reached';
  return reaches(must) ? 'must reached' : 'MISSED';
}
