// A model as plain data → the bytes of an ONNX file.
import { check } from '../../../base/errors.js';
import type { Shape } from '../../../base/shape.js';
import { deserializeLayer } from '../../../layers/deserialize.js';
import type { ModelArchive, ModelConfig } from '../../archive.js';
import type { WeightType } from '../../quantization.js';
import { IMAGES } from '../read.js';
import { encodeModel, type ValueOut } from './encode.js';
import { GraphWriter, type LayerOut, type Written } from './graphWriter.js';
import { WRITERS } from './layers.js';

/** Options of `saveOnnx`. */
export interface WriteOptions {
  /** What kernels are stored as; 'int8' has one scale for each output channel. Biases and statistics stay float32. Default 'float32'. */
  readonly weights?: WeightType;
  /** How images come in and go out: as here (default), or with their channels first, as ONNX computes. */
  readonly dataFormat?: 'channelsLast' | 'channelsFirst';
}

/** How the layers are joined, whether they are a chain or not. */
function joined({ inputShape, inputs, calls, outputs, layers }: ModelConfig) {
  if (inputs && calls && outputs) return { inputs, calls, outputs };
  const last = layers.length;
  return {
    inputs: [{ name: 'input', shape: inputShape! }],
    calls: layers.map((_, i) => ({ layer: i, inputs: [i] })),
    outputs: [{ name: layers.at(-1)!.name, tensor: last }],
  };
}

function checkLayers({ layers }: ModelConfig): void {
  const unknown = layers.filter(({ className }) => !Object.hasOwn(WRITERS, className));
  check(
    unknown.length === 0,
    () =>
      `saveOnnx: ONNX has no counterpart of ${unknown.map(({ className, name }) => `${className} ('${name}')`).join(', ')}; leave such layers out of the model that is saved`,
  );
}

export function writeOnnx({ model, tensors }: ModelArchive, options: WriteOptions = {}): Uint8Array {
  const { weights = 'float32', dataFormat = 'channelsLast' } = options;
  checkLayers(model);
  const { inputs, calls, outputs } = joined(model);
  const graph = new GraphWriter(weights);
  const isFirst = dataFormat === 'channelsFirst';
  const outside = (shape: Shape): Shape => (isFirst && shape.length === 3 ? [shape[2]!, shape[0]!, shape[1]!] : shape);
  const taken = new Set<string>();
  const ends = [...inputs, ...outputs].map(({ name }, i) => {
    let free = name;
    if (i >= inputs.length && taken.has(name)) free = `${name}_output`;
    taken.add(free);
    return graph.free(free);
  });
  const made: Written[] = inputs.map(({ shape }, i) =>
    isFirst && shape.length === 3 ? { shape, image: ends[i]! } : { shape, plain: ends[i]! },
  );
  const layers = model.layers.map(({ className, name, config }): LayerOut => {
    const own = [...tensors].filter(([key]) => key.startsWith(`${name}/`));
    const held = new Map(own.map(([key, tensor]) => [key.slice(name.length + 1), tensor]));
    return { className, name, config: config as Record<string, unknown>, weights: held };
  });
  const shapers = model.layers.map(({ className, config }) => deserializeLayer(className, config));
  for (const call of calls) {
    const layer = layers[call.layer]!;
    const given = call.inputs.map((input) => made[input]!);
    const shape = shapers[call.layer]!.outputShape(
      given.map((each) => each.shape),
      layer.name,
    );
    graph.layer = layer.name;
    made.push(WRITERS[layer.className]!(graph, layer, given, shape));
  }
  const values = outputs.map(({ tensor }, i): ValueOut => {
    const { shape } = made[tensor]!;
    const own = made[tensor]!;
    graph.layer = 'output';
    const from = isFirst && shape.length === 3 ? graph.image(own) : graph.plain(own);
    const name = ends[inputs.length + i]!;
    graph.nodes.push({ name, op: 'Identity', inputs: [from], outputs: [name], attributes: {} });
    return { name, shape: outside(shape) };
  });
  return encodeModel(
    {
      name: model.name,
      nodes: graph.nodes,
      initializers: graph.initializers,
      inputs: inputs.map(({ shape }, i) => ({ name: ends[i]!, shape: outside(shape) })),
      outputs: values,
    },
    { [IMAGES]: dataFormat },
  );
}
