// Options that normalizing layers have in common.
import { check } from '../base/errors.js';
import { describe } from '../base/options.js';
import type { Shape } from '../base/shape.js';

/** Keras' default. */
export const EPSILON = 1e-3;

export function isEpsilon(value: number): boolean {
  return value > 0 && value < Infinity;
}

/** Default true. */
export function checkSwitch(value: unknown, what: string): boolean {
  check(
    value === undefined || typeof value === 'boolean',
    () => `${what} must be true or false, got ${describe(value)}`,
  );
  return (value as boolean | undefined) ?? true;
}

/** Throws unless the axis, which counts the batch's as Keras does, is the last one. */
export function checkLastAxis(axis: number, input: Shape, who: string): void {
  check(
    axis === -1 || axis === input.length,
    () => `${who} needs axis -1, the last one, got ${axis}; arrays are [n, height, width, channels] here`,
  );
}
