// Model → the bytes of a .safetensors file: weights, optimizer state and counters as tensors and metadata, the architecture as JSON.
//
//   tensors    conv2d/kernel, conv2d/bias, …          and with the optimizer  conv2d/kernel/m, conv2d/kernel/v, …
//   metadata   format   'wasm-cnn 1'
//              model    { name, inputShape, seed, layers: [{ className, name, config }] }
//              compile  { optimizer: { className, config }, loss, metrics, step, batchSize }     where it was compiled
//              facts    whatever the caller adds, JSON
import type { Layer } from '../layers/layer.js';
import type { Parameter } from '../ops/op.js';
import { writeSafetensors, type NamedTensor } from '../safetensors.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import type { Compiled } from '../trainer.js';

/** First word of the metadata; a reader of another number refuses. */
export const FORMAT = 'wasm-cnn 1';

/** What a file keeps of a model. */
export interface Savable {
  readonly name: string;
  readonly inputShape: Shape;
  readonly seed: number;
  readonly layers: readonly { readonly layer: Layer; readonly name: string }[];
  readonly parameters: readonly Parameter[];
  readonly compiled: Compiled | null;
  readonly plan: { readonly batchSize: number } | null;
  readonly step: number;
  readonly optimizerSlots: ReadonlyMap<string, Float32Array>;
  getWeights(): readonly Tensor<Float32Array>[];
}

export interface SaveOptions {
  /** Default true: training can go on from the file as if it had never stopped. */
  readonly includeOptimizer?: boolean;
  /** Anything that JSON holds, kept with the model. */
  readonly facts?: unknown;
}

export interface ModelConfig {
  readonly name: string;
  readonly inputShape: Shape;
  readonly seed: number;
  readonly layers: readonly { className: string; name: string; config: object }[];
}

export interface CompileConfig {
  readonly optimizer: { className: string; config: object };
  readonly loss: string;
  readonly metrics: readonly string[];
  readonly step: number;
  readonly batchSize: number;
}

/** The model as the bytes of a .safetensors file. */
export function saveModel(model: Savable, { includeOptimizer = true, facts }: SaveOptions = {}): Uint8Array<ArrayBuffer> {
  const { parameters, compiled } = model;
  const tensors = new Map<string, NamedTensor>();
  for (const [i, tensor] of model.getWeights().entries()) tensors.set(parameters[i]!.name, tensor);
  const config: ModelConfig = {
    name: model.name,
    inputShape: model.inputShape,
    seed: model.seed,
    layers: model.layers.map(({ layer, name }) => ({ className: layer.className, name, config: layer.getConfig() })),
  };
  const metadata = new Map([['format', FORMAT], ['model', JSON.stringify(config)]]);
  if (compiled && includeOptimizer) {
    for (const [slot, values] of model.optimizerSlots) {
      for (const parameter of parameters) tensors.set(`${parameter.name}/${slot}`, { shape: parameter.shape, data: view(values, parameter) });
    }
    const { optimizer, loss, metrics } = compiled;
    const compile: CompileConfig = {
      optimizer: { className: optimizer.className, config: optimizer.getConfig() },
      loss: loss.name,
      metrics: metrics.map(({ name }) => name),
      step: model.step,
      batchSize: model.plan!.batchSize,
    };
    metadata.set('compile', JSON.stringify(compile));
  }
  if (facts !== undefined) metadata.set('facts', JSON.stringify(facts));
  return writeSafetensors({ tensors, metadata });
}

function view(values: Float32Array, { offset, size }: Parameter): Float32Array {
  return values.subarray(offset, offset + size);
}
