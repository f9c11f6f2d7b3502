// Compile configurations: Keras' training_config (.h5), compile_config (.keras) and TF.js' trainingConfig ↔ ours, as far as optimizer, loss
// and metrics have a counterpart. What has none is left out with a sentence: the model predicts without.
import { isRecord } from '../../base/options.js';
import { ownValue } from '../../base/ownValue.js';
import type { CompileConfig, ModelArchive } from '../archive.js';
import type { NamedTensor } from '../safetensors.js';
import { deserializeLoss } from '../../losses/deserialize.js';
import { deserializeMetric } from '../../metrics/deserialize.js';
import type { SavedMetric } from '../../metrics/index.js';
import { deserializeOptimizer } from '../../optimizers/index.js';
import {
  bare,
  camelCase,
  isNothing,
  noCounterpart,
  NoCounterpart,
  shown,
  snakeCase,
  type Json,
  type KerasVersion,
} from './json.js';
import { readOptimizer, writeOptimizer } from './optimizers.js';
import { allVariables, type KerasLayer } from './variables.js';
import { wrapped } from './values.js';

type OurLoss = Exclude<CompileConfig['loss'], readonly unknown[]>;
type OurMetric = SavedMetric;
/** What a description says; how far training is it does not. */
export type ReadCompile = Omit<CompileConfig, 'step' | 'epochs' | 'batchSize'>;

const LOSSES: Readonly<Record<string, string>> = {
  ...{ categorical_crossentropy: 'CategoricalCrossentropy', binary_crossentropy: 'BinaryCrossentropy' },
  sparse_categorical_crossentropy: 'SparseCategoricalCrossentropy',
  ...{ mean_squared_error: 'MeanSquaredError', mse: 'MeanSquaredError' },
  ...{ mean_absolute_error: 'MeanAbsoluteError', mae: 'MeanAbsoluteError' },
  ...{ huber: 'Huber', huber_loss: 'Huber', kl_divergence: 'KLDivergence', kld: 'KLDivergence' },
  ...{ kullback_leibler_divergence: 'KLDivergence', categorical_focal_crossentropy: 'CategoricalFocalCrossentropy' },
  binary_focal_crossentropy: 'BinaryFocalCrossentropy',
};

/** `outputs`: names of the model's outputs in the file, by which losses may go. Null where there is none, or nothing that has a counterpart. */
export function readCompile(given: unknown, outputs: readonly string[], notes: Set<string>): ReadCompile | null {
  if (!isRecord(given) || Object.keys(given).length === 0) return null;
  const optimizer = given.optimizer_config ?? given.optimizer;
  if (isNothing(optimizer) && isNothing(given.loss)) return null;
  try {
    const losses = perOutput(given.loss, outputs).map((loss) => (isNothing(loss) ? null : readLoss(loss)));
    if (losses.every((loss) => loss === null)) return noCounterpart('no loss');
    const weights = perOutput(given.loss_weights, outputs);
    const metrics = metricsPerOutput(given.metrics, outputs).map((list) =>
      list.flatMap((metric) => readMetric(metric, notes)),
    );
    const common = { optimizer: readOptimizer(optimizer) };
    if (outputs.length === 1) return { ...common, loss: losses[0]!, metrics: metrics[0]! };
    const lossWeights = losses.map((loss, i) => (loss === null ? 0 : typeof weights[i] === 'number' ? weights[i] : 1));
    return {
      ...common,
      loss: losses,
      lossWeights,
      metrics: metrics.map((list, i) => (losses[i] === null ? [] : list)),
    };
  } catch (error) {
    if (!(error instanceof NoCounterpart)) throw error;
    notes.add(`its compile configuration is left out: wasm-cnn has no counterpart of ${error.message}; call compile()`);
    return null;
  }
}

/** One of a list or of a dictionary for each output; of one that is neither, the same for all. */
function perOutput(given: unknown, outputs: readonly string[]): readonly unknown[] {
  if (Array.isArray(given)) return outputs.map((_, i) => (given as unknown[])[i]);
  if (isRecord(given) && !('class_name' in given)) return outputs.map((name) => ownValue(given, name));
  return outputs.map(() => given);
}

