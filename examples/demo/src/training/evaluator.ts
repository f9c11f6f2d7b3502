// Asks the network about the test images, a slice at a time so that the page stays awake, and remembers its newest answers.
import type { Model } from 'wasm-cnn';
import type { Examples } from 'wasm-cnn/data';
import type { Picture } from 'wasm-cnn/images';
import { gather, pictureAt } from '../data/source.js';
import { ask } from './ask.js';

/** Pixels in a slice: 250 digits. */
const SLICE_PIXELS = 250 * 28 * 28;
/** The newest answers that stand for how good it is just now. */
const NEWEST = 1000;

/** The first of the largest. */
export function mostProbable(probabilities: Float32Array): number {
  return probabilities.indexOf(Math.max(...probabilities));
}

export interface Mistake {
  /** In the test set. */
  readonly index: number;
  readonly truth: number;
  readonly answer: number;
  readonly probability: number;
}

/** The numbers below `count`, each far from the one before it. */
function spread(count: number): Uint32Array {
  const places = Float64Array.from({ length: count }, (_, i) => (i * 0.6180339887) % 1);
  return Uint32Array.from(places.keys()).sort((a, b) => places[a]! - places[b]!);
}

export class Evaluator {
  readonly #test: Examples;
  /** Numbers of the images in the order in which they are evaluated, far ones after each other: a set that is sorted by class is asked about all classes at once. */
  readonly #order: Uint32Array;
  /** -1: never asked. */
  readonly #answers: Int16Array;
  readonly #classes: number;
  readonly #slice: number;
  readonly #probabilities: Float32Array;
  #next = 0;

  constructor(test: Examples, classes: number) {
    const [, height = 1, width = 1] = test.x.shape;
    this.#test = test;
    this.#classes = classes;
    this.#slice = Math.max(1, Math.min(250, Math.floor(SLICE_PIXELS / (height * width))));
    this.#order = spread(test.y.length);
    this.#answers = new Int16Array(test.y.length).fill(-1);
    this.#probabilities = new Float32Array(test.y.length);
  }

  /** Asks about the next slice; true when it was the last one, or when the network has no answers any more. */
  async askNext(model: Model): Promise<boolean> {
    const { y } = this.#test;
    const start = this.#next,
      end = Math.min(y.length, start + this.#slice);
    const numbers = this.#order.subarray(start, end);
    const answers = await ask(model, gather(this.#test, numbers).x);
    if (!answers) return true;
    const { data } = answers;
    for (const [i, number] of numbers.entries()) {
      const probabilities = data.subarray(this.#classes * i, this.#classes * (i + 1));
      const answer = mostProbable(probabilities);
      this.#answers[number] = answer;
      this.#probabilities[number] = probabilities[answer]!;
    }
    this.#next = end === y.length ? 0 : end;
    return this.#next === 0;
  }

  /** Asks about all of them, and lets the page do other things between. */
  async askAll(model: Model, goOn: () => boolean): Promise<void> {
    this.#next = 0;
    while (goOn() && !(await this.askNext(model))) await new Promise((resolve) => setTimeout(resolve));
  }

  get asked(): number {
    return this.#answers.reduce((sum, answer) => sum + (answer < 0 ? 0 : 1), 0);
  }

  /** Share that is right of the newest answers; of all with `all`. NaN before there is one. */
  accuracy(all = false): number {
    const { y } = this.#test;
    let right = 0,
      count = 0;
    for (let back = 1; back <= (all ? y.length : Math.min(NEWEST, y.length)); back++) {
      const i = this.#order[(this.#next - back + y.length) % y.length]!;
      if (this.#answers[i]! < 0) break;
      count++;
      if (this.#answers[i] === y[i]) right++;
    }
    return right / count;
  }

  /** counts [classes, classes]: row i, column j says how many images of class i were taken for j. */
  confusion(): Int32Array {
    const counts = new Int32Array(this.#classes * this.#classes);
    this.#answers.forEach((answer, i) => {
      if (answer >= 0) counts[this.#classes * this.#test.y[i]! + answer]!++;
    });
    return counts;
  }

  /** The surest first. */
  mistakes(): Mistake[] {
    const found: Mistake[] = [];
    this.#answers.forEach((answer, index) => {
      const truth = this.#test.y[index]!;
      if (answer >= 0 && answer !== truth)
        found.push({ index, truth, answer, probability: this.#probabilities[index]! });
    });
    return found.sort((a, b) => b.probability - a.probability);
  }

  image(index: number): Picture {
    return pictureAt(this.#test, index);
  }
}
