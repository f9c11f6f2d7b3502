// A data set of images with class labels, whatever its source.
import { check } from '../base/errors.js';
import { describe, kindOf } from '../base/options.js';
import { sizeOf } from '../base/shape.js';
import { checkTensor, type Tensor, type TensorData } from '../base/tensor.js';
import { takeRows } from './rows.js';

/** Class indices; 16 bits from 257 classes on. */
export type ClassLabels = Uint8Array | Uint16Array;

/** So many class indices 16 bits have. */
export const MOST_CLASSES = 65536;

/** Images [n, height, width, channels], of a data set as bytes, and n class indices. */
export interface Examples<Data extends TensorData = Uint8Array> {
  readonly x: Tensor<Data>;
  readonly y: ClassLabels;
  /** For each example, the path of its picture within the folder, where it is a file of its own. */
  readonly names?: readonly string[];
}

/** A data set in memory. */
export interface Dataset {
  /** Short and stable: 'mnist', 'builtin-digits', or a folder's name. */
  readonly name: string;
  /** One sentence for people: which source was taken. */
  readonly source: string;
  readonly train: Examples;
  /** Validation examples, where the files have them; otherwise a share of train is held out. */
  readonly validation?: Examples;
  /** Null where the files hold none. */
  readonly test: Examples | null;
  /** One a class, class 0 first; null where the files do not say. */
  readonly classNames?: readonly string[] | null;
  /** For each example of train, who or what is on it (a person, a scene), so that a split keeps a group together. */
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

/** The labels with these numbers, in their order, with as many bits. */
export function takeLabels(labels: ClassLabels, order: ArrayLike<number>): ClassLabels {
  return labels.BYTES_PER_ELEMENT === 2
    ? Uint16Array.from(order, (example) => labels[example]!)
    : Uint8Array.from(order, (example) => labels[example]!);
}

/** Examples as people have them: class indices in any array. */
export interface GivenExamples<Data extends TensorData = Uint8Array> extends Omit<Examples<Data>, 'y'> {
  readonly y: ArrayLike<number>;
}

/** The same with labels as bytes or 16 bits; throws unless there is a class index for each. */
export function checkedExamples<Data extends TensorData>(examples: GivenExamples<Data>, who: string): Examples<Data> {
  const { x, y } = (examples as Partial<GivenExamples<Data>> | undefined) ?? {};
  checkTensor(x as Tensor, `${who}'s x`);
  check(
    Array.isArray(y) || ArrayBuffer.isView(y),
    () => `${who} needs y as an array of class indices, got ${describe(y)}`,
  );
  const labels = y as ArrayLike<number>;
  check(
    x!.shape[0] === labels.length,
    () => `${who} has ${x!.shape[0]} examples but ${labels.length} labels; give one label per example`,
  );
  if (['Uint8Array', 'Uint16Array'].includes(kindOf(y))) return examples as Examples<Data>;
  const all = Array.from(labels);
  const bad = all.findIndex((label) => !Number.isInteger(label) || label < 0 || label >= MOST_CLASSES);
  check(
    bad < 0,
    () =>
      `${who} chooses by class, and label ${bad} is ${describe(all[bad])}; give class indices from 0 to ${MOST_CLASSES - 1}, or hold out a share of other targets with fit({ validationSplit })`,
  );
  const classes = all.reduce((most, label) => Math.max(most, label + 1), 0);
  const own = makeLabels(all.length, classes);
  own.set(all);
  return { ...examples, y: own };
}

/** A copy of the examples with these numbers, in their order. */
export function takeExamples<Data extends TensorData>(examples: Examples<Data>, order: Uint32Array): Examples<Data> {
  const { x, y, names } = examples;
  return { x: takeRows(x, order), y: takeLabels(y, order), ...(names && { names: namesOf(names, order) }) };
}

/** Moves the examples with these numbers, which ascend, to the front of their own memory: the others are overwritten. */
export function keepExamples(examples: Examples, order: Uint32Array): Examples {
  const { x, y, names } = examples;
  const [, ...shape] = x.shape;
  const size = sizeOf(shape);
  for (const [i, example] of order.entries()) {
    x.data.set(x.data.subarray(example * size, (example + 1) * size), i * size);
    y[i] = y[example]!;
  }
  return {
    x: { data: x.data.subarray(0, order.length * size), shape: [order.length, ...shape] },
    y: y.subarray(0, order.length),
    ...(names && { names: namesOf(names, order) }),
  };
}

const namesOf = (names: readonly string[], order: Uint32Array): string[] =>
  Array.from(order, (example) => names[example]!);

/** Several runs of examples as one: in new memory, or in `room`, at whose front the first run may lie already. */
export function joinExamples(parts: readonly Examples[], room?: Examples): Examples {
  const [, ...shape] = parts[0]!.x.shape;
  const size = sizeOf(shape);
  const count = parts.reduce((sum, { y }) => sum + y.length, 0);
  const is16bit = parts.some(({ y }) => y.BYTES_PER_ELEMENT === 2);
  const data = room ? room.x.data.subarray(0, count * size) : new Uint8Array(count * size);
  const y = room ? room.y.subarray(0, count) : is16bit ? new Uint16Array(count) : new Uint8Array(count);
  let at = 0;
  for (const part of parts) {
    data.set(part.x.data, at * size);
    y.set(part.y, at);
    at += part.y.length;
  }
  const names = parts.flatMap((part) => part.names ?? []);
  return { x: { data, shape: [count, ...shape] }, y, ...(names.length === count && { names }) };
}

/** The examples of each class, in order. `classes`: how many there are at least. */
export function membersOf(labels: ArrayLike<number>, classes = 0): number[][] {
  const members = Array.from({ length: classes }, (): number[] => []);
  for (let example = 0; example < labels.length; example++) {
    while (members.length <= labels[example]!) members.push([]);
    members[labels[example]!]!.push(example);
  }
  return members;
}
