// Conv and ConvTranspose.
import { sizeOf } from '../../../base/shape.js';
import { tensorOf, type Weights } from '../builder.js';
import type { Constant } from '../constant.js';
import type { Node } from '../node.js';
import type { Reading } from '../reading.js';
import { unmapped, type Live, type Value } from '../value.js';
import { padsOf, pairOf, windowsOf, type Pair } from '../window.js';
import { constantInput, liveInput } from './inputs.js';

/** [out, in, height, width] → [height, width, in, out] */
export function toLastAxes({ dims, data }: Constant): Float32Array {
  const [filters, channels] = dims as [number, number];
  const places = sizeOf(dims.slice(2));
  const to = new Float32Array(data.length);
  for (let f = 0; f < filters; f++)
    for (let c = 0; c < channels; c++)
      for (let place = 0; place < places; place++)
        to[(place * channels + c) * filters + f] = data[(f * channels + c) * places + place]!;
  return to;
}

function kernelOf(weights: Constant, spatial: number): Pair {
  if (weights.dims.length !== 2 + spatial) unmapped(`weights of [${weights.dims.join(', ')}]`);
  return spatial === 2 ? [weights.dims[2]!, weights.dims[3]!] : [1, weights.dims[2]!];
}

function biasOf(node: Node, inputs: readonly (Value | undefined)[], filters: number): Constant | undefined {
  const bias = inputs[2] === undefined ? undefined : constantInput(node, inputs, 2, 'its bias');
  if (bias && bias.data.length !== filters) unmapped(`a bias of [${bias.dims.join(', ')}] for ${filters} filters`);
  return bias;
}

export function conv(node: Node, inputs: readonly (Value | undefined)[], reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const weights = constantInput(node, inputs, 1, 'its weights');
  const spatial = x.view.length - 1;
  const { tensor, shape } = reading.image(x);
  const [height, width, channels] = shape;
  const windows = windowsOf(node, [height, width], spatial, kernelOf(weights, spatial));
  const { kernel, strides, dilations, pads, output, padding } = windows;
  const groups = node.int('group', 1);
  const [filters, perGroup] = weights.dims as [number, number];
  if (!(groups >= 1 && perGroup * groups === channels && filters % groups === 0 && sizeOf(weights.dims) > 0))
    unmapped(`weights of [${weights.dims.join(', ')}] in ${groups} groups for ${channels} channels`);
  const bias = biasOf(node, inputs, filters);
  const common = {
    kernelSize: [...kernel],
    strides: [...strides],
    dilationRate: [...dilations],
    padding: padding ?? pads.map((side) => [...side]),
    useBias: bias !== undefined,
  };
  const isDepthwise = groups > 1 && groups === channels;
  const key = reading.key(node.op, { ...common, groups, filters }, weights, bias);
  const make = (className: string, config: object, weightsOf: Weights): number =>
    reading.builder.call(
      className,
      { ...config, ...common },
      [tensor],
      [...output, filters],
      { ...weightsOf, ...(bias && { bias: tensorOf([filters], Float32Array.from(bias.data)) }) },
      key,
    );
  if (isDepthwise) {
    const depthMultiplier = filters / channels;
    // Output channel c · depthMultiplier + m in both.
    const depthwiseKernel = tensorOf([...kernel, channels, depthMultiplier], toLastAxes(weights));
    return reading.ofImage(make('DepthwiseConv2D', { depthMultiplier }, { depthwiseKernel }), x.view.length);
  }
  const weight = tensorOf([...kernel, perGroup, filters], toLastAxes(weights));
  return reading.ofImage(make('Conv2D', { filters, groups }, { kernel: weight }), x.view.length);
}

