// What the page shows of a fit under way: the figures of each batch, gathered for curves and speed.
import type { Callbacks, Logs } from 'wasm-cnn';

export interface Point {
  /** Images that the run has seen. */
  readonly x: number;
  readonly y: number;
}

/** Where a curve has more points than this, every second one goes. */
const MOST_POINTS = 800;
/** Weight of a new batch in the smoothed curves. */
const SMOOTHING = 0.15;

/** A curve that stays short however long the run is. */
export class Curve {
  points: Point[] = [];
  #every = 1;
  #count = 0;

  add(x: number, y: number): void {
    if (!Number.isFinite(y) || this.#count++ % this.#every !== 0) return;
    this.points.push({ x, y });
    if (this.points.length <= MOST_POINTS) return;
    this.points = this.points.filter((_, i) => i % 2 === 0);
    this.#every *= 2;
  }

  take(points: readonly Point[]): void {
    this.points = [...points];
  }
}

export interface SavedCurves extends Readonly<
  Record<'loss' | 'accuracy' | 'validationLoss' | 'testAccuracy', readonly Point[]>
> {
  /** Images of the whole run: the curves' full width. */
  readonly total: number;
}

export class Progress {
  readonly loss = new Curve();
  readonly accuracy = new Curve();
  readonly validationLoss = new Curve();
  readonly testAccuracy = new Curve();
  /** Smoothed, of the newest batches. */
  lossNow = NaN;
  accuracyNow = NaN;
  epoch = 0;
  /** Images seen in all epochs. */
  seen = 0;
  samplesPerSecond = NaN;
  readonly #size: { epochs: number; count: number; batchSize: number };
  #before: Readonly<Record<string, number>> = {};
  #seenBefore = 0;
  #window: { time: number; seen: number }[] = [];

  constructor(size: { epochs: number; count: number; batchSize: number }) {
    this.#size = size;
  }

  get epochs(): number {
    return this.#size.epochs;
  }

  get total(): number {
    return this.#size.epochs * this.#size.count;
  }

  /** The curves so far, to be kept. */
  get curves(): SavedCurves {
    return {
      loss: this.loss.points,
      accuracy: this.accuracy.points,
      validationLoss: this.validationLoss.points,
      testAccuracy: this.testAccuracy.points,
      total: this.total,
    };
  }

  /** Those of the same run, from before it was interrupted. */
  takeCurves(saved: SavedCurves): void {
    for (const name of ['loss', 'accuracy', 'validationLoss', 'testAccuracy'] as const) this[name].take(saved[name]);
    this.lossNow = saved.loss.at(-1)?.y ?? NaN;
    this.accuracyNow = saved.accuracy.at(-1)?.y ?? NaN;
    this.seen = saved.loss.at(-1)?.x ?? 0;
  }

  callback(onStep: () => void): Callbacks {
    const { count, batchSize } = this.#size;
    return {
      onTrainBegin: () => {
        this.#window = [];
      },
      onEpochBegin: (epoch) => {
        this.epoch = epoch;
        this.#before = {};
        this.#seenBefore = 0;
      },
      onBatchEnd: (batch, logs) => {
        const seen = Math.min(count, (batch + 1) * batchSize);
        this.#addBatch(seen, logs);
        onStep();
      },
      onEpochEnd: (epoch, logs) => {
        this.validationLoss.add((epoch + 1) * count, logs['val_loss'] ?? NaN);
        onStep();
      },
    };
  }

  /** fit gives means over the epoch so far; what the newest batch did is the difference of two sums. */
  #addBatch(seen: number, logs: Logs): void {
    const x = this.epoch * this.#size.count + seen;
    const size = seen - this.#seenBefore;
    const ofBatch = (name: string): number =>
      (logs[name]! * seen - (this.#before[name] ?? 0) * this.#seenBefore) / size;
    const smooth = (now: number, value: number): number =>
      Number.isFinite(now) ? now + SMOOTHING * (value - now) : value;
    // The first batch after a resume stands for all before it.
    this.lossNow = smooth(this.lossNow, ofBatch('loss'));
    this.accuracyNow = smooth(this.accuracyNow, ofBatch('accuracy'));
    this.loss.add(x, this.lossNow);
    this.accuracy.add(x, this.accuracyNow);
    this.#before = { ...logs };
    this.#seenBefore = seen;
    this.seen = x;
    this.#measureSpeed(x);
  }

  /** Over the last two seconds. */
  #measureSpeed(seen: number): void {
    const time = performance.now();
    this.#window.push({ time, seen });
    while (this.#window.length > 2 && time - this.#window[0]!.time > 2000) this.#window.shift();
    const first = this.#window[0]!;
    if (time - first.time > 100) this.samplesPerSecond = (1000 * (seen - first.seen)) / (time - first.time);
  }

  /** A pause is not slowness. */
  forgetSpeed(): void {
    this.#window = [];
  }
}
