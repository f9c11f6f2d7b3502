// Whether an image is like any digit of a class that the network learns from. A softmax is sure of letters, too: of 50 drawn letters and
// figures that the reference network read with more than 90 %, this doubts 45; of 65 digits that it read rightly from photographs 7, and
// of 6 that it read wrongly 4. What passes is much like some people's digits: an R like a 2, a question mark like a 7.
import type { Examples } from 'wasm-cnn/data';

/** Digits that others are compared with, and those that say how far apart digits are; both come in any order. */
const MOST_LEARNED = 12000,
  MOST_JUDGED = 2000;
/** Side of what is compared: a quarter of the pixels, so that a stroke that is a little aside still counts. */
const SIDE = 14,
  SIZE = SIDE * SIDE;
/** The third nearest: one odd example is no witness. */
const NEAREST = 3;
/** This share of a class' test digits is as far from it as what is doubted: each class has its own distance, as 1s differ less than 2s. */
const DOUBTED = 0.1;

export class Likeness {
  /** By class: vectors of length 1, one after the other. */
  readonly #learned: readonly Float32Array[];
  /** By class. */
  readonly #farthest: readonly number[];

  private constructor(learned: readonly Float32Array[], farthest: readonly number[]) {
    this.#learned = learned;
    this.#farthest = farthest;
  }

  /** Takes a few tenths of a second; lets the page do other things between. */
  static async of(train: Examples, test: Examples): Promise<Likeness> {
    const classes = Array.from({ length: 10 }, () => [] as Float32Array[]);
    for (let i = 0; i < Math.min(MOST_LEARNED, train.y.length); i++)
      classes[train.y[i]!]?.push(vectorOf(imageAt(train, i)));
    const learned = classes.map((vectors) => {
      const all = new Float32Array(vectors.length * SIZE);
      vectors.forEach((vector, i) => all.set(vector, i * SIZE));
      return all;
    });
    const distances = Array.from({ length: 10 }, () => [] as number[]);
    for (let i = 0; i < Math.min(MOST_JUDGED, test.y.length); i++) {
      distances[test.y[i]!]!.push(distance(vectorOf(imageAt(test, i)), learned[test.y[i]!]!));
      if (i % 50 === 49) await new Promise((resolve) => setTimeout(resolve));
    }
    const farthest = distances.map(
      (all) => all.sort((a, b) => a - b)[Math.floor((1 - DOUBTED) * (all.length - 1))] ?? Infinity,
    );
    return new Likeness(learned, farthest);
  }

  /** `image`: 28 × 28 bytes. */
  isLike(image: Uint8Array, digit: number): boolean {
    return distance(vectorOf(image), this.#learned[digit]!) <= this.#farthest[digit]!;
  }
}

function imageAt({ x }: Examples, i: number): Uint8Array {
  return x.data.subarray(784 * i, 784 * (i + 1)) as Uint8Array;
}

/** Sums of 2 × 2 pixels, as a vector of length 1. */
function vectorOf(image: Uint8Array): Float32Array {
  const vector = new Float32Array(SIZE);
  for (let y = 0; y < 28; y++) for (let x = 0; x < 28; x++) vector[(y >> 1) * SIDE + (x >> 1)]! += image[28 * y + x]!;
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)) || 1;
  return vector.map((value) => value / length);
}

/** 1 − cosine to the third nearest of them. */
function distance(vector: Float32Array, others: Float32Array): number {
  const nearest = new Float32Array(NEAREST).fill(Infinity);
  for (let start = 0; start < others.length; start += SIZE) {
    let dot = 0;
    for (let j = 0; j < SIZE; j++) dot += vector[j]! * others[start + j]!;
    if (1 - dot >= nearest[NEAREST - 1]!) continue;
    nearest[NEAREST - 1] = 1 - dot;
    nearest.sort();
  }
  return nearest[NEAREST - 1]!;
}
