// A node's inputs, as those who map it need them.
import type { Constant } from '../constant.js';
import type { Node } from '../node.js';
import { unmapped, type Live, type Value } from '../value.js';

type Inputs = readonly (Value | undefined)[];

export function asLive(value: Value | undefined, what: string): Live {
  if (!value) unmapped(`${what} is missing`);
  if (value!.constant === 'erf') unmapped('Erf outside of a GELU');
  if (value!.constant === true) unmapped(`${what} is a constant`);
  return value as Live;
}

export function liveInput(node: Node, inputs: Inputs, i: number): Live {
  return asLive(inputs[i], inputs.length === 1 || i === 0 ? 'its input' : `input '${node.proto.inputs[i]}'`);
}

export function constantInput(node: Node, inputs: Inputs, i: number, what: string): Constant {
  const value = inputs[i];
  if (!value) unmapped(`${what} is missing`);
  if (value!.constant !== true) unmapped(`${what} ('${node.proto.inputs[i]}') is computed`);
  return value as Constant;
}

/** Whole numbers of a constant, as shapes and axes are. */
export function wholeNumbers(node: Node, inputs: Inputs, i: number, what: string): number[] {
  return [...constantInput(node, inputs, i, what).data];
}

/** The attribute of older versions of an operator, or the input of newer ones; undefined where neither is there. */
export function numbersIn(node: Node, inputs: Inputs, name: string, i: number): readonly number[] | undefined {
  return node.ints(name) ?? (inputs[i] === undefined ? undefined : wholeNumbers(node, inputs, i, name));
}

/** An axis from 0 on; the batch's is the first. */
export function axisIn(axis: number, rank: number): number {
  const found = axis < 0 ? axis + rank : axis;
  if (!(Number.isSafeInteger(found) && found >= 0 && found < rank)) unmapped(`axis ${axis} of ${rank}`);
  return found;
}