export function convTranspose(node: Node, inputs: readonly (Value | undefined)[], reading: Reading): Live {
  const x = liveInput(node, inputs, 0);
  const given = constantInput(node, inputs, 1, 'its weights');
  const spatial = x.view.length - 1;
  const { tensor, shape } = reading.image(x);
  const [, , channels] = shape;
  const small = kernelOf(given, spatial);
  const declared = node.ints('kernel_shape');
  if (declared && pairOf(declared, spatial, 1, 'kernel_shape').some((size, axis) => size !== small[axis]))
    unmapped(`kernel_shape [${declared.join(', ')}] with weights of [${given.dims.join(', ')}]`);
  const strides = pairOf(node.ints('strides'), spatial, 1, 'strides');
  const dilations = pairOf(node.ints('dilations'), spatial, 1, 'dilations');
  const groups = node.int('group', 1);
  const [inChannels, perGroup] = given.dims as [number, number];
  const filters = perGroup * groups;
  if (!(groups >= 1 && inChannels === channels && channels % groups === 0 && sizeOf(given.dims) > 0))
    unmapped(`weights of [${given.dims.join(', ')}] in ${groups} groups for ${channels} channels`);
  const bias = biasOf(node, inputs, filters);
  const kernel = [0, 1].map((axis) => (small[axis]! - 1) * dilations[axis]! + 1) as [number, number];
  const more = pairOf(node.ints('output_padding'), spatial, 0, 'output_padding');
  const { crop, extra } = cropOf(node, [shape[0], shape[1]], spatial, kernel, strides, more);
  const isWhole = crop.flat().every((side) => side === 0);
  // As a convolution with padding: 'same' would have it, and as its own layer pads.
  const isSame = [0, 1].every((axis) => {
    const all = Math.max(kernel[axis]! - strides[axis]!, 0);
    const [before, after] = crop[axis]!;
    return (
      extra[axis] === 0 && before === Math.floor(all / 2) && before + after === all && kernel[axis]! >= strides[axis]!
    );
  });
  if (extra.some((rows, axis) => rows >= strides[axis]!)) unmapped(`output_padding [${more.join(', ')}]`);
  if (groups > 1) reading.notes.add(groupsNote);
  reading.spend(sizeOf(kernel) * filters * channels);
  const weights: Weights = {
    kernel: tensorOf([...kernel, filters, channels], spread(given, small, kernel, dilations, groups)),
    ...(bias && { bias: tensorOf([filters], Float32Array.from(bias.data)) }),
  };
  const padding = isSame ? { padding: 'same' } : { padding: 'valid', outputPadding: [...extra] };
  const config = { filters, kernelSize: [...kernel], strides: [...strides], ...padding, useBias: bias !== undefined };
  const cut = isSame ? [0, 0] : crop.map(([before, after]) => before + after);
  const full = [0, 1].map((axis) => (shape[axis]! - 1) * strides[axis]! + kernel[axis]! + extra[axis]!);
  const size = isSame ? [shape[0] * strides[0], shape[1] * strides[1]] : full;
  const { builder } = reading;
  const key = reading.key(node.op, { ...config, groups, dilations }, given, bias);
  const y = builder.call('Conv2DTranspose', config, [tensor], [...size, filters], weights, key);
  if (isSame || isWhole) return reading.ofImage(y, x.view.length);
  const left = size.map((all, axis) => all - cut[axis]!);
  if (!left.every((all) => all > 0)) unmapped('pads take all of its output');
  const cropping = crop.map((side) => [...side]);
  return reading.ofImage(builder.call('Cropping2D', { cropping }, [y], [...left, filters]), x.view.length);
}

const groupsNote =
  'a ConvTranspose with groups became one without, whose kernel is 0 between the groups; training changes those zeros, too';

/** What is cut off the output of all windows, and what comes to its end beyond them. */
function cropOf(node: Node, size: Pair, spatial: number, kernel: Pair, strides: Pair, more: Pair) {
  const auto = node.text('auto_pad', 'NOTSET');
  const shape = node.ints('output_shape');
  const wanted = shape ? pairOf(shape.slice(-spatial), spatial, 1, 'output_shape') : null;
  const pads = padsOf(node.ints('pads'), spatial);
  const sides = [0, 1].map((axis) => {
    const full = (size[axis]! - 1) * strides[axis]! + kernel[axis]! + more[axis]!;
    let [before, after] = pads[axis]!;
    const target = wanted?.[axis] ?? (auto.startsWith('SAME') ? size[axis]! * strides[axis]! : null);
    if (target !== null) {
      const all = full - target;
      before = auto === 'SAME_UPPER' ? Math.floor(all / 2) : all - Math.floor(all / 2);
      if (all < 0) before = 0;
      after = all - before;
    }
    // output_padding lies at the end, where pads take away.
    after -= more[axis]!;
    return { crop: [before, Math.max(after, 0)] as const, extra: Math.max(-after, 0) };
  });
  return {
    crop: sides.map(({ crop }) => crop) as [Pair, Pair],
    extra: sides.map(({ extra }) => extra) as [number, number],
  };
}

/** [in, out / groups, height, width] → [height, width, out, in] with zeros between the taps of a dilation and between groups. */
function spread({ dims, data }: Constant, small: Pair, kernel: Pair, dilations: Pair, groups: number): Float32Array {
  const [channels, perGroup] = dims as [number, number];
  const filters = perGroup * groups;
  const to = new Float32Array(kernel[0] * kernel[1] * filters * channels);
  for (let c = 0; c < channels; c++)
    for (let f = 0; f < perGroup; f++)
      for (let y = 0; y < small[0]; y++)
        for (let x = 0; x < small[1]; x++) {
          const place = y * dilations[0] * kernel[1] + x * dilations[1];
          const filter = Math.floor(c / (channels / groups)) * perGroup + f;
          to[(place * filters + filter) * channels + c] = data[((c * perGroup + f) * small[0] + y) * small[1] + x]!;
        }
  return to;
}
