// What fit trains and validates on, batch by batch.
import type { Logs, Session, Totals } from './session.js';
import { meansOf, type PlainExamples } from './steps.js';

/** The examples of one step, or of one batch of the validation. */
export interface Batch {
  /** Place of the first one in the epoch's order. */
  readonly start: number;
  readonly count: number;
  /** Null where the executor holds them. */
  readonly examples: PlainExamples | null;
  /** Memory of theirs that may go to another thread. */
  readonly transfer: readonly ArrayBuffer[];
}

export interface Feed {
  /** Null for batches of which nothing is known before. */
  readonly count: number | null;
  /** What the executor is to hold; null where batches bring their own. */
  readonly held: PlainExamples | null;
  /** What stands for such examples where data are compared. Missing where nothing tells whether they are the same again. */
  readonly identity?: () => Promise<PlainExamples>;
  /** Batches from example `seen` of this epoch on. */
  batches(epoch: number, seen: number): AsyncIterable<Batch> | Iterable<Batch>;
}

/** Means over all examples of a feed. `evaluate` adds a batch's loss and metrics to the totals; null: those of all that is held. */
export async function meansOfFeed(
  feed: Feed,
  session: Session,
  evaluate: (batch: Batch | null, totals: Totals) => Promise<Totals>,
): Promise<Logs> {
  if (feed.held) return meansOf(session, await evaluate(null, {}), feed.count!);
  let [totals, seen]: [Totals, number] = [{}, 0];
  for await (const batch of feed.batches(0, 0)) {
    totals = await evaluate(batch, totals);
    seen += batch.count;
  }
  return meansOf(session, totals, seen);
}
