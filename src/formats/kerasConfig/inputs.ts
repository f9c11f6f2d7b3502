// The inputs of a file's model: each with one shape, which an option may have to complete.
import { check } from '../../base/errors.js';
import { formatShape, type Shape } from '../../base/shape.js';
import type { FileModel } from './dress.js';
import { freeName, nameHere } from './json.js';

export function inputsOf(model: FileModel, who: string, given: Shape | undefined): { name: string; shape: Shape }[] {
  const taken = new Set<string>();
  return model.inputs.map(({ layer }, i) => {
    const config = model.layers.find(({ name }) => name === layer)?.config ?? {};
    const batch = config.batch_shape ?? config.batch_input_shape ?? model.inputShape;
    const shape = Array.isArray(batch) ? batch.slice(1) : given;
    check(
      Array.isArray(shape),
      () => `${who}: its description has no shape of the input; give it with the option inputShape, e.g. [28, 28, 1]`,
    );
    const name = freeName(nameHere(layer || 'input'), taken);
    const isOpen = shape.some((size) => size === null || size === -1);
    const own: readonly number[] = isOpen && given && model.inputs.length === 1 ? given : (shape as number[]);
    check(
      !isOpen || own === given,
      () =>
        `${who}: its input ${i === 0 && model.inputs.length === 1 ? '' : `'${name}' `}takes any size (${formatShape(shape.map((size) => size ?? 'any') as never)}), and a model here has one; give it with the option inputShape, e.g. [128, 128, ${String(shape.at(-1) ?? 3)}]`,
    );
    check(
      own.length === shape.length &&
        own.every((size, axis) => shape[axis] === null || shape[axis] === -1 || size === shape[axis]),
      () =>
        `${who}: the option inputShape ${formatShape(own)} does not fit its input, ${formatShape(shape.map((size) => size ?? 'any') as never)}`,
    );
    return { name, shape: own };
  });
}
