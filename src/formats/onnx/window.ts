// Windows over images as ONNX tells of them: kernel_shape, strides, dilations, and one of three ways to pad.
import type { Node } from './node.js';
import { unmapped } from './value.js';

export interface Windows {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Above, below; left, right. */
  readonly pads: readonly [readonly [number, number], readonly [number, number]];
  readonly output: readonly [height: number, width: number];
  /** Padding as a layer takes it, if it pads so by itself. */
  readonly padding: 'valid' | 'same' | null;
}

export type Pair = readonly [number, number];

/** Whether it can be a size of a window. */
const isSmall = (value: number): boolean => Number.isSafeInteger(value) && value < 65_536;

/** [height, width] of an attribute; a row of images has a height of 1, which `neutral` goes to. */
export function pairOf(values: readonly number[] | undefined, spatial: number, neutral: number, what: string): Pair {
  const given = values ?? Array.from({ length: spatial }, () => neutral);
  if (given.length !== spatial || !given.every((value) => isSmall(value) && value >= neutral))
    unmapped(`${what} [${given.join(', ')}]`);
  return spatial === 2 ? [given[0]!, given[1]!] : [neutral, given[0]!];
}

/** pads [top, left, bottom, right] → [[top, bottom], [left, right]]. */
export function padsOf(values: readonly number[] | undefined, spatial: number): Windows['pads'] {
  const pads = values ?? Array.from({ length: 2 * spatial }, () => 0);
  if (pads.length !== 2 * spatial || !pads.every((value) => isSmall(value) && value >= 0))
    unmapped(`pads [${pads.join(', ')}]`);
  const side = (axis: number): Pair => [pads[axis]!, pads[axis + spatial]!];
  return spatial === 2 ? [side(0), side(1)] : [[0, 0], side(0)];
}

/** `kernel`: of the weights, where there are some. `spatial`: 2 for images, 1 for rows. */
export function windowsOf(node: Node, size: Pair, spatial: number, kernelOfWeights?: Pair): Windows {
  const given = node.ints('kernel_shape');
  if (!given && !kernelOfWeights) unmapped('no kernel_shape');
  const kernel = given ? pairOf(given, spatial, 1, 'kernel_shape') : kernelOfWeights!;
  if (kernelOfWeights && !(kernel[0] === kernelOfWeights[0] && kernel[1] === kernelOfWeights[1]))
    unmapped(`kernel_shape [${kernel.join(', ')}] with weights of [${kernelOfWeights.join(', ')}]`);
  const strides = pairOf(node.ints('strides'), spatial, 1, 'strides');
  const dilations = pairOf(node.ints('dilations'), spatial, 1, 'dilations');
  const reach = [0, 1].map((axis) => (kernel[axis]! - 1) * dilations[axis]! + 1) as [number, number];
  const auto = node.text('auto_pad', 'NOTSET');
  const declared = padsOf(node.ints('pads'), spatial);
  const ceil = node.int('ceil_mode', 0) === 1;
  const axes = [0, 1].map((axis) => {
    const [length, window, stride] = [size[axis]!, reach[axis]!, strides[axis]!];
    if (auto === 'NOTSET') {
      const [before, after] = declared[axis]!;
      const space = length + before + after - window;
      let out = (ceil ? Math.ceil(space / stride) : Math.floor(space / stride)) + 1;
      // The last window begins in the image or in what is before it.
      if (ceil && (out - 1) * stride >= length + before) out--;
      return { before, after, out };
    }
    if (auto === 'VALID') return { before: 0, after: 0, out: Math.floor((length - window) / stride) + 1 };
    if (auto !== 'SAME_UPPER' && auto !== 'SAME_LOWER') unmapped(`auto_pad ${auto}`);
    const out = Math.ceil(length / stride);
    const all = Math.max((out - 1) * stride + window - length, 0);
    const less = Math.floor(all / 2);
    return auto === 'SAME_UPPER' ? { before: less, after: all - less, out } : { before: all - less, after: less, out };
  });
  const [rows, columns] = axes as [(typeof axes)[0], (typeof axes)[0]];
  if (!(rows.out > 0 && columns.out > 0)) unmapped(`an image of ${size.join(' × ')} is smaller than its window`);
  const pads = [
    [rows.before, rows.after],
    [columns.before, columns.after],
  ] as const;
  const isValid = axes.every(
    ({ before, out }, axis) => before === 0 && out === Math.floor((size[axis]! - reach[axis]!) / strides[axis]!) + 1,
  );
  const isSame = axes.every(({ before, out }, axis) => {
    const same = Math.ceil(size[axis]! / strides[axis]!);
    const all = Math.max((same - 1) * strides[axis]! + reach[axis]! - size[axis]!, 0);
    return out === same && before === Math.floor(all / 2);
  });
  // With a stride of 1 'same' means the same for images of any size; else it was asked for by name.
  const asked = auto === 'SAME_UPPER' || strides.every((stride) => stride === 1);
  return {
    ...{ kernel, strides, dilations, pads, output: [rows.out, columns.out] },
    padding: isValid ? 'valid' : isSame && asked ? 'same' : null,
  };
}

/** What must lie around an image for all windows to fit, where ceil_mode lets the last ones stand out. */
export function padsForAll({ kernel, strides, dilations, pads, output }: Windows, size: Pair): Windows['pads'] {
  return [0, 1].map((axis) => {
    const needed = (output[axis]! - 1) * strides[axis]! + (kernel[axis]! - 1) * dilations[axis]! + 1;
    return [pads[axis]![0], Math.max(0, needed - size[axis]! - pads[axis]![0])];
  }) as unknown as Windows['pads'];
}
