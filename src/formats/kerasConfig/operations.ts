// Operations that were called in a functional model without a layer: of Keras 3 (module keras.src.ops.*) and of TensorFlow (TFOpLambda).
import type { Argument, FileCall, FileLayer, TensorOf } from './dress.js';
import { noCounterpart, numbersOf, shown, type Json } from './json.js';

/** A layer of ours in the place of one call. */
export interface Operation {
  readonly className: string;
  readonly config: Json;
  readonly inputs: readonly TensorOf[];
}

const ACTIVATIONS: Readonly<Record<string, string>> = {
  ...{ relu: 'relu', relu6: 'relu6', silu: 'silu', swish: 'silu', sigmoid: 'sigmoid', tanh: 'tanh', gelu: 'gelu' },
  ...{ elu: 'elu', selu: 'selu', softplus: 'softplus', softsign: 'softsign', softmax: 'softmax', exp: 'exponential' },
  ...{
    logsoftmax: 'logSoftmax',
    hardsigmoid: 'hardSigmoid',
    hardsilu: 'hardSilu',
    hardswish: 'hardSilu',
    mish: 'mish',
  },
};

const MERGES: Readonly<Record<string, string>> = {
  ...{ add: 'Add', addv2: 'Add', sub: 'Subtract', subtract: 'Subtract', mul: 'Multiply', multiply: 'Multiply' },
  ...{ maximum: 'Maximum', minimum: 'Minimum' },
};

/** x · scale + offset of an operation with one number, which stands before or behind x. */
const WITH_NUMBER: Readonly<
  Record<string, (number: number, isFirst: boolean) => readonly [number, number] | undefined>
> = {
  Add: (number) => [1, number],
  Multiply: (number) => [number, 0],
  Subtract: (number, isFirst) => (isFirst ? [-1, number] : [1, -number]),
  Divide: (number, isFirst) => (isFirst || number === 0 ? undefined : [1 / number, 0]),
};

const isTensor = (argument: Argument | undefined): argument is { of: TensorOf } =>
  argument !== undefined && 'of' in argument;
const valueOf = (argument: Argument | undefined): unknown =>
  argument && 'value' in argument ? argument.value : undefined;

/** Whether it is no layer, but what was called without one. */
export function isOperation({ className, module, calls }: FileLayer): boolean {
  if (
    /^keras\.(src\.)?ops\b/.test(module) ||
    ['TFOpLambda', 'SlicingOpLambda', 'TensorFlowOpLayer'].includes(className)
  )
    return true;
  // A legacy .h5 of Keras 3 has no module: its numbers among the tensors give it away.
  return calls.some(({ inputs }) => inputs.some((input) => typeof valueOf(input) === 'number'));
}

/** What one call of it is here; throws NoCounterpart. */
export function readOperation({ className, config }: FileLayer, { inputs, options }: FileCall): Operation {
  const called = typeof config.function === 'string' ? config.function : className;
  const name = called.split('.').at(-1)!.toLowerCase().replaceAll('_', '');
  const operands = [...inputs, ...['x', 'x2', 'y'].flatMap((key) => options[key] ?? [])];
  const tensors = operands.filter(isTensor).map(({ of }) => of);
  const setting = (...keys: string[]): unknown =>
    keys.map((key) => valueOf(options[key]) ?? config[key]).find((value) => value !== undefined && value !== null);
  const unknown = (): never => noCounterpart(`the operation ${shown(called)}`);
  if (className === 'SlicingOpLambda' || className === 'TensorFlowOpLayer' || tensors.length === 0) return unknown();

  if (Object.hasOwn(ACTIVATIONS, name) && tensors.length === 1) {
    const activation = name === 'gelu' && setting('approximate') === true ? 'geluApproximate' : ACTIVATIONS[name]!;
    const axis = setting('axis');
    if (axis !== undefined && axis !== -1) unknown();
    return { className: 'Activation', config: { activation }, inputs: tensors };
  }
  const isDivision = ['truediv', 'truedivide', 'divide', 'realdiv', 'div'].includes(name);
  if (isDivision || Object.hasOwn(MERGES, name)) {
    const merge = isDivision ? 'Divide' : MERGES[name]!;
    if (operands.length !== 2) return unknown();
    if (tensors.length === 2) return isDivision ? unknown() : { className: merge, config: {}, inputs: tensors };
    const numbers = numbersOf(valueOf(operands.find((operand) => !isTensor(operand))));
    const [scale, offset] =
      (numbers?.length === 1 && WITH_NUMBER[merge]?.(numbers[0]!, !isTensor(operands[0]))) || unknown();
    return { className: 'Rescaling', config: { scale, offset }, inputs: tensors };
  }
  if (name === 'negative' || name === 'neg')
    return { className: 'Rescaling', config: { scale: -1, offset: 0 }, inputs: tensors };
  if (name === 'mean' || name === 'reducemean') {
    const axes = JSON.stringify(setting('axis'));
    if (axes !== '[1,2]' && axes !== '[-3,-2]') return unknown();
    return { className: 'GlobalAveragePooling2D', config: { keepDims: setting('keepdims') === true }, inputs: tensors };
  }
  if (name === 'concatenate' || name === 'concat')
    return { className: 'Concatenate', config: { axis: setting('axis') ?? -1 }, inputs: tensors };
  if (name === 'clip' || name === 'clipbyvalue') {
    const [low, high] = [setting('x_min', 'clip_value_min'), setting('x_max', 'clip_value_max')];
    const [first, second] = operands.filter((operand) => !isTensor(operand)).map(valueOf);
    const [least, most] = [low ?? first, high ?? second];
    if (least !== 0 || typeof most !== 'number') return unknown();
    return { className: 'ReLU', config: { maxValue: most }, inputs: tensors };
  }
  if (name === 'reshape') {
    const shape = numbersOf(setting('newshape', 'shape') ?? valueOf(operands.find((operand) => !isTensor(operand))));
    return shape ? { className: 'Reshape', config: { targetShape: shape.slice(1) }, inputs: tensors } : unknown();
  }
  return unknown();
}
