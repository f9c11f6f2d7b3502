// The contract of a learning-rate schedule. Only + - * / (elementary.ts): the same rate on every host.
import { check, WasmCnnError } from '../base/errors.js';
import { checkNumber, checkOptions, describe, entryOf } from '../base/options.js';

/** A learning rate that changes with the step, as the functions of `schedules` make it. */
export interface Schedule {
  /** The learning rate of step t, which counts from 1. */
  at(t: number): number;
  /** What makes it again (see makeSchedule): a number, or options with a className. */
  getConfig(): unknown;
}

/** A number, a schedule, a function of the step, which counts from 0 as Keras', or what a schedule's getConfig gave. */
export type LearningRate = number | Schedule | ((step: number) => number) | ({ className: string } & object);

type MakeSchedule = (options: never) => Schedule;

const known: Record<string, MakeSchedule> = {};

/** Makes schedules known by their names. Each file does it: a page has the names of those that it imports. */
export function register(schedules: Record<string, MakeSchedule>): void {
  Object.assign(known, schedules);
}

export function makeSchedule(rate: LearningRate): Schedule {
  if (typeof rate === 'function')
    return { at: (t) => (rate as (step: number) => number)(t - 1), getConfig: refuseFunction };
  if (typeof rate === 'object' && rate !== null) {
    // An array has an at, too.
    if (typeof (rate as Schedule).at === 'function' && typeof (rate as Schedule).getConfig === 'function')
      return rate as Schedule;
    const { className } = rate as { className?: unknown };
    check(
      typeof className === 'string',
      () => `the learning rate must be a number above 0, a schedule or a function of the step, got ${describe(rate)}`,
    );
    return entryOf(known, className, 'learning-rate schedule')(rate as never);
  }
  checkRate(rate, 'the learning rate');
  return { at: () => rate, getConfig: () => rate };
}

function refuseFunction(): never {
  throw new WasmCnnError(
    'a function as learning rate cannot be saved; use a schedule of wasm-cnn, or save the model with includeOptimizer: false',
  );
}

/** What makes it again; null where it is, or holds, a function. */
export function scheduleConfig(schedule: Schedule): unknown {
  try {
    return schedule.getConfig();
  } catch {
    return null;
  }
}

/** Throws unless it is a number above 0 that f32, in which kernels have it, can hold. */
export function checkRate(rate: unknown, what: string): void {
  check(
    typeof rate === 'number' && rate > 0 && Math.fround(rate) < Infinity,
    () =>
      `${what} must be a number above 0${typeof rate === 'number' && rate > 1 ? ' and below 3.4e38' : ''}, got ${describe(rate)}`,
  );
}

/** Throws unless it is a finite number of at least 0. */
export function checkNotNegative(value: unknown, what: string): asserts value is number {
  checkNumber(value, (number) => number >= 0 && number < Infinity, `${what} must be a number of at least 0`);
}

/** Throws at an option that is not known; a saved schedule also names its class. */
export function checkNames(options: unknown, names: readonly string[], who: string): void {
  checkOptions(options, [...names, 'className'], who);
}

/** A schedule in Keras' form: `rate` of a step that counts from 0. `options` are all of its own. */
export function scheduleOf(className: string, options: object, rate: (step: number) => number): Schedule {
  return { at: (t) => rate(t - 1), getConfig: () => ({ className, ...options }) };
}
