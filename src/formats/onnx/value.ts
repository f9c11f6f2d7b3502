// What the names of an ONNX graph stand for while it is read: constants, and what layers make. An ONNX tensor is [n, channels, height,
// width], ours [n, height, width, channels]; where each axis lies is kept with the value, so that Transpose, Flatten and Reshape cost nothing
// until something needs another order.
import { sizeOf, type Shape } from '../../base/shape.js';
import type { Constant } from './constant.js';

/** A part of an axis, or all of it; larger than 1. Two atoms are the same if they are the same object. */
export interface Atom {
  readonly size: number;
}

export interface Live {
  readonly constant: false;
  /** Its number in the model. */
  readonly tensor: number;
  /** How one example lies in memory, the outermost first. */
  readonly physical: readonly Atom[];
  /** Each axis of the ONNX tensor but the batch's, which is the first: its atoms, the outermost first; none where its size is 1. */
  readonly view: readonly (readonly Atom[])[];
  /** Known to hold nothing below 0. */
  readonly nonNegative?: boolean;
  /** An input, or one on another scale. */
  readonly raw?: boolean;
  /** Has all its axes in `view`, and none for the examples: the file knows batches of 1 alone, and left it out. */
  readonly bare?: boolean;
  /** Has a second name. */
  readonly shared?: boolean;
  readonly origin?: Origin;
}

/** What a value is of another one, as far as an activation may be recognized in it. */
export type Origin =
  | { readonly kind: 'affine'; readonly of: Live; readonly scale: number; readonly offset: number }
  | { readonly kind: 'clip'; readonly of: Live; readonly low: number; readonly high: number }
  | { readonly kind: 'sigmoid' | 'softplus' | 'tanh' | 'hardSigmoid' | 'abs'; readonly of: Live }
  /** x · clip(x + 3, 0, 6) */
  | { readonly kind: 'sixfoldHardSwish'; readonly of: Live };

/** scale · erf(x / √2) + offset, or x times that: no layer makes it, but twice the GELU of x is one. */
export interface Erf {
  readonly constant: 'erf';
  readonly of: Live;
  readonly times: boolean;
  readonly scale: number;
  readonly offset: number;
}

export type Value = Constant | Live | Erf;

/** Why a node has no counterpart here. Its message is a part of the sentence that lists all such nodes. */
export class Unmapped extends Error {}

export function unmapped(reason: string): never {
  throw new Unmapped(reason);
}

/** The decimal number that was meant, of the nearest one of 32 bits: 0.001 of 0.0010000000474974513. */
export function meant(value: number): number {
  const short = Number(value.toPrecision(7));
  return Math.fround(short) === value ? short : value;
}

export const sizesOf = (view: Live['view']): number[] => view.map((atoms) => sizeOf(atoms.map(({ size }) => size)));

/** A value whose axes lie in this order, given as numbers of axes. */
export function placed(tensor: number, sizes: Shape, order: readonly number[]): Live {
  const view = sizes.map((size): Atom[] => (size === 1 ? [] : [{ size }]));
  return { constant: false, tensor, view, physical: order.flatMap((axis) => view[axis]!) };
}

/** The order of an image's axes, [channels, height, width], or of [channels, length], as layers want them; others stay. */
export function layerOrder(rank: number): readonly number[] {
  if (rank === 3) return [1, 2, 0];
  return rank === 2 ? [1, 0] : Array.from({ length: rank }, (_, i) => i);
}

const sameAtoms = (a: readonly Atom[], b: readonly Atom[]): boolean =>
  a.length === b.length && a.every((atom, i) => atom === b[i]);

export function liesIn(value: Live, order: readonly number[]): boolean {
  return sameAtoms(
    value.physical,
    order.flatMap((axis) => value.view[axis]!),
  );
}

/** An order of its axes that needs no copy, where there is one. */
export function naturalOrder(value: Live): readonly number[] {
  const rank = value.view.length;
  const plain = Array.from({ length: rank }, (_, i) => i);
  const byPlace = [...plain].sort((a, b) => placeOf(value, a) - placeOf(value, b));
  return [layerOrder(rank), plain, byPlace].find((order) => liesIn(value, order)) ?? plain;
}

const placeOf = ({ physical, view }: Live, axis: number): number =>
  view[axis]!.length === 0 ? -1 : physical.indexOf(view[axis]![0]!);

/** Equal for two values that lie in memory alike. */
export function arrangementOf({ physical, view }: Live): string {
  const flat = view.flat();
  const order = physical.map((atom) => flat.indexOf(atom));
  // What stays side by side counts as one.
  const runs = order.reduce<[number, number][]>((runs, number, i) => {
    const last = runs.at(-1);
    if (last && number === order[i - 1]! + 1) last[1] *= physical[i]!.size;
    else runs.push([number, physical[i]!.size]);
    return runs;
  }, []);
  const ranked = [...runs].sort(([a], [b]) => a - b);
  return JSON.stringify([sizesOf(view), runs.map((run) => [ranked.indexOf(run), run[1]])]);
}

/** The same values with other axes, which hold them in the same order; null where an atom would have to be cut unevenly. */
export function reshaped(value: Live, sizes: Shape): Live | null {
  let physical = [...value.physical];
  const rest = value.view.flat();
  const view = sizes.map((size): Atom[] => {
    const atoms: Atom[] = [];
    for (let left = size; left > 1;) {
      const atom = rest.shift();
      if (!atom) return [];
      if (left % atom.size === 0) {
        atoms.push(atom);
        left /= atom.size;
      } else {
        if (atom.size % left !== 0) return [];
        const [outer, inner] = [{ size: left }, { size: atom.size / left }];
        physical = physical.flatMap((each) => (each === atom ? [outer, inner] : [each]));
        rest.unshift(inner);
        atoms.push(outer);
        left = 1;
      }
    }
    return atoms;
  });
  const fits = rest.length === 0 && sizesOf(view).every((size, axis) => size === sizes[axis]);
  return fits ? { ...value, physical, view, origin: undefined, bare: false } : null;
}

/** For each value as it lies in memory, its number in the order of the ONNX axes. */
export function numbersOf(value: Live): Int32Array {
  const steps = new Map<Atom, number>();
  let step = 1;
  for (const atom of [...value.view.flat()].reverse()) {
    steps.set(atom, step);
    step *= atom.size;
  }
  return walk(
    value.physical.map((atom) => atom.size),
    value.physical.map((atom) => steps.get(atom)!),
  );
}

/** For all indices in order, the last axis fastest, the sum of index times step. */
export function walk(sizes: Shape, steps: readonly number[]): Int32Array {
  let numbers = Int32Array.of(0);
  for (const [axis, size] of sizes.entries()) {
    const next = new Int32Array(numbers.length * size);
    for (let i = 0; i < next.length; i++) next[i] = numbers[Math.floor(i / size)]! + (i % size) * steps[axis]!;
    numbers = next;
  }
  return numbers;
}
