// Layers with kernels, and pools.
import type { Shape } from '../../../base/shape.js';
import type { NamedTensor } from '../../safetensors.js';
import { windows, type Padding, type Sides } from '../../../layers/window.js';
import type { AttributeValue } from './encode.js';
import type { GraphWriter, LayerOut, Written } from './graphWriter.js';

type Pair = readonly [number, number];

interface Window {
  readonly kernelSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding | Sides;
  readonly dilationRate?: Pair;
}

/** pads [top, left, bottom, right] that make an output of this size. */
function padsFor(
  { kernelSize, strides, padding, dilationRate = [1, 1] }: Window,
  input: Shape,
  name: string,
): number[] {
  const reach = kernelSize.map((size, axis) => (size - 1) * dilationRate[axis]! + 1) as unknown as Pair;
  const { outH, outW, padTop, padLeft } = windows(input, reach, strides, padding, name);
  const after = [outH, outW].map((out, axis) => {
    const needed = (out - 1) * strides[axis]! + reach[axis]! - input[axis]! - [padTop, padLeft][axis]!;
    return Math.max(0, needed);
  });
  return [padTop, padLeft, ...after];
}

function windowAttributes(window: Window, input: Shape, name: string): Record<string, AttributeValue> {
  return {
    kernel_shape: window.kernelSize,
    strides: window.strides,
    pads: padsFor(window, input, name),
    ...(window.dilationRate && { dilations: window.dilationRate }),
  };
}

/** [height, width, a, b] → [b, a, height, width]. */
export function toFirstAxes({ shape, data }: NamedTensor): Float32Array {
  const [height, width, a, b] = shape as [number, number, number, number];
  const places = height * width;
  const to = new Float32Array(data.length);
  for (let place = 0; place < places; place++)
    for (let i = 0; i < a; i++)
      for (let j = 0; j < b; j++) to[(j * a + i) * places + place] = data[(place * a + i) * b + j]!;
  return to;
}

/** [height, width, channels, multiplier] → [channels · multiplier, 1, height, width]. */
function depthwiseKernel({ shape, data }: NamedTensor): Float32Array {
  const [height, width, channels, multiplier] = shape as [number, number, number, number];
  return toFirstAxes({ shape: [height, width, 1, channels * multiplier], data });
}

function withBias(graph: GraphWriter, layer: LayerOut): string[] {
  const bias = layer.weights.get('bias');
  return bias ? [graph.weight(`${layer.name}/bias`, bias.shape, () => bias.data)] : [];
}

export function writeConv2d(graph: GraphWriter, layer: LayerOut, x: Written, output: Shape): Written {
  const kernel = layer.weights.get('kernel')!;
  const [height, width, perGroup, filters] = kernel.shape as [number, number, number, number];
  const weight = graph.weight(`${layer.name}/kernel`, [filters, perGroup, height, width], () => toFirstAxes(kernel), 0);
  const attributes = windowAttributes(layer.config as unknown as Window, x.shape, layer.name);
  const group = (layer.config.groups as number | undefined) ?? 1;
  const inputs = [graph.image(x), weight, ...withBias(graph, layer)];
  return { shape: output, image: graph.node('Conv', inputs, { ...attributes, group }) };
}

export function writeDepthwiseConv2d(graph: GraphWriter, layer: LayerOut, x: Written, output: Shape): Written {
  const kernel = layer.weights.get('depthwiseKernel')!;
  const [height, width, channels, multiplier] = kernel.shape as [number, number, number, number];
  const dims = [channels * multiplier, 1, height, width];
  const weight = graph.weight(`${layer.name}/depthwiseKernel`, dims, () => depthwiseKernel(kernel), 0);
  const attributes = windowAttributes(layer.config as unknown as Window, x.shape, layer.name);
  const isSeparable = layer.className === 'SeparableConv2D';
  const bias = isSeparable ? [] : withBias(graph, layer);
  const y = graph.node('Conv', [graph.image(x), weight, ...bias], { ...attributes, group: channels });
  if (!isSeparable) return { shape: output, image: y };
  const pointwise = layer.weights.get('pointwiseKernel')!;
  const filters = pointwise.shape[3]!;
  const inner = [filters, pointwise.shape[2]!, 1, 1];
  const second = graph.weight(`${layer.name}/pointwiseKernel`, inner, () => toFirstAxes(pointwise), 0);
  const image = graph.node('Conv', [y, second, ...withBias(graph, layer)], { kernel_shape: [1, 1] });
  return { shape: output, image };
}

export function writeConv2dTranspose(graph: GraphWriter, layer: LayerOut, x: Written, output: Shape): Written {
  const kernel = layer.weights.get('kernel')!;
  const [height, width, filters, channels] = kernel.shape as [number, number, number, number];
  const { kernelSize, strides, padding } = layer.config as unknown as Window;
  const { padTop, padLeft } = windows(output, kernelSize, strides, padding, layer.name);
  const before = [padTop, padLeft];
  // What all windows make, less what is before, against what comes out.
  const after = [0, 1].map(
    (axis) => (x.shape[axis]! - 1) * strides[axis]! + kernelSize[axis]! - before[axis]! - output[axis]!,
  );
  const weight = graph.weight(`${layer.name}/kernel`, [channels, filters, height, width], () => toFirstAxes(kernel), 1);
  const image = graph.node('ConvTranspose', [graph.image(x), weight, ...withBias(graph, layer)], {
    kernel_shape: kernelSize,
    strides,
    pads: [...before, ...after.map((side) => Math.max(0, side))],
    output_padding: after.map((side) => Math.max(0, -side)),
  });
  return { shape: output, image };
}

export function writeDense(graph: GraphWriter, layer: LayerOut, x: Written, output: Shape): Written {
  const kernel = layer.weights.get('kernel')!;
  const weight = graph.weight(`${layer.name}/kernel`, kernel.shape, () => kernel.data, 1);
  return { shape: output, plain: graph.node('Gemm', [graph.plain(x), weight, ...withBias(graph, layer)]) };
}

export function writePool(graph: GraphWriter, layer: LayerOut, x: Written, output: Shape): Written {
  const { poolSize, ...rest } = layer.config as unknown as Omit<Window, 'kernelSize'> & { poolSize: Pair };
  const attributes = windowAttributes({ kernelSize: poolSize, ...rest }, x.shape, layer.name);
  const op = layer.className === 'MaxPooling2D' ? 'MaxPool' : 'AveragePool';
  return { shape: output, image: graph.node(op, [graph.image(x)], attributes) };
}

export function writeGlobalPool(graph: GraphWriter, layer: LayerOut, x: Written, output: Shape): Written {
  const op = layer.className === 'GlobalMaxPooling2D' ? 'GlobalMaxPool' : 'GlobalAveragePool';
  const image = graph.node(op, [graph.image(x)]);
  if (output.length === 3) return { shape: output, image };
  return { shape: output, plain: graph.node('Flatten', [image], { axis: 1 }) };
}
