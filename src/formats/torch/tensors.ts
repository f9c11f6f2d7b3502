// A model's variables as the tensors of a state dict: their names, and how they lie.
//
//   Conv2D           kernel          [kh, kw, in / groups, out]   weight [out, in / groups, kh, kw]
//   Conv2DTranspose  kernel          [kh, kw, out, in]            weight [in, out, kh, kw]
//   DepthwiseConv2D  depthwiseKernel [kh, kw, in, m]              weight [in · m, 1, kh, kw]
//   SeparableConv2D  the two of its convolutions                  depthwise.weight, pointwise.weight, pointwise.bias
//   Dense            kernel          [in, out]                    weight [out, in]
//     behind a flattened image       [h · w · c, out]             weight [out, c · h · w]: PyTorch's images are [c, h, w]
//   …Normalization   gamma, beta                                  weight, bias
//   Batch…           movingMean, movingVariance                   running_mean, running_var
//   Normalization    mean, variance                            mean, variance: buffers of the program's own module
//   PReLU            alpha           [1, 1, c]                    weight [c]
import { check } from '../../base/errors.js';
import { sizeOf, type Shape } from '../../base/shape.js';
import type { OwnFloats } from '../../base/hostTypes.js';
import type { ModelArchive } from '../archive.js';

/** Place of a variable in a state dict. */
export interface TorchTensor {
  /** 'conv2d/kernel' */
  readonly variable: string;
  readonly layer: string;
  /** Name behind the layer's prefix: 'weight'. */
  readonly suffix: string;
  /** The variable's shape. */
  readonly own: Shape;
  /** The same elements, seen with the axes that are moved. */
  readonly view: Shape;
  /** Axes of the view, in PyTorch's order. */
  readonly axes: readonly number[];
  /** PyTorch's shape, of as many elements. */
  readonly shape: Shape;
}

/** What a layer's tensors are made of. */
export interface WeightedLayer {
  readonly className: string;
  readonly name: string;
  /** The image's shape where it sees one flattened, directly or behind layers that keep the order. */
  readonly flattened: Shape | null;
}

const NAMES: Readonly<Record<string, string>> = {
  kernel: 'weight',
  bias: 'bias',
  depthwiseKernel: 'weight',
  gamma: 'weight',
  beta: 'bias',
  movingMean: 'running_mean',
  movingVariance: 'running_var',
  alpha: 'weight',
  mean: 'mean',
  variance: 'variance',
};

const SEPARABLE: Readonly<Record<string, string>> = {
  depthwiseKernel: 'depthwise.weight',
  pointwiseKernel: 'pointwise.weight',
  bias: 'pointwise.bias',
};

/** Layers whose variables have a counterpart. */
export const CLASSES = [
  ...['Conv2D', 'Conv2DTranspose', 'DepthwiseConv2D', 'SeparableConv2D', 'Dense'],
  ...['BatchNormalization', 'LayerNormalization', 'Normalization', 'PReLU'],
];

/** Place of a layer's variable; null where PyTorch's layer has no such tensor. */
export function torchTensor(
  { className, name: layer, flattened }: WeightedLayer,
  variable: string,
  shape: Shape,
): TorchTensor | null {
  const part = variable.slice(layer.length + 1);
  const suffix = (className === 'SeparableConv2D' ? SEPARABLE : NAMES)[part];
  if (!CLASSES.includes(className) || suffix === undefined) return null;
  const place = (
    view: Shape,
    axes: readonly number[],
    moved: Shape = axes.map((axis) => view[axis]!),
  ): TorchTensor => ({
    ...{ variable, layer, suffix, own: shape, view, axes, shape: moved },
  });
  if (part === 'depthwiseKernel') {
    const [height, width, channels, multiplier] = shape as [number, number, number, number];
    return place(shape, [2, 3, 0, 1], [channels * multiplier, 1, height, width]);
  }
  if (shape.length === 4) return place(shape, [3, 2, 0, 1]);
  if (part === 'kernel') {
    const [inputs, outputs] = shape as [number, number];
    return flattened ? place([...flattened, outputs], [3, 2, 0, 1], [outputs, inputs]) : place(shape, [1, 0]);
  }
  if (part === 'alpha') {
    const channels = shape.at(-1)!;
    return sizeOf(shape) === channels ? place([channels], [0]) : null;
  }
  // A normalization's vectors are in the order of its input, a bias is in that of the output.
  return flattened && part !== 'bias' ? place(flattened, [2, 0, 1], shape) : place(shape, [0]);
}

