// Where the figures of a training's epochs are drawn.

/** One epoch's figures; accuracies are shares 0 … 1. */
export interface EpochFigures {
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly valLoss?: number | undefined;
  readonly valAccuracy?: number | undefined;
  /** Steps within the epoch, the last one at its end, and the means over those since the one before. */
  readonly curve?:
    | { readonly steps: readonly number[]; readonly loss: readonly number[]; readonly accuracy: readonly number[] }
    | undefined;
}

export type Figure = 'loss' | 'accuracy' | 'valLoss' | 'valAccuracy';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Points of a figure, in epochs: those of training at steps within them, where every epoch has a curve. */
export function epochPoints(epochs: readonly EpochFigures[], figure: Figure): Point[] {
  const isTraining = figure === 'loss' || figure === 'accuracy';
  if (!isTraining || !hasCurves(epochs)) return epochs.map((each) => ({ x: each.epoch, y: each[figure] ?? NaN }));
  const all = epochs.flatMap(({ epoch, curve }) =>
    curve!.steps.map((step, i) => ({ x: epoch - 1 + step / curve!.steps.at(-1)!, y: curve![figure][i]! })),
  );
  return withoutStart(all);
}

/** The first steps begin at what chance gives, and would press the rest flat: they are left out until the curve enters the range of the rest. */
function withoutStart(points: readonly Point[]): Point[] {
  const rest = points.slice(Math.ceil(points.length / 20)).map(({ y }) => y);
  const [low, high] = [Math.min(...rest), Math.max(...rest)];
  const inside = points.findIndex(({ y }) => y >= low && y <= high);
  if (inside <= 0) return [...points];
  const [before, after] = [points[inside - 1]!, points[inside]!];
  const y = before.y > high ? high : low;
  const share = (y - before.y) / (after.y - before.y);
  return [{ x: before.x + share * (after.x - before.x), y }, ...points.slice(inside)];
}

export const hasCurves = (epochs: readonly EpochFigures[]): boolean => epochs.every(({ curve }) => curve !== undefined);
