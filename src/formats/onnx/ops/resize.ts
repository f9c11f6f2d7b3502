// Resize and Upsample: upSampling2d or resizing where they do the same, else a weighted sum along each axis.
import type { Node } from '../node.js';
import type { Reading } from '../reading.js';
import { sizesOf, unmapped, type Live, type Value } from '../value.js';
import { axisIn, constantInput, liveInput } from './inputs.js';
import { linear } from './linear.js';
import { isOutside, placeOf, resamplingOf, rounded, tapsOf, type Axis, type Resampling } from './resampling.js';

type Inputs = readonly (Value | undefined)[];

export function resize(node: Node, inputs: Inputs, reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const sizes = sizesOf(x.view);
  const isOld = node.op === 'Upsample' || node.opset < 11;
  const resampling = resamplingOf(node, isOld);
  const all = axesOf(node, inputs, [reading.batch, ...sizes], isOld);
  if (all[0]!.out !== all[0]!.size) unmapped('it resizes the axis of the examples');
  const axes = all.slice(1);
  const usual = usualLayer(x, axes, resampling, reading);
  if (usual) return usual;
  return axes.reduce<Live>((y, axis, i) => {
    if (axis.out === axis.size && axis.scale === 1 && resampling.transformation !== 'tf_crop_and_resize') return y;
    const outs = Array.from({ length: axis.out }, (_, o) => o);
    const beyond = outs.map((o) => isOutside(resampling, placeOf(resampling, axis, o), axis.size));
    return linear(
      y,
      i,
      outs.map((o) => tapsOf(resampling, axis, o)),
      reading,
      beyond.includes(true) ? Float32Array.from(beyond, (is) => (is ? resampling.extrapolation : 0)) : null,
    );
  }, x);
}

/** One of our layers, if each output pixel comes from the same place there. */
function usualLayer(x: Live, axes: readonly Axis[], resampling: Resampling, reading: Reading): Live | null {
  const { mode, rounding, antialias, transformation } = resampling;
  if (axes.length !== 3 || axes[0]!.out !== axes[0]!.size || mode === 'cubic') return null;
  if (antialias || transformation === 'tf_crop_and_resize') return null;
  const spatial = axes.slice(1);
  const isSame = spatial.every((axis) => {
    const { size, out } = axis;
    const within = (place: number): number => Math.min(Math.max(place, 0), size - 1);
    return Array.from({ length: out }, (_, o) => o).every((o) => {
      const [theirs, ours] = [placeOf(resampling, axis, o), ((o + 0.5) * size) / out];
      return mode === 'nearest'
        ? within(rounded(theirs, rounding)) === within(Math.floor(ours))
        : Math.abs(within(theirs) - within(ours - 0.5)) < 1e-5;
    });
  });
  if (!isSame) return null;
  const { tensor, shape } = reading.image(x);
  const [height, width] = spatial.map(({ out }) => out) as [number, number];
  const interpolation = mode === 'nearest' ? 'nearest' : 'bilinear';
  const times = spatial.map(({ out, size }) => out / size);
  const output = [height, width, shape[2]];
  const { builder } = reading;
  const y = times.every(Number.isSafeInteger)
    ? builder.call('UpSampling2D', { size: times, interpolation }, [tensor], output)
    : builder.call('Resizing', { height, width, interpolation }, [tensor], output);
  return reading.ofImage(y, 3, { nonNegative: x.nonNegative });
}

/** What becomes of each axis. */
function axesOf(node: Node, inputs: Inputs, dims: readonly number[], isOld: boolean): Axis[] {
  const axes = node.ints('axes')?.map((axis) => axisIn(axis, dims.length)) ?? dims.map((_, axis) => axis);
  const numbers = (i: number, what: string): ArrayLike<number> | null => {
    const value = inputs[i] === undefined ? null : constantInput(node, inputs, i, what).data;
    return value && value.length > 0 ? value : null;
  };
  const policy = node.text('keep_aspect_ratio_policy', 'stretch');
  const roi = isOld ? null : numbers(1, 'roi');
  const sizes = isOld ? null : numbers(3, 'sizes');
  const scales = isOld ? (node.floats('scales') ?? numbers(1, 'scales')) : numbers(2, 'scales');
  const given = sizes ?? scales;
  if (!given || given.length !== axes.length) unmapped('neither scales nor sizes for each axis');
  const grown = axes.map((axis, i) => (sizes ? sizes[i]! / dims[axis]! : scales![i]!));
  const one =
    sizes && policy === 'not_larger'
      ? Math.min(...grown)
      : sizes && policy === 'not_smaller'
        ? Math.max(...grown)
        : null;
  if (one === null && policy !== 'stretch') unmapped(`keep_aspect_ratio_policy ${policy}`);
  const result = dims.map((size, axis): Axis => {
    const i = axes.indexOf(axis);
    if (i < 0) return { size, out: size, scale: 1, region: [0, 1] };
    const region = roi ? ([roi[i]!, roi[i + axes.length]!] as const) : ([0, 1] as const);
    if (one !== null) return { size, out: Math.floor(one * size + 0.5), scale: one, region };
    // A float32 scale may be a little less than what was meant.
    const out = sizes ? sizes[i]! : Math.floor(size * grown[i]! + 1e-5);
    return { size, out, scale: grown[i]!, region };
  });
  if (!result.every(({ out }) => Number.isSafeInteger(out) && out > 0 && out < 65_536))
    unmapped(`sizes [${result.map(({ out }) => out).join(', ')}]`);
  return result;
}
