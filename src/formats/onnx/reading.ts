// What those who map nodes have: the model so far, and the steps that several of them need.
import { sameShape, sizeOf, type Shape } from '../../base/shape.js';
import { tensorOf, type Builder, type Weights } from './builder.js';
import type { Constant } from './constant.js';
import type { Node } from './node.js';
import type { TensorProto } from './proto.js';
import {
  layerOrder,
  liesIn,
  numbersOf,
  placed,
  sizesOf,
  unmapped,
  walk,
  type Atom,
  type Live,
  type Value,
} from './value.js';

/** Values that may be made of few ones in one model, 128 MiB; and of weights that a file without any has filled with one number, 1 GiB. */
const [MOST_VALUES, MOST_FILLED] = [33_554_432, 268_435_456];

export class Reading {
  readonly builder: Builder;
  readonly opset: number;
  /** Size of the batch's axis, as the file has it; 1 where that is open. */
  readonly batch: number;
  readonly notes: Set<string>;
  /** How often a value's name is used. */
  readonly uses: ReadonlyMap<string, number>;
  /** The values of a tensor of the file, the same object each time. */
  readonly constant: (tensor: TensorProto) => Constant;
  readonly #ids = new Map<Constant, number>();
  #values = 0;
  #filled = 0;

  constructor(
    builder: Builder,
    opset: number,
    batch: number,
    notes: Set<string>,
    uses: ReadonlyMap<string, number>,
    constant: (tensor: TensorProto) => Constant,
  ) {
    this.builder = builder;
    this.opset = opset;
    this.batch = batch;
    this.notes = notes;
    this.uses = uses;
    this.constant = constant;
  }

