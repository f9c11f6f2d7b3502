// Whether an image is like any digit of a class that the network learns from. A softmax is sure of letters, too: of 154 drawn letters and
// figures that the reference network of the page read with more than 90 %, this doubts 143; of 205 digits drawn in the same way that it
// read rightly 2, of 55 from photographs 5, and of the 6 from photographs that it read wrongly 5. What passes is much like some people's
// digits: an R like a 2, a question mark like a 7.
import type { Examples } from 'wasm-cnn/data';
import { strokeDirections } from './strokeDirections.js';

/** Digits that others are compared with, and those that say how far apart digits are; both come in any order. */
const MOST_LEARNED = 12000,
  MOST_JUDGED = 2000;
/** The third nearest: one odd example is no witness. */
const NEAREST = 3;
/** This share of a class' test digits is as far from it as what is doubted: each class has its own distance, as 1s differ less than 2s. */
const DOUBTED = 0.1;
/** After so long, the page may do other things. */
const AT_ONCE_MS = 8;

export class Likeness {
  /** By class: vectors of length 1, one after the other. */
  readonly #learned: readonly Float32Array[];
  /** By class. */
  readonly #farthest: readonly number[];

  private constructor(learned: readonly Float32Array[], farthest: readonly number[]) {
    this.#learned = learned;
    this.#farthest = farthest;
  }

  /** Takes about a second; lets the page do other things between. */
  static async of(train: Examples, test: Examples): Promise<Likeness> {
    const rest = resting();
    const classes = Array.from({ length: 10 }, () => [] as Float32Array[]);
    for (let i = 0; i < Math.min(MOST_LEARNED, train.y.length); i++) {
      classes[train.y[i]!]?.push(strokeDirections(imageAt(train, i)));
      const pause = rest();
      if (pause) await pause;
    }
    const learned = classes.map(oneAfterTheOther);
    const distances = Array.from({ length: 10 }, () => [] as number[]);
    for (let i = 0; i < Math.min(MOST_JUDGED, test.y.length); i++) {
      distances[test.y[i]!]!.push(distance(strokeDirections(imageAt(test, i)), learned[test.y[i]!]!));
      const pause = rest();
      if (pause) await pause;
    }
    const farthest = distances.map(
      (all) => all.sort((a, b) => a - b)[Math.floor((1 - DOUBTED) * (all.length - 1))] ?? Infinity,
    );
    return new Likeness(learned, farthest);
  }

  /** `image`: 28 × 28 bytes. */
  isLike(image: Uint8Array, digit: number): boolean {
    return distance(strokeDirections(image), this.#learned[digit]!) <= this.#farthest[digit]!;
  }
}

/** To be called, and awaited if it gives anything, between two images. */
function resting(): () => Promise<void> | void {
  let since = performance.now();
  return () => {
    if (performance.now() - since < AT_ONCE_MS) return;
    return new Promise((resolve) =>
      setTimeout(() => {
        since = performance.now();
        resolve();
      }),
    );
  };
}

function imageAt({ x }: Examples, i: number): Uint8Array {
  return x.data.subarray(784 * i, 784 * (i + 1)) as Uint8Array;
}

function oneAfterTheOther(vectors: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(vectors.reduce((sum, { length }) => sum + length, 0));
  vectors.forEach((vector, i) => all.set(vector, i * vector.length));
  return all;
}

/** 1 − cosine to the third nearest of them. */
function distance(vector: Float32Array, others: Float32Array): number {
  const nearest = new Float32Array(NEAREST).fill(Infinity);
  for (let start = 0; start < others.length; start += vector.length) {
    let dot = 0;
    for (let j = 0; j < vector.length; j++) dot += vector[j]! * others[start + j]!;
    if (1 - dot >= nearest[NEAREST - 1]!) continue;
    nearest[NEAREST - 1] = 1 - dot;
    nearest.sort();
  }
  return nearest[NEAREST - 1]!;
}
