// The optimizers that both sides have, as files describe them.
import { isRecord } from '../../base/options.js';
import { ownValue } from '../../base/ownValue.js';
import type { CompileConfig } from '../archive.js';
import { deserializeOptimizer } from '../../optimizers/index.js';
import { camelCase, isNothing, noCounterpart, shown, snakeCase, type Json, type KerasVersion } from './json.js';
import { wrapped } from './values.js';

type OurOptimizer = CompileConfig['optimizer'];

/** Class names by what files of all versions call them in lower case. */
const CLASSES: Readonly<Record<string, string>> = {
  ...{ adam: 'Adam', adamw: 'AdamW', nadam: 'Nadam', sgd: 'SGD', momentum: 'SGD', rmsprop: 'RMSprop' },
  ...{ adagrad: 'Adagrad', adadelta: 'Adadelta', lion: 'Lion' },
};

/** Keras' keys that camel case does not make ours of. */
const KEYS: Readonly<Record<string, string>> = {
  ...{ beta_1: 'beta1', beta_2: 'beta2', lr: 'learningRate', use_nesterov: 'nesterov', useNesterov: 'nesterov' },
};

/** They say nothing of the steps. */
const IGNORED = ['name', 'jit_compile', 'is_legacy_optimizer', 'loss_scale_factor'];

const SCHEDULES = [
  'CosineDecay',
  'CosineDecayRestarts',
  'ExponentialDecay',
  'InverseTimeDecay',
  'PiecewiseConstantDecay',
  'PolynomialDecay',
];

/** Throws NoCounterpart. */
export function readOptimizer(given: unknown): OurOptimizer {
  if (typeof given === 'string') return readOptimizer({ class_name: given, config: {} });
  if (!isRecord(given) || typeof given.class_name !== 'string') return noCounterpart('its optimizer');
  const name = given.class_name.replace(/^Custom>/, '').toLowerCase();
  const className = ownValue(CLASSES, name) ?? noCounterpart(`the optimizer ${shown(given.class_name)}`);
  const config: Json = {};
  for (const [key, value] of Object.entries(isRecord(given.config) ? given.config : {})) {
    if (IGNORED.includes(key) || value === null || value === undefined) continue;
    // TF.js' RMSProp has its share under the name that Keras has for a falling rate.
    if (key === 'decay' && className === 'RMSprop' && given.class_name === 'RMSProp') config.rho = value;
    else if (key === 'decay' || key === 'gradient_accumulation_steps') {
      if (!isNothing(value) && value !== 0) noCounterpart(`its optimizer's ${key} ${shown(value)}`);
    } else config[ownValue(KEYS, key) ?? camelCase(key)] = isRecord(value) ? readSchedule(value) : value;
  }
  if (config.weightDecay === 0 && className !== 'AdamW') delete config.weightDecay;
  try {
    const { learningRate, ...options } = config;
    const made = deserializeOptimizer(className, {
      ...options,
      ...(learningRate !== undefined && { learningRate: learningRate as never }),
    });
    return { className, config: made.getConfig() };
  } catch (error) {
    return noCounterpart(`the optimizer ${className} (${(error as Error).message})`);
  }
}

function readSchedule({ class_name: className, config }: Json): Json {
  if (!SCHEDULES.includes(String(className)) || !isRecord(config))
    return noCounterpart(`the schedule ${shown(className)}`);
  const options = Object.entries(config).filter(([key]) => key !== 'name');
  return {
    className: String(className)[0]!.toLowerCase() + String(className).slice(1),
    ...Object.fromEntries(options.map(([key, value]) => [camelCase(key), value])),
  };
}

/** Options that TF.js' optimizers have; all others must say nothing. */
const TFJS: Readonly<Record<string, readonly string[]>> = {
  Adam: ['learningRate', 'beta1', 'beta2', 'epsilon'],
  SGD: ['learningRate', 'momentum', 'nesterov'],
  RMSprop: ['learningRate', 'rho', 'momentum', 'epsilon', 'centered'],
  Adagrad: ['learningRate', 'initialAccumulatorValue'],
};

/** Throws NoCounterpart. */
export function writeOptimizer({ className, config }: OurOptimizer, version: KerasVersion): Json {
  const { learningRate, ...options } = config as Json;
  if (version === 'tfjs') return writeTfjs(className, config as Json);
  const { excludeFromWeightDecay, ...rest } = options;
  if (!isNothing(excludeFromWeightDecay)) noCounterpart("its optimizer's excludeFromWeightDecay");
  const written = Object.entries(rest).map(([key, value]) => [
    key.replace(/^(beta)(\d)$/, '$1_$2').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ]);
  const rate = isRecord(learningRate) ? writeSchedule(learningRate) : learningRate;
  return wrapped(
    'keras.optimizers',
    className,
    { name: className.toLowerCase(), learning_rate: rate, ...Object.fromEntries(written) },
    version,
  );
}

function writeSchedule({ className, ...options }: Json): Json {
  const name = String(className)[0]!.toUpperCase() + String(className).slice(1);
  if (!SCHEDULES.includes(name)) return noCounterpart(`the schedule ${String(className)}`);
  const config = Object.fromEntries(Object.entries(options).map(([key, value]) => [snakeCase(key), value]));
  return wrapped('keras.optimizers.schedules', name, config, 'keras3');
}

function writeTfjs(className: string, config: Json): Json {
  const known = ownValue(TFJS, className) ?? noCounterpart(`the optimizer ${className}`);
  const isUsual = ([key, value]: [string, unknown]): boolean =>
    isNothing(value) || key === 'emaMomentum' || known.includes(key);
  const other = Object.entries(config).find(
    (entry) => !isUsual(entry) && !(className === 'Adagrad' && entry[0] === 'epsilon'),
  );
  if (other) noCounterpart(`its optimizer's ${other[0]}`);
  const { learningRate, beta1, beta2, epsilon, rho, momentum, nesterov, centered, initialAccumulatorValue } = config;
  if (typeof learningRate !== 'number') return noCounterpart("its optimizer's learning-rate schedule");
  const written = (name: string, options: Json): Json => ({
    class_name: name,
    config: { learning_rate: learningRate, ...options },
  });
  if (className === 'Adam') return written('Adam', { beta1, beta2, epsilon });
  if (className === 'RMSprop') return written('RMSProp', { decay: rho, momentum, epsilon, centered });
  if (className === 'Adagrad') return written('Adagrad', { initial_accumulator_value: initialAccumulatorValue });
  return momentum ? written('Momentum', { momentum, use_nesterov: nesterov }) : written('SGD', {});
}
