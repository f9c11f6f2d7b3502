// The contract of a learning-rate schedule. Only + - * / : the same rate on every host.
import { check } from '../base/errors.js';

export interface Schedule {
  /** The learning rate of step t, which counts from 1. */
  at(t: number): number;
  /** What makes it again (see makeSchedule): a number, or options with a className. */
  getConfig(): unknown;
}

export function checkRate(rate: unknown, what: string): void {
  check(
    typeof rate === 'number' && Number.isFinite(rate) && rate > 0,
    () => `${what} must be a number above 0, got ${String(rate)}`,
  );
}
