// Layers that move values and make none: each element of the output is a weighted sum of elements of the input.
import { product, type Activations, type ReferenceLayer } from './layer.js';

type Term = readonly [place: number, weight: number];

/** `terms`, for the place of an element in one example's output: the places in the example's input that it is made of. */
function linear(
  { values, shape: input }: Activations,
  n: number,
  shape: readonly number[],
  terms: (index: readonly number[], element: number) => readonly Term[],
): ReturnType<ReferenceLayer> {
  const [inSize, size] = [product(input), product(shape)];
  const all = Array.from({ length: size }, (_, element) => terms(indexOf(element, shape), element));
  const y = new Float64Array(n * size);
  for (let example = 0; example < n; example++)
    for (const [element, list] of all.entries())
      for (const [place, weight] of list) y[example * size + element]! += weight * values[example * inSize + place]!;
  return {
    values: y,
    shape,
    backward(dy) {
      const dx = new Float64Array(values.length);
      for (let example = 0; example < n; example++)
        for (const [element, list] of all.entries())
          for (const [place, weight] of list) dx[example * inSize + place]! += weight * dy[example * size + element]!;
      return { inputs: [dx], weights: [] };
    },
  };
}

function indexOf(element: number, shape: readonly number[]): number[] {
  const index = shape.map(() => 0);
  let rest = element;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}

const placeOf = (index: readonly number[], shape: readonly number[]): number =>
  index.reduce((place, each, axis) => place * shape[axis]! + each, 0);

export const reshape: ReferenceLayer = ({ config, inputs: [x], n }) => {
  const { targetShape } = config as { targetShape: readonly number[] };
  const known = product(targetShape.filter((size) => size > 0));
  const shape = targetShape.map((size) => (size > 0 ? size : product(x!.shape) / known));
  return linear(x!, n, shape, (_, element) => [[element, 1]]);
};

export const permute: ReferenceLayer = ({ config, inputs: [x], n }) => {
  const { dims } = config as { dims: readonly number[] };
  const { shape } = x!;
  return linear(
    x!,
    n,
    dims.map((axis) => shape[axis - 1]!),
    (index) => {
      const from = shape.map((_, axis) => index[dims.indexOf(axis + 1)]!);
      return [[placeOf(from, shape), 1]];
    },
  );
};

type Sides = readonly (readonly [number, number])[];

/** The part of an image that begins at [top, left], which may be outside: there it is zero. */
function part(x: Activations, n: number, [height, width]: readonly number[], top: number, left: number) {
  const [inH, inW, channels] = x.shape as [number, number, number];
  return linear(x, n, [height!, width!, channels], ([row, column, channel]) => {
    const [inRow, inColumn] = [row! + top, column! + left];
    if (inRow < 0 || inRow >= inH || inColumn < 0 || inColumn >= inW) return [];
    return [[placeOf([inRow, inColumn, channel!], x.shape), 1]];
  });
}

export const zeroPadding2d: ReferenceLayer = ({ config, inputs: [x], n }) => {
  const [[top, bottom], [left, right]] = (config as { padding: Sides }).padding as [[number, number], [number, number]];
  return part(x!, n, [x!.shape[0]! + top + bottom, x!.shape[1]! + left + right], -top, -left);
};

export const cropping2d: ReferenceLayer = ({ config, inputs: [x], n }) => {
  const [[top, bottom], [left, right]] = (config as { cropping: Sides }).cropping as [
    [number, number],
    [number, number],
  ];
  return part(x!, n, [x!.shape[0]! - top - bottom, x!.shape[1]! - left - right], top, left);
};

/** What output pixel o of an axis is made of: a pixel's center is at its number and a half. */
function along(o: number, inSize: number, outSize: number, interpolation: string): readonly Term[] {
  const at = ((o + 0.5) * inSize) / outSize;
  if (interpolation === 'nearest') return [[Math.floor(at), 1]];
  const [first, behind] = [Math.floor(at - 0.5), at - 0.5 - Math.floor(at - 0.5)];
  const inside = (pixel: number): number => Math.min(Math.max(pixel, 0), inSize - 1);
  return [
    [inside(first), 1 - behind],
    [inside(first + 1), behind],
  ];
}

function resize(x: Activations, n: number, height: number, width: number, interpolation: string) {
  const [inH, inW, channels] = x.shape as [number, number, number];
  return linear(x, n, [height, width, channels], ([row, column, channel]) =>
    along(row!, inH, height, interpolation).flatMap(([inRow, a]) =>
      along(column!, inW, width, interpolation).map(([inColumn, b]): Term => [
        placeOf([inRow, inColumn, channel!], x.shape),
        a * b,
      ]),
    ),
  );
}

/** One behind the other. */
function then(
  first: ReturnType<ReferenceLayer>,
  next: (x: Activations) => ReturnType<ReferenceLayer>,
): ReturnType<ReferenceLayer> {
  const second = next(first);
  return { ...second, backward: (dy) => first.backward(second.backward(dy).inputs[0]!) };
}

/** The middle with the proportions of height × width, in that size: Keras' smart_resize. */
function smartResize(x: Activations, n: number, height: number, width: number, interpolation: string) {
  const [inH, inW] = x.shape as [number, number];
  const size = [Math.min(inH, Math.floor((inW * height) / width)), Math.min(inW, Math.floor((inH * width) / height))];
  const [top, left] = [Math.floor((inH - size[0]!) / 2), Math.floor((inW - size[1]!) / 2)];
  return then(part(x, n, size, top, left), (middle) => resize(middle, n, height, width, interpolation));
}

export const resizing: ReferenceLayer = ({ config, inputs: [x], n }) => {
  const { height, width, interpolation, cropToAspectRatio } = config as {
    height: number;
    width: number;
    interpolation: string;
    cropToAspectRatio: boolean;
  };
  return (cropToAspectRatio ? smartResize : resize)(x!, n, height, width, interpolation);
};

export const centerCrop: ReferenceLayer = ({ config, inputs: [x], n }) => {
  const { height, width } = config as { height: number; width: number };
  const [inH, inW] = x!.shape as [number, number];
  if (inH < height || inW < width) return smartResize(x!, n, height, width, 'bilinear');
  return part(x!, n, [height, width], Math.floor((inH - height) / 2), Math.floor((inW - width) / 2));
};

export const upSampling2d: ReferenceLayer = ({ config, inputs: [x], n }) => {
  const { size, interpolation } = config as { size: readonly [number, number]; interpolation: string };
  if (interpolation === 'bilinear') return resize(x!, n, x!.shape[0]! * size[0], x!.shape[1]! * size[1], interpolation);
  const [inH, inW, channels] = x!.shape as [number, number, number];
  return linear(x!, n, [inH * size[0], inW * size[1], channels], ([row, column, channel]) => [
    [placeOf([Math.floor(row! / size[0]), Math.floor(column! / size[1]), channel!], x!.shape), 1],
  ]);
};