  /** A name for a constant: two are the same if they come from the same place of the file. */
  id(constant: Constant | undefined): number {
    if (!constant) return -1;
    if (!this.#ids.has(constant)) this.#ids.set(constant, this.#ids.size);
    return this.#ids.get(constant)!;
  }

  key(what: string, config: object, ...constants: readonly (Constant | undefined)[]): string {
    return JSON.stringify([what, config, constants.map((each) => this.id(each))]);
  }

  /** Counts values that are about to be made of few ones; a file must not fill the memory. */
  spend(values: number): void {
    this.#values += values;
    if (!(this.#values <= MOST_VALUES)) unmapped('its constants would fill the memory');
  }

  /** The same of weights that are all one number. */
  fill(values: number): void {
    this.#filled += values;
    if (!(this.#filled <= MOST_FILLED)) unmapped('its constants would fill the memory');
  }

  /** Whether an output beyond the first is read. */
  usesMore(node: Node): boolean {
    return node.proto.outputs.slice(1).some((name) => this.uses.has(name));
  }

  /** The ONNX tensor's sizes. */
  dims(value: Exclude<Value, { constant: 'erf' }>): readonly number[] {
    if (value.constant) return value.dims;
    return value.bare ? sizesOf(value.view) : [this.batch, ...sizesOf(value.view)];
  }

  shapeOf({ tensor }: Live): Shape {
    return this.builder.shapes[tensor]!;
  }

  /** What a layer without weights makes of a value, each number by itself. */
  pointwise(className: string, config: Record<string, unknown>, x: Live, more: Partial<Live> = {}): Live {
    const tensor = this.builder.call(className, config, [x.tensor], this.shapeOf(x));
    return { constant: false, tensor, physical: x.physical, view: x.view, ...more };
  }

  /** The tensor under another shape of as many values. */
  shaped(tensor: number, shape: Shape): number {
    if (sameShape(this.builder.shapes[tensor]!, shape)) return tensor;
    return shape.length === 1
      ? this.builder.call('Flatten', {}, [tensor], shape)
      : this.builder.call('Reshape', { targetShape: [...shape] }, [tensor], shape);
  }

  /** The value with its axes in this order in memory. */
  arranged(value: Live, order: readonly number[]): Live {
    if (liesIn(value, order)) return value;
    const target = order.flatMap((axis) => value.view[axis]!);
    // What stays side by side is moved as one.
    const runs = target.reduce<Atom[][]>((all, atom, i) => {
      const before = target[i - 1];
      if (before && value.physical.indexOf(atom) === value.physical.indexOf(before) + 1) all.at(-1)!.push(atom);
      else all.push([atom]);
      return all;
    }, []);
    const sizes = runs.map((run) => sizeOf(run.map(({ size }) => size)));
    const from = runs
      .map((run, i) => ({ place: value.physical.indexOf(run[0]!), i }))
      .sort((a, b) => a.place - b.place);
    const dims = runs.map((_, i) => from.findIndex((each) => each.i === i) + 1);
    const flat = this.shaped(
      value.tensor,
      from.map(({ i }) => sizes[i]!),
    );
    const tensor = this.builder.call('Permute', { dims }, [flat], sizes);
    return { ...value, tensor, physical: target, origin: undefined };
  }

  /** The tensor of a value whose axes lie in this order, each an axis of its shape. */
  ordered(value: Live, order: readonly number[]): number {
    const sizes = sizesOf(value.view);
    return this.shaped(
      this.arranged(value, order).tensor,
      order.map((axis) => sizes[axis]!),
    );
  }

  /** An image [height, width, channels] of [n, channels, height, width] or, with a height of 1, of [n, channels, length]. */
  image(value: Live): { tensor: number; shape: readonly [height: number, width: number, channels: number] } {
    const sizes = sizesOf(value.view);
    if (sizes.length !== 3 && sizes.length !== 2)
      unmapped(`its input has ${sizes.length + 1} axes, an image or a row of them is needed`);
    const [channels, ...spatial] = sizes as [number, ...number[]];
    const shape = [spatial.length === 2 ? spatial[0]! : 1, spatial.at(-1)!, channels] as const;
    const { tensor } = this.arranged(value, layerOrder(sizes.length));
    return { tensor: this.shaped(tensor, shape), shape };
  }

  /** The value that an image stands for, of as many axes as the one before. */
  ofImage(tensor: number, rank: number, more: Partial<Live> = {}): Live {
    const [height, width, channels] = this.builder.shapes[tensor]! as [number, number, number];
    const sizes = rank === 3 ? [channels, height, width] : [channels, width];
    return { ...placed(tensor, sizes, layerOrder(rank)), ...more };
  }

  /**
   * A constant as it meets the value: for the innermost ones of the value's numbers, as they lie, and so on for all. One number where it is
   * the same everywhere.
   */
  along(value: Live, { dims, data }: Constant): Float32Array {
    if (data.length === 1) return Float32Array.from(data);
    const own = [this.batch, ...sizesOf(value.view)];
    const lacking = own.length - dims.length;
    if (lacking < 0) unmapped(`a constant of ${dims.length} axes meets a value of ${own.length}`);
    const sizes = own.map((_, axis) => (axis < lacking ? 1 : dims[axis - lacking]!));
    if (sizes[0] !== 1) unmapped('a constant has other values for each example');
    const steps = sizes.map((size, axis) => (size === 1 ? 0 : sizeOf(sizes.slice(axis + 1))));
    for (const [axis, size] of sizes.entries())
      if (size !== 1 && size !== own[axis])
        unmapped(`a constant of ${size} values along axis ${axis} meets ${own[axis]} there`);
    const stepOf = new Map<Atom, number>();
    for (const [axis, atoms] of value.view.entries()) {
      let step = steps[axis + 1]!;
      for (const atom of [...atoms].reverse()) {
        stepOf.set(atom, step);
        step *= atom.size;
      }
    }
    const first = value.physical.findIndex((atom) => stepOf.get(atom) !== 0);
    const inner = value.physical.slice(first);
    this.spend(sizeOf(inner.map(({ size }) => size)));
    return Float32Array.from(
      walk(
        inner.map(({ size }) => size),
        inner.map((atom) => stepOf.get(atom)!),
      ),
      (index) => data[index]!,
    );
  }

  /** x · scale + offset with one of each for each of the innermost numbers, as a depthwise convolution of 1 × 1. */
  depthwise(x: Live, scale: Float32Array, offset: Float32Array | null, more: Record<string, unknown> = {}): Live {
    const shape = this.shapeOf(x);
    const channels = Math.max(scale.length, offset?.length ?? 1);
    const image = shape.length === 3 && shape[2] === channels ? shape : [sizeOf(shape) / channels, 1, channels];
    const filled = (values: Float32Array): Float32Array =>
      values.length === channels ? values : new Float32Array(channels).fill(values[0]!);
    const weights: Weights = {
      depthwiseKernel: tensorOf([1, 1, channels, 1], filled(scale)),
      ...(offset && { bias: tensorOf([channels], filled(offset)) }),
    };
    const config = { kernelSize: 1, useBias: offset !== null, ...more };
    const y = this.builder.call('DepthwiseConv2D', config, [this.shaped(x.tensor, image)], image, weights);
    return { constant: false, tensor: this.shaped(y, shape), physical: x.physical, view: x.view };
  }

  /** For each of a flat value's numbers as they lie in memory, its number in the ONNX tensor; null where that is the same. */
  rows(value: Live): Int32Array | null {
    const numbers = numbersOf(value);
    return numbers.every((number, i) => number === i) ? null : numbers;
  }
}