function metricsPerOutput(given: unknown, outputs: readonly string[]): readonly (readonly unknown[])[] {
  const listOf = (value: unknown): readonly unknown[] =>
    isNothing(value) ? [] : Array.isArray(value) ? value : [value];
  if (Array.isArray(given) && given.some((each) => Array.isArray(each))) return outputs.map((_, i) => listOf(given[i]));
  if (isRecord(given) && !('class_name' in given)) return outputs.map((name) => listOf(ownValue(given, name)));
  return outputs.map(() => listOf(given));
}

function configOf(config: unknown, without: readonly string[]): Json {
  const entries = Object.entries(isRecord(config) ? config : {}).filter(
    ([key, value]) => !without.includes(key) && value !== null,
  );
  return Object.fromEntries(entries.map(([key, value]) => [camelCase(key), bare(value)])) as Json;
}

function readLoss(given: unknown): OurLoss {
  // A function in Keras 3: { class_name: 'function', config: 'mse' }.
  const isFunction = isRecord(given) && typeof given.config === 'string';
  const name = isFunction ? given.config : isRecord(given) ? given.class_name : given;
  const key = snakeCase(String(name)).replace(/^_/, '');
  const className = Object.values(LOSSES).find((each) => each === name) ?? ownValue(LOSSES, key);
  if (className === undefined) return noCounterpart(`the loss ${shown(given)}`);
  const {
    reduction,
    axis = -1,
    ...config
  } = configOf(isRecord(given) && !isFunction ? given.config : {}, ['name', 'dtype', 'fn']);
  if (
    axis !== -1 ||
    !['undefined', 'auto', 'sum_over_batch_size', 'mean_with_sample_weight'].includes(String(reduction))
  )
    return noCounterpart(`the loss ${className} with reduction ${shown(reduction)}`);
  try {
    deserializeLoss({ className, config });
    return { className, config };
  } catch (error) {
    return noCounterpart(`the loss ${className} (${(error as Error).message})`);
  }
}

function readMetric(given: unknown, notes: Set<string>): readonly OurMetric[] {
  const isWrapper = isRecord(given) && given.class_name === 'MeanMetricWrapper' && isRecord(given.config);
  // Keras 2 wraps a function, and keeps the name that compile() was given.
  const inner = isWrapper ? ((given.config as Json).name ?? (given.config as Json).fn) : given;
  const isClass = isRecord(inner) && isRecord(inner.config);
  const config = isClass
    ? configOf(inner.config, ['dtype', 'fn', 'reduction', 'class_id', 'sparse_y_true', 'sparse_y_pred', 'axis'])
    : {};
  const name = isRecord(inner) ? (typeof inner.config === 'string' ? inner.config : inner.class_name) : inner;
  const tries: OurMetric[] = [
    ...(isClass
      ? [
          { className: String(name), config },
          { className: String(name), config: { name: config.name } },
        ]
      : []),
    camelCase(snakeCase(String(name)).replace(/^_/, '')),
  ];
  for (const metric of tries) {
    try {
      deserializeMetric(metric);
      return [metric];
    } catch {
      // The next spelling.
    }
  }
  notes.add(`its metric ${shown(given)} is left out; wasm-cnn has none like it`);
  return [];
}

/**
 * The configuration as that version has it: training_config of TF.js, compile_config of Keras 3. Null where it has no counterpart.
 * `outputs`: names of the model's outputs there, by which TF.js has the metrics of several.
 */
