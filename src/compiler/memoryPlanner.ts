// Where buffers with known lifetimes go in one run of memory, so that those that never live together may share it. Greedy by size, as
// XNNPACK's memory planner: largest first, into the lowest gap that fits. Pure, with ties by position: the same buffers get the same places.

/** A buffer, and when it is in use: from the first to the last moment of each span, both included. */
export interface Interval {
  readonly bytes: number;
  readonly spans: readonly (readonly [from: number, to: number])[];
}

export interface Placement {
  /** Offset of each buffer, in the order given. */
  readonly offsets: readonly number[];
  readonly bytes: number;
}

/** A way to place buffers; tests have one that lets none share. */
export type PlaceIntervals = (intervals: readonly Interval[]) => Placement;

/** Offsets are multiples of it. */
const ALIGNMENT = 64;

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

function meet(a: Interval, b: Interval): boolean {
  return a.spans.some(([from, to]) => b.spans.some(([begin, end]) => from <= end && begin <= to));
}

export const placeIntervals: PlaceIntervals = (intervals) => {
  const offsets = intervals.map(() => 0);
  const placed: number[] = [];
  const order = intervals.map((_, i) => i).sort((a, b) => intervals[b]!.bytes - intervals[a]!.bytes || a - b);
  for (const i of order) {
    const taken = placed.filter((j) => meet(intervals[i]!, intervals[j]!)).sort((a, b) => offsets[a]! - offsets[b]!);
    let at = 0;
    for (const j of taken) {
      if (at + intervals[i]!.bytes <= offsets[j]!) break;
      at = Math.max(at, offsets[j]! + aligned(intervals[j]!.bytes));
    }
    offsets[i] = at;
    placed.push(i);
  }
  return { offsets, bytes: Math.max(0, ...intervals.map(({ bytes }, i) => offsets[i]! + aligned(bytes))) };
};
