// Names of older versions → those of Keras 2: classes and keys of Keras 1, and classes that were called otherwise for a while.
import { isRecord } from '../../base/options.js';
import { ownValue } from '../../base/ownValue.js';
import type { Json } from './json.js';

const CLASSES: Readonly<Record<string, string>> = {
  Convolution2D: 'Conv2D',
  AtrousConvolution2D: 'Conv2D',
  SeparableConvolution2D: 'SeparableConv2D',
  Deconvolution2D: 'Conv2DTranspose',
  Convolution2DTranspose: 'Conv2DTranspose',
  DepthwiseConvolution2D: 'DepthwiseConv2D',
  MaxPool2D: 'MaxPooling2D',
  AvgPool2D: 'AveragePooling2D',
  GlobalAvgPool2D: 'GlobalAveragePooling2D',
  GlobalMaxPool2D: 'GlobalMaxPooling2D',
  BatchNormalizationV1: 'BatchNormalization',
  BatchNormalizationV2: 'BatchNormalization',
  SyncBatchNormalization: 'BatchNormalization',
};

const KEYS: Readonly<Record<string, string>> = {
  ...{ nb_filter: 'filters', border_mode: 'padding', subsample: 'strides', atrous_rate: 'dilation_rate' },
  ...{ output_dim: 'units', bias: 'use_bias', init: 'kernel_initializer', dim_ordering: 'data_format' },
  ...{ W_regularizer: 'kernel_regularizer', b_regularizer: 'bias_regularizer' },
  ...{ W_constraint: 'kernel_constraint', b_constraint: 'bias_constraint' },
  ...{ gamma_init: 'gamma_initializer', beta_init: 'beta_initializer', p: 'rate', sigma: 'stddev' },
};

/** Layers of whose configurations Keras 1 has keys of its own. */
const MERGES: Readonly<Record<string, string>> = {
  ...{ sum: 'Add', mul: 'Multiply', ave: 'Average', max: 'Maximum', concat: 'Concatenate' },
};

export function keras1(given: string, config: unknown, major: number): { className: string; config: Json } {
  const className = ownValue(CLASSES, given) ?? given;
  const settings: Json = isRecord(config) ? config : {};
  const isOld = major < 2 || ['nb_filter', 'output_dim', 'border_mode'].some((key) => key in settings);
  if (!isOld) return { className, config: settings };
  if (className === 'Merge') {
    const { mode, concat_axis: axis, name } = settings;
    const merge = (typeof mode === 'string' ? ownValue(MERGES, mode) : undefined) ?? 'Merge';
    return { className: merge, config: { name, ...(merge === 'Concatenate' && { axis }) } };
  }
  const renamed = Object.entries(settings).map(([key, value]) => [
    ownValue(KEYS, key) ?? key,
    key === 'dim_ordering' ? (value === 'th' ? 'channels_first' : 'channels_last') : value,
  ]);
  const { nb_row: rows, nb_col: columns, input_dtype: _, ...rest } = Object.fromEntries(renamed) as Json;
  return { className, config: { ...rest, ...(rows !== undefined && { kernel_size: [rows, columns] }) } };
}
