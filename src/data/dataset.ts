// A data set of images with class labels, whatever its source.
import { kindOf } from '../base/options.js';
import { sizeOf } from '../base/shape.js';
import type { Tensor } from '../base/tensor.js';

/** Class indices; 16 bits from 257 classes on. */
export type ClassLabels = Uint8Array | Uint16Array;

/** Images [n, height, width, channels] as bytes, and n class indices. */
export interface Examples {
  readonly x: Tensor<Uint8Array>;
  readonly y: ClassLabels;
}

export interface Dataset {
  /** Short and stable: 'mnist', 'builtin-digits', or a folder's name. */
  readonly name: string;
  /** One sentence for people: which source was taken. */
  readonly source: string;
  readonly train: Examples;
  /** Where the files hold one; otherwise a share of train is held out. */
  readonly validation?: Examples;
  /** Null where the files hold none. */
  readonly test: Examples | null;
  /** One a class, class 0 first; null where the files do not say. */
  readonly classNames?: readonly string[] | null;
  /** By example of train: who or what is on it (a person, a scene), so that a split keeps a group together. */
  readonly groups?: readonly string[];
}

/** A data set with test images, of its files or held out. */
export interface TestedDataset extends Dataset {
  readonly test: Examples;
}

/** How many classes the labels need at least. */
export function classesIn({ train, validation, test }: Omit<Dataset, 'name' | 'source'>): number {
  const labels = [train, validation, test].flatMap((part) => (part ? [part.y] : []));
  return 1 + labels.reduce((most, y) => (y as Uint8Array).reduce((a, b) => Math.max(a, b), most), -1);
}

/** `count` labels, all 0, with room for so many classes. */
export function makeLabels(count: number, classes: number): ClassLabels {
  return classes > 256 ? new Uint16Array(count) : new Uint8Array(count);
}

/** A copy of the examples with these numbers, in their order. */
export function takeExamples(examples: Examples, order: Uint32Array): Examples {
  const [, ...shape] = examples.x.shape;
  const room = { data: new Uint8Array(order.length * sizeOf(shape)), shape: [order.length, ...shape] };
  const y = makeLabels(order.length, kindOf(examples.y) === 'Uint16Array' ? 65536 : 256);
  return moveExamples(examples, order, { x: room, y });
}

/** Moves the examples with these numbers, which ascend, to the front of their own memory: the others are overwritten. */
export function keepExamples(examples: Examples, order: Uint32Array): Examples {
  const { x, y } = examples;
  const [, ...shape] = x.shape;
  const front = { data: x.data.subarray(0, order.length * sizeOf(shape)), shape: [order.length, ...shape] };
  return moveExamples(examples, order, { x: front, y: y.subarray(0, order.length) });
}

/** The first ones and the second ones behind them; where the first ones are at the front of `room`, in its memory, which is overwritten. */
export function joinExamples(first: Examples, second: Examples, room?: Examples): Examples {
  const count = first.y.length + second.y.length;
  const [, ...shape] = first.x.shape;
  const size = count * sizeOf(shape);
  const inPlace = room !== undefined && room.y.buffer === first.y.buffer && room.y.length >= count;
  const data = inPlace ? room.x.data.subarray(0, size) : new Uint8Array(size);
  const y = inPlace ? room.y.subarray(0, count) : new Uint8Array(count);
  if (!inPlace) {
    data.set(first.x.data);
    y.set(first.y);
  }
  data.set(second.x.data, first.x.data.length);
  y.set(second.y, first.y.length);
  return { x: { data, shape: [count, ...shape] }, y };
}

function moveExamples({ x, y }: Examples, order: Uint32Array, to: Examples): Examples {
  const [, ...shape] = x.shape;
  const size = sizeOf(shape);
  for (const [i, example] of order.entries()) {
    to.x.data.set(x.data.subarray(example * size, (example + 1) * size), i * size);
    to.y[i] = y[example]!;
  }
  return to;
}
