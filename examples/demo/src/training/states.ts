// The callbacks with a state that a run of npm run train has. A checkpoint names them, and fit resumes only with the same:
// so the page has them, too, keeps what they know, and a run that comes home to Node finds its records whole.
import { swa, type Callbacks, type Model } from 'wasm-cnn';
import { averagingOf, epochRecords, makeEarlyStopping, runRecord, type RunSettings } from 'wasm-cnn/recipes';

export interface StatesAsked {
  /** Training examples. */
  readonly examples: number;
  /** The step of the checkpoint that the run resumes from, or null. */
  readonly resumedAt: number | null;
  readonly model: Model;
  /** Undefined for a checkpoint of another program. */
  readonly settings: RunSettings | undefined;
  /** The names of the states in the checkpoint; without one, those of a run of npm run train. */
  readonly names?: readonly string[] | undefined;
}

/** The callbacks, and the names of those that are only kept because this page does not know what they do. */
export function callbacksWithStates({ model, examples, resumedAt, settings, names }: StatesAsked): {
  callbacks: Callbacks[];
  unknown: string[];
} {
  const stopping = settings ? makeEarlyStopping(settings) : null;
  const known: Callbacks[] = [epochRecords(examples, settings), runRecord(resumedAt, performance.now())];
  const averaging = settings ? averagingOf(model, settings, examples) : null;
  if (averaging) known.push(swa(averaging));
  if (stopping) known.push(stopping);
  if (!names) return { callbacks: known, unknown: [] };
  const callbacks = names.map((name) => known.find((callback) => callback.name === name) ?? { name, state: {} });
  return { callbacks, unknown: names.filter((name) => !known.some((callback) => callback.name === name)) };
}
