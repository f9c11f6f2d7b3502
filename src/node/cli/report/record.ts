// What a model file says of the run that made it. Anybody may have written it: what is not as a run writes it is left out.
import { isRecord } from '../../../base/options.js';
import { formatCount } from '../../../base/table.js';
import { isEpochRecord, type EpochRecord } from '../../../recipes/records.js';

export interface ReportedRun {
  /** A record for each epoch, from 1. */
  readonly epochs: readonly EpochRecord[];
  /** What it was told, and how it was done, as people read it. */
  readonly settings: readonly (readonly [name: string, value: string])[];
  readonly seed: number | null;
  readonly seconds: number | null;
}

/** `history`: what history.json says beside the model's own facts, or null. */
export function reportedRun(facts: unknown, history: unknown): ReportedRun {
  const given = { ...(isRecord(facts) ? facts : {}), ...(isRecord(history) ? history : {}) };
  const settings = isRecord(given['settings']) ? given['settings'] : {};
  const { epochs, threads, vectors, node, resumedAt, bestEpoch, checkpoints, totalSeconds, planBytes } = given;
  const number = (value: unknown): string | null => (typeof value === 'number' ? formatCount(value) : null);
  const steps = Array.isArray(checkpoints) ? checkpoints.flatMap((each) => (isRecord(each) ? [each['step']] : [])) : [];
  const stops = Array.isArray(resumedAt) ? resumedAt.filter(Number.isSafeInteger) : [];
  const told: readonly (readonly [string, string | null])[] = [
    ['Epochs', number(settings['epochs'])],
    ['Images in a step', number(settings['batchSize'])],
    ['Peak learning rate', typeof settings['learningRate'] === 'number' ? String(settings['learningRate']) : null],
    ['Seed', typeof settings['seed'] === 'number' ? String(settings['seed']) : null],
    ['Arithmetic', typeof settings['numerics'] === 'string' ? settings['numerics'] : null],
    [
      'Patience of early stopping',
      typeof settings['earlyStopping'] === 'number' ? `${settings['earlyStopping']} epochs` : null,
    ],
    ['Weights of epoch', typeof bestEpoch === 'number' ? String(bestEpoch) : null],
    ['Steps', number(Math.max(...steps.filter((step): step is number => typeof step === 'number')))],
    ['Resumed after step', stops.length > 0 ? stops.join(', ') : null],
    ['Threads', number(threads)],
    ['Bits of the vectors', number(vectors)],
    ['Planned memory in bytes', number(planBytes)],
    ['Node', typeof node === 'string' ? node : null],
  ];
  return {
    epochs: Array.isArray(epochs) && epochs.every(isEpochRecord) ? epochs : [],
    settings: told.flatMap(([name, value]) =>
      value === null || value === '-Infinity' ? [] : [[name, value] as const],
    ),
    seed: typeof settings['seed'] === 'number' ? settings['seed'] : null,
    seconds: typeof totalSeconds === 'number' && Number.isFinite(totalSeconds) ? totalSeconds : null,
  };
}