export function writeCompile(
  compile: CompileConfig,
  version: KerasVersion,
  notes: Set<string>,
  outputs: readonly string[] = [],
): Json | null {
  const { loss, lossWeights, metrics } = compile;
  const several = Array.isArray(loss);
  try {
    const optimizer = writeOptimizer(compile.optimizer, version);
    const losses = (several ? loss : [loss]) as readonly (OurLoss | null)[];
    const lists = (several ? metrics : [metrics]) as readonly (readonly OurMetric[])[];
    const writtenLosses = losses.map((each) => each && writeLoss(each, version));
    const writtenMetrics = lists.map((list) => list.flatMap((each) => writeMetric(each, version, notes)));
    const weights = several && lossWeights?.some((weight) => weight !== 1) ? lossWeights : null;
    if (version === 'keras3')
      return {
        ...{ optimizer, loss: several ? writtenLosses : writtenLosses[0], loss_weights: weights },
        ...{ metrics: several ? writtenMetrics : writtenMetrics[0], weighted_metrics: null },
      };
    if (weights || losses.includes(null)) return noCounterpart('losses that are weighted or null');
    return {
      ...{ loss: several ? writtenLosses : writtenLosses[0], optimizer_config: optimizer },
      metrics: several ? metricsByName(writtenMetrics, outputs, notes) : writtenMetrics[0],
    };
  } catch (error) {
    if (!(error instanceof NoCounterpart)) throw error;
    notes.add(`its compile configuration is left out: there is no counterpart of ${error.message}`);
    return null;
  }
}

/** TF.js has one metric of each of several outputs. */
function metricsByName(lists: readonly (readonly unknown[])[], outputs: readonly string[], notes: Set<string>): Json {
  for (const [i, list] of lists.entries())
    if (list.length > 1)
      notes.add(
        `of the metrics of ${outputs[i]!} only ${shown(list[0])} is written: TF.js has one of each of several outputs`,
      );
  return Object.fromEntries(outputs.flatMap((name, i) => (lists[i]![0] === undefined ? [] : [[name, lists[i]![0]]])));
}

function writeLoss(given: OurLoss, version: KerasVersion): unknown {
  const made = deserializeLoss(given);
  const config = made.getConfig();
  if (version === 'keras3') {
    const written = Object.entries(config).map(([key, value]) => [snakeCase(key), value]);
    return wrapped('keras.losses', made.className, Object.fromEntries(written) as Json, version);
  }
  const other = Object.entries(config).find(([, value]) => value !== false && value !== 0);
  if (/Huber|Focal/.test(made.className)) return noCounterpart(`the loss ${made.className}`);
  if (other) return noCounterpart(`the ${other[0]} of the loss ${made.className}`);
  return Object.keys(LOSSES).find(
    (name) => LOSSES[name] === made.className && (made.className !== 'KLDivergence' || name.length > 13),
  );
}

/** All metrics that TF.js loads by name, and that are here, too. */
const TFJS_METRICS: Readonly<Record<string, string>> = {
  ...{ CategoricalAccuracy: 'categorical_accuracy', BinaryAccuracy: 'binary_accuracy', Precision: 'precision' },
  ...{ MeanSquaredError: 'mse', MeanAbsoluteError: 'mae' },
};

function writeMetric(given: OurMetric, version: KerasVersion, notes: Set<string>): readonly unknown[] {
  const made = deserializeMetric(given);
  const { className } = made;
  if (className === 'Accuracy') return ['accuracy'];
  if (version === 'tfjs') {
    const isUsual = Object.entries(made.getConfig()).every(([key, value]) => key === 'name' || isNothing(value));
    if (isUsual && Object.hasOwn(TFJS_METRICS, className)) return [TFJS_METRICS[className]];
    notes.add(`its metric ${className} is left out, as TF.js has none like it`);
    return [];
  }
  const written = Object.entries(made.getConfig()).map(([key, value]) => [snakeCase(key), value]);
  return [wrapped('keras.metrics', className, Object.fromEntries(written) as Json, version)];
}

/** Slots of an optimizer that makes its first step, for an archive whose file holds none. */
export function firstSlots(
  optimizer: CompileConfig['optimizer'],
  layers: readonly KerasLayer[],
  tensors: ModelArchive['tensors'],
): Map<string, NamedTensor> {
  const { slots, begin } = deserializeOptimizer(optimizer.className, optimizer.config as never);
  const made = new Map<string, NamedTensor>();
  for (const { target, trained } of allVariables(layers)) {
    const weight = target === null || !trained ? undefined : tensors.get(target);
    if (!weight) continue;
    const values = slots.map(() => new Float32Array(weight.data.length));
    begin?.(values, weight.data);
    for (const [i, slot] of slots.entries()) made.set(`${target!}/${slot}`, { shape: weight.shape, data: values[i]! });
  }
  return made;
}
