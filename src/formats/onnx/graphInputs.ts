// The inputs of an ONNX graph as inputs of a model here.
import { check } from '../../base/errors.js';
import { isRecord } from '../../base/options.js';
import { formatShape, type Shape } from '../../base/shape.js';
import { isSize, typeName } from './constant.js';
import type { ValueInfo } from './proto.js';
import { layerOrder, placed, type Live } from './value.js';

/** How an image lies here: as in the file, or [height, width, channels] of [channels, height, width]. */
export type Moved = 'asInFile' | 'channelsLast';

export type InputShape = Shape | Readonly<Record<string, Shape>>;

export interface GraphInput {
  readonly name: string;
  readonly shape: Shape;
  readonly moved: Moved;
  /** What it is once it is the i-th input of the model. */
  value(i: number): Live;
}

/** Elements of computed values: 32 and 16 bits are floats here. */
const FLOATS = [1, 10, 11, 16];

/** A name of a layer or an input, as models here have them. */
export const usable = (name: string): string =>
  name
    .replace(/[^\w.-]+/g, '.')
    .replace(/^\.+|\.+$/g, '')
    .slice(0, 150);

export function inputOf(
  { name, type, shape }: ValueInfo,
  isLast: boolean,
  who: string,
  inputShape: InputShape | undefined,
): GraphInput {
  check(
    FLOATS.includes(type),
    () =>
      `${who}: the input '${name}' is ${type === 0 ? 'no tensor' : `of type ${typeName(type)}`}, numbers (float32) are needed; export it with a float input`,
  );
  const moved: Moved = shape?.length === 4 && !isLast ? 'channelsLast' : 'asInFile';
  const asked = isRecord(inputShape) ? (inputShape as Record<string, Shape>)[name] : (inputShape as Shape | undefined);
  const sizes = shape?.slice(1);
  const order = moved === 'channelsLast' ? layerOrder(3) : (sizes ?? []).map((_, axis) => axis);
  const here = asked ?? (sizes && order.map((axis) => sizes[axis]!));
  const told = (): string => (shape ? `[${shape.map((size) => size ?? '?').join(', ')}]` : 'of unknown number');
  const as = moved === 'channelsLast' ? ' as [height, width, channels]' : '';
  check(
    here !== undefined && here.every((size) => size !== null),
    () => `${who}: its input '${name}' has open sizes, ${told()}; give loadOnnx inputShape, that of one example${as}`,
  );
  const own = here as Shape;
  check(
    !sizes || (own.length === sizes.length && order.every((axis, i) => sizes[axis] === null || sizes[axis] === own[i])),
    () =>
      `${who}: inputShape ${formatShape(own)} does not fit its input '${name}', ${told()}; give one example's sizes${as}`,
  );
  check(
    isSize(own) && own.every((size) => size > 0),
    () => `${who}: its input '${name}' ${formatShape(own)} is no shape that memory holds`,
  );
  const places = order.length === own.length ? order : own.map((_, axis) => axis);
  const inFile = own.map((_, axis) => own[places.indexOf(axis)]!);
  return {
    name: usable(name) || 'input',
    // One number an example is a vector of one.
    shape: own.length === 0 ? [1] : own,
    moved,
    value: (i) => ({ ...placed(i, inFile, places), raw: true }),
  };
}
