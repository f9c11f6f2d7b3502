// State of a fit: plain data, which a checkpoint stores and from which a resumed fit continues, bit-identical.
import type { Numerics } from '../engine/build.js';
import { check, isPrintable } from '../base/errors.js';
import { isRecord } from '../base/options.js';
import { checkWhole } from '../base/shape.js';
import type { Session, Totals } from './session.js';
import { emptyTotals, logNames } from './steps.js';

/**
 * What a callback remembers. Plain objects, arrays, texts, numbers of any kind, undefined and typed arrays come back as they were; anything
 * else is refused when it is saved. Float32Arrays at the top level are kept as tensors, others as texts.
 */
export type CallbackState = Record<string, unknown>;

/** What `fit` returns. */
export interface History {
  /** Numbers of the epochs that were trained. */
  epoch: number[];
  /** Values of each epoch by name (loss, accuracy, val_loss, val_accuracy). */
  readonly history: Record<string, number[]>;
}

/** What fit was asked for, and is the same for the whole run. */
export interface FitSettings {
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly numerics: Numerics;
  /** Batches of a step. */
  readonly gradientAccumulationSteps: number;
  /** Null: all that there are. */
  readonly stepsPerEpoch: number | null;
  /** 0: none. */
  readonly validationSplit: number;
  readonly validationSplitMode: 'stratified' | 'tail';
  readonly validationFreq: number;
  /** Epochs that earlier fits have begun: the order of the examples continues behind theirs. */
  readonly epochsBefore: number;
  /** Alpha of mixUp, and the largest of cutMix; null: none. */
  readonly mixUp: number | null;
  readonly cutMix: number | null;
}

/** Those that earlier checkpoints do not have. */
export const usualSettings = {
  gradientAccumulationSteps: 1,
  stepsPerEpoch: null,
  validationSplit: 0,
  validationSplitMode: 'stratified',
  validationFreq: 1,
  epochsBefore: 0,
  mixUp: null,
  cutMix: null,
} satisfies Partial<FitSettings>;

/** Progress of a `fit`. */
export interface FitState extends FitSettings {
  readonly epochs: number;
  /** SHA-256 of x, y, their weights and validationData, or what fit was given for it; null where the host has no SHA-256 (a page without https). */
  readonly dataSha256: string | null;
  /** Training examples. */
  readonly count: number;
  /** The current epoch, from 0, and how many examples of its order were trained on. */
  epoch: number;
  seen: number;
  /** Whether a callback has ended it. */
  readonly stopTraining: boolean;
  /** Sums over those examples. */
  totals: Totals;
  /** History of the epochs before. */
  readonly history: History;
  /** States by the callbacks' names. */
  readonly callbacks: Readonly<Record<string, CallbackState>>;
}

/**
 * Throws unless it is what a fit of this session could have left: a resumed fit trusts it. What the callbacks remember is theirs to
 * check.
 */
