// A model of TF.js → an archive.
import { printable } from '../../base/errors.js';
import { isRecord } from '../../base/options.js';
import type { Shape } from '../../base/shape.js';
import type { CompileConfig, ModelArchive, ModelConfig } from '../archive.js';
import { NORMALIZATION_EPSILON, readCompile, readKerasConfig } from '../kerasConfig/index.js';
import type { NamedTensor } from '../safetensors.js';
import { bind } from './bind.js';
import { readState } from './optimizer.js';
import type { Artifacts } from './sources.js';

export function readTfjs(
  { modelTopology, trainingConfig, weights }: Artifacts,
  who: string,
  inputShape?: Shape,
): { archive: ModelArchive; notes: readonly string[] } {
  const read = readKerasConfig(modelTopology, who, { inputShape });
  const notes = new Set(read.notes);
  const own = weights.filter(({ isOptimizers }) => !isOptimizers);
  const tensors = new Map([...bind(own, read.layers, read.isChain, who, notes), ...read.tensors]);
  const described =
    ownCompile(trainingConfig, notes) && readCompile(trainingConfig ?? read.trainingConfig, read.outputs, notes);
  let compile: CompileConfig | undefined;
  if (described) {
    const state = weights.filter(({ isOptimizers }) => isOptimizers);
    const { slots, step } = readState(state, described.optimizer, read.layers, tensors, notes);
    for (const entry of slots) tensors.set(...entry);
    compile = { ...described, step, batchSize: 32 };
  }
  const layers = read.model.layers.map((layer) => normalizationOf(withMultiplier(layer, tensors), tensors));
  return {
    archive: { model: { ...read.model, layers }, tensors, compile, fit: undefined, facts: undefined },
    notes: [...notes].map(printable),
  };
}

/** TF.js' own files do not say a SeparableConv2D's depth multiplier, but its kernel has it. */
function withMultiplier(layer: ModelConfig['layers'][number], tensors: ModelArchive['tensors']): typeof layer {
  const { className, name, config } = layer;
  const depthMultiplier = tensors.get(`${name}/depthwiseKernel`)?.shape[3];
  if (className !== 'SeparableConv2D' || 'depthMultiplier' in config || depthMultiplier === undefined) return layer;
  return { ...layer, config: { ...config, depthMultiplier } };
}

/** What saveTfjs() wrote as a frozen BatchNormalization: bytes go into a Normalization as 0 to 255, into all else as 0 to 1. */
function normalizationOf(
  layer: ModelConfig['layers'][number],
  tensors: Map<string, NamedTensor>,
): ModelConfig['layers'][number] {
  const { className, name, config } = layer;
  const { epsilon, scale, center, trainable } = config as Readonly<Record<string, unknown>>;
  const isWritten = [scale, center, trainable].every((option) => option === false) && epsilon === NORMALIZATION_EPSILON;
  if (className !== 'BatchNormalization' || !isWritten) return layer;
  for (const [theirs, own] of [
    ['movingMean', 'mean'],
    ['movingVariance', 'variance'],
  ]) {
    tensors.set(`${name}/${own}`, tensors.get(`${name}/${theirs}`)!);
    tensors.delete(`${name}/${theirs}`);
  }
  return { className: 'Normalization', name, config: {} };
}

/** TF.js' Adadelta divides by the mean of squares before the step, which makes other steps than Keras' and ours. */
function ownCompile(trainingConfig: unknown, notes: Set<string>): boolean {
  const { optimizer_config: optimizer } = isRecord(trainingConfig) ? trainingConfig : {};
  if (!isRecord(optimizer) || optimizer.class_name !== 'Adadelta') return true;
  notes.add(
    "its compile configuration is left out: TF.js' Adadelta is another than that of wasm-cnn and Keras; call compile()",
  );
  return false;
}