/** Elements in the order of `axes`: the axis i of what is returned is the axis axes[i] of what is given. */
export function transposed(data: Float32Array, shape: Shape, axes: readonly number[]): OwnFloats {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const sizes = axes.map((axis) => shape[axis]!);
  const steps = axes.map((axis) => strides[axis]!);
  const moved = new Float32Array(data.length);
  const index = sizes.map(() => 0);
  const last = sizes.length - 1;
  let from = 0;
  for (let to = 0; to < moved.length; to++) {
    moved[to] = data[from]!;
    for (let axis = last; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++index[axis]! < sizes[axis]!) break;
      from -= steps[axis]! * sizes[axis]!;
      index[axis] = 0;
    }
  }
  return moved;
}

/** The axes that undo them. */
export function inverse(axes: readonly number[]): number[] {
  return axes.map((_, axis) => axes.indexOf(axis));
}

export function toTorch({ view, axes }: TorchTensor, data: Float32Array): Float32Array {
  return transposed(data, view, axes);
}

export function fromTorch({ view, axes }: TorchTensor, data: Float32Array): Float32Array {
  const moved = axes.map((axis) => view[axis]!);
  return transposed(data, moved, inverse(axes));
}

/** Layers that treat each element by itself, or all alike, and keep their order. */
const ORDERLY = [
  ...[
    'Activation',
    'ReLU',
    'LeakyReLU',
    'ELU',
    'Softmax',
    'PReLU',
    'Dropout',
    'GaussianNoise',
    'Rescaling',
    'Normalization',
  ],
  ...['BatchNormalization', 'LayerNormalization', 'Add', 'Subtract', 'Multiply', 'Average', 'Maximum', 'Minimum'],
];

/** Shapes of the images that layers see flattened, by the layers' names: PyTorch, whose images are [c, h, w], has their elements in another order. */
export function flattenedImages(
  { model }: Pick<ModelArchive, 'model'>,
  inputShapes: ReadonlyMap<string, Shape>,
  who: string,
): ReadonlyMap<string, Shape> {
  const found = new Map<string, Shape>();
  const calls = model.calls ?? model.layers.map((_, i) => ({ layer: i, inputs: [i] }));
  const orders: (Shape | null)[] = (model.inputs ?? [null]).map(() => null);
  for (const { layer, inputs } of calls) {
    const { className, name } = model.layers[layer]!;
    const shape = inputShapes.get(name)!;
    const [order = null, ...others] = inputs.map((input) => orders[input]!);
    const isKept = ORDERLY.includes(className) && others.every((other) => formatOf(other) === formatOf(order));
    check(
      [order, ...others].every((each) => each === null) || isKept || className === 'Dense' || className === 'Flatten',
      () =>
        `${who}: ${name} takes the elements of a flattened image, which PyTorch has in another order; put a dense layer between`,
    );
    if (order) found.set(name, order);
    if (className === 'Flatten') orders.push(order ?? (isReordered(shape) ? shape : null));
    else orders.push(className === 'Dense' ? null : order);
  }
  return found;
}

const formatOf = (shape: Shape | null): string => JSON.stringify(shape);

/** Whether [h, w, c] and [c, h, w] are different orders. */
function isReordered(shape: Shape): boolean {
  return shape.length === 3 && shape[2]! > 1 && shape[0]! * shape[1]! > 1;
}