export function checkFitState(value: unknown, session: Session): asserts value is FitState {
  check(isRecord(value), 'it is no object');
  const {
    epochs,
    batchSize,
    shuffle,
    seed,
    numerics,
    dataSha256,
    count,
    epoch,
    seen,
    stopTraining,
    totals,
    history,
    callbacks,
    gradientAccumulationSteps,
    stepsPerEpoch,
    validationSplit,
    validationSplitMode,
    validationFreq,
    epochsBefore,
    mixUp,
    cutMix,
  } = { ...usualSettings, ...value } as Record<string, unknown>;
  checkWhole(epochs, 'epochs');
  const size = checkWhole(batchSize, 'batchSize') * checkWhole(gradientAccumulationSteps, 'gradientAccumulationSteps');
  if (stepsPerEpoch !== null) checkWhole(stepsPerEpoch, 'stepsPerEpoch');
  check(
    typeof validationSplit === 'number' && validationSplit >= 0 && validationSplit < 1,
    'validationSplit must lie in [0, 1)',
  );
  check(
    validationSplitMode === 'stratified' || validationSplitMode === 'tail',
    "validationSplitMode must be 'stratified' or 'tail'",
  );
  const frequency = checkWhole(validationFreq, 'validationFreq');
  checkWhole(epochsBefore, 'epochsBefore', 0);
  for (const [name, alpha] of Object.entries({ mixUp, cutMix }))
    check(
      alpha === null || (typeof alpha === 'number' && alpha > 0 && alpha <= 1),
      `${name} must be null, or above 0 and at most 1`,
    );
  check(typeof shuffle === 'boolean', 'shuffle must be true or false');
  checkWhole(seed, 'seed', 0);
  check(numerics === 'exact' || numerics === 'fused', "numerics must be 'exact' or 'fused'");
  check(
    dataSha256 === null || (typeof dataSha256 === 'string' && /^[0-9a-f]{64}$/.test(dataSha256)),
    'dataSha256 is no SHA-256',
  );
  const all = checkWhole(count, 'count');
  checkWhole(epoch, 'epoch', 0);
  const position = checkWhole(seen, 'seen', 0);
  check(
    position <= all && (position % size === 0 || position === all),
    `seen must be a whole number of batches of ${size}, or all ${all} examples, got ${position}`,
  );
  check(typeof stopTraining === 'boolean', 'stopTraining must be true or false');
  checkTotals(totals, position > 0 ? emptyTotals(session) : {});
  checkHistory(history, epoch as number, logNames(session), frequency);
  check(isRecord(callbacks) && Object.values(callbacks).every(isRecord), 'callbacks must hold an object each');
}

/** Throws unless there are as many finite numbers as in `empty`, by the same names. */
function checkTotals(totals: unknown, empty: Totals): void {
  check(isRecord(totals) && Object.values(totals).flat().every(Number.isFinite), 'totals must be finite numbers');
  const names = Object.keys(empty);
  check(
    isSame(Object.keys(totals), names),
    `totals must be of [${names.join(', ')}], got [${Object.keys(totals).join(', ')}]`,
  );
  for (const [name, total] of Object.entries(empty)) {
    const given = totals[name];
    check(
      typeof total === 'number'
        ? typeof given === 'number'
        : Array.isArray(given) &&
            given.length === total.length &&
            given.every((n) => Number.isSafeInteger(n) && n >= 0),
      `totals of ${name} must be ${typeof total === 'number' ? 'a number' : `${total.length} counts`}`,
    );
  }
}

/** A value of each figure for each epoch so far, of val_ figures for each `frequency`th epoch or none, and of what callbacks add for some. */
function checkHistory(history: unknown, epoch: number, names: readonly string[], frequency: number): void {
  check(
    isRecord(history) && isNumbers(history.epoch) && isRecord(history.history),
    'history must have epoch and history',
  );
  const { epoch: epochs, history: lists } = history as unknown as History;
  const { length } = epochs;
  check(
    epochs.every((number, i) => number === epoch - length + i && number >= 0),
    `history must be of the epochs before ${epoch}, one after another`,
  );
  const validations = epochs.filter((number) => (number + 1) % frequency === 0).length;
  const validated = [...names, ...names.map((name) => `val_${name}`)];
  for (const [name, values] of Object.entries(lists)) {
    const wanted = name.startsWith('val_') ? validations : length;
    const fits = isNumbers(values) && (validated.includes(name) ? values.length === wanted : values.length <= length);
    check(fits, `history's ${name} must have ${wanted} numbers`);
  }
  const found = Object.keys(lists).filter((name) => validated.includes(name) || !isPrintable(name));
  check(
    length === 0 ? found.length === 0 : isSame(found, names) || (validations > 0 && isSame(found, validated)),
    () => `history must be of [${validated.join(', ')}], got [${found.join(', ')}]`,
  );
}

function isSame(found: readonly string[], expected: readonly string[]): boolean {
  return found.length === new Set(expected).size && expected.every((name) => found.includes(name));
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(Number.isFinite);
}
