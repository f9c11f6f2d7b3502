// What may be said of one picture: the class that a network reads, or that it is not sure.
import { check } from '../base/errors.js';

/** Below this probability an answer is unsure. `npm run train -- --epochs 2`: of MNIST's 10,000 test images 81 of 101 errors and 215 of 9,899 right answers. */
const SURE_FROM = 0.9;

/** What is read, or that it is not sure. */
export interface Verdict {
  /** The most probable class. */
  readonly digit: number;
  readonly probability: number;
  /** The next one. */
  readonly runnerUp: number;
  /** Whether the probability is at least 0.9 and nothing speaks against it. */
  readonly sure: boolean;
  /** For people: 'Read as 7', or 'Not sure: perhaps a 7 (62 %), or a 1'. */
  readonly sentence: string;
}

/**
 * `probabilities`: one a class, as `predict` returns them. `doubts`: those of `prepareDigit` or `normalizeDigit`.
 * `classNames`: where the classes are not the digits.
 *
 * @example
 * ```js
 * import { verdictOf } from 'wasm-cnn/data';
 *
 * const probabilities = [0, 0, 0, 0.96, 0, 0, 0, 0, 0.04, 0];
 * verdictOf(probabilities); // { digit: 3, sure: true }
 * ```
 */
export function verdictOf(
  probabilities: ArrayLike<number>,
  doubts: readonly string[] = [],
  classNames?: readonly string[],
): Verdict {
  const shares = Array.from(probabilities);
  check(
    shares.length >= 2,
    () =>
      `verdictOf needs a probability for each of at least two classes, got ${shares.length}; give it one row of what predict returns`,
  );
  // Averages of probabilities may round to a little more than 1.
  const bad = shares.findIndex((share) => !(share >= 0 && share <= 1.000001));
  check(
    bad === -1,
    () =>
      `verdictOf needs probabilities between 0 and 1, got ${shares[bad]} for class ${bad}; give it what a network with softmax predicts`,
  );
  const [digit, runnerUp] = shares.map((_, i) => i).sort((a, b) => shares[b]! - shares[a]! || a - b) as [
    number,
    number,
  ];
  const probability = shares[digit]!;
  const likely = probability >= SURE_FROM;
  const sure = likely && doubts.length === 0;
  const name = (i: number): string => classNames?.[i] ?? (classNames ? String(i) : `${i === 8 ? 'an' : 'a'} ${i}`);
  // What is under 90 % does not read as 90 %.
  const guess = likely
    ? name(digit)
    : `${name(digit)} (${Math.min(89, Math.round(100 * probability))} %), or ${name(runnerUp)}`;
  const sentence = sure
    ? `Read as ${classNames?.[digit] ?? digit}`
    : `Not sure: perhaps ${[guess, ...doubts].join('; ')}`;
  return { digit, probability, runnerUp, sure, sentence };
}
