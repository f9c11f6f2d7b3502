// How values of options go from Keras' JSON to ours and back: activations, initializers, penalties, constraints.
import { isRecord } from '../../base/options.js';
import { ownValue } from '../../base/ownValue.js';
import { checkInitializer } from '../../initializers/index.js';
import { bare, camelCase, noCounterpart, shown, snakeCase, type Json, type KerasVersion } from './json.js';

/** A layer of ours, not yet in its place. */
export interface OurLayer {
  readonly className: string;
  readonly name: string;
  readonly config: Json;
}

/** What is known while a layer is read. */
export interface Reading {
  /** Keras' major version; 2 for TF.js, which is close to it. */
  readonly major: number;
  readonly name: string;
  /** Layers that follow it here, because its options hold what is a layer of its own. */
  readonly after: OurLayer[];
  readonly notes: Set<string>;
  /** For an activation that is a layer: its class and configuration as ours. */
  readonly readLayer: (given: Json, name: string) => readonly OurLayer[];
}

export interface Writing {
  readonly version: KerasVersion;
  readonly name: string;
  readonly notes: Set<string>;
}

export interface Codec {
  /** Default: our name in snake case. */
  readonly key?: string | Readonly<Record<KerasVersion, string>>;
  /** Other names that files have for it. */
  readonly also?: readonly string[];
  /** undefined: leave it out. */
  read(value: unknown, reading: Reading): unknown;
  write(value: unknown, writing: Writing): unknown;
}

export const plain: Codec = { read: bare, write: (value) => value };

/** Keras' names of activations, and ours. hard_sigmoid is told apart by version. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  ...{ linear: 'linear', relu: 'relu', relu6: 'relu6', elu: 'elu', selu: 'selu', gelu: 'gelu', sigmoid: 'sigmoid' },
  ...{ tanh: 'tanh', softmax: 'softmax', mish: 'mish', softplus: 'softplus', softsign: 'softsign' },
  ...{ silu: 'silu', swish: 'silu', exponential: 'exponential', leaky_relu: 'leakyRelu', log_softmax: 'logSoftmax' },
  ...{ hard_sigmoid: 'hardSigmoid', hard_silu: 'hardSilu', hard_swish: 'hardSilu', gelu_new: 'geluApproximate' },
};

/** Ours that the other side spells otherwise, or does not have. */
const WRITTEN: Readonly<Record<KerasVersion, Readonly<Record<string, string | null>>>> = {
  keras3: { swish: 'silu', hardSwish: 'hard_silu', geluApproximate: null },
  tfjs: {
    ...{ silu: 'swish', swish: 'swish', hardSilu: null, hardSwish: null, geluApproximate: null, exponential: null },
    leakyRelu: null,
  },
};

/** Keras 2 and TF.js: 0.2 · x + 0.5, which is x' / 6 + 0.5 of x' = 1.2 · x. */
export const HARD_SIGMOID_SCALE = 1.2;

/** Puts the activation of a layer behind it where it is no word of ours. */
export const activation: Codec = {
  read(given, reading) {
    if (given === null || given === undefined) return 'linear';
    const { name } = reading;
    let called: unknown = given;
    if (isRecord(given)) {
      const { class_name: className, config } = given;
      // A function: its name stands in config, or is the class name.
      const named = typeof config === 'string' ? config : isRecord(config) && 'name' in config ? className : className;
      if (isRecord(config) && typeof className === 'string' && /^[A-Z]/.test(className) && className !== 'Activation') {
        reading.after.push(...reading.readLayer(given, `${name}.activation`));
        return 'linear';
      }
      called = isRecord(config) && className === 'Activation' ? config.activation : named;
    }
    const key = typeof called === 'string' ? snakeCase(called) : '';
    const ours = ownValue(ACTIVATIONS, key) ?? noCounterpart(`the activation ${shown(given)}`);
    if (ours === 'hardSigmoid' && reading.major < 3) {
      reading.after.push(
        { className: 'Rescaling', name: `${name}.scale`, config: { scale: HARD_SIGMOID_SCALE, offset: 0 } },
        { className: 'Activation', name: `${name}.activation`, config: { activation: ours } },
      );
      return 'linear';
    }
    return ours;
  },
  write(ours, { version }) {
    const written = WRITTEN[version][ours as string];
    if (written === null) return noCounterpart(`the activation ${String(ours)}`);
    return written ?? snakeCase(ours as string);
  },
};

/** Words that Keras writes with an underscore as values of options: 'fan_in', 'horizontal_and_vertical'. */
export const word: Codec = {
  read: (value) => (typeof value === 'string' ? camelCase(value) : bare(value)),
  write: (value) => (typeof value === 'string' ? snakeCase(value) : value),
};

/** An initializer without counterpart becomes the default: the weights come from the file. */
export const initializer: Codec = {
  read(given) {
    try {
      if (typeof given === 'string') return checkInitializer(camelCase(given.replace(/^lecun/i, 'lecun')), '');
      if (!isRecord(given) || typeof given.class_name !== 'string') return undefined;
      const className = given.class_name.replace(/^LeCun/, 'Lecun').replace(/V\d$|Initializer$/, '');
      return checkInitializer({ className, config: configOf(given.config) }, '');
    } catch {
      return undefined;
    }
  },
  write(ours, { version }) {
    const made = typeof ours === 'string' ? { className: classOf(ours), config: {} } : (ours as OurRule);
    const { className, config } = made;
    const written = Object.fromEntries(
      Object.entries(config).map(([key, value]) => [
        snakeCase(key),
        typeof value === 'string' ? snakeCase(value) : value,
      ]),
    );
    if (version === 'tfjs' && written.distribution === 'untruncated_normal') written.distribution = 'normal';
    const name = version === 'tfjs' ? className.replace(/^Lecun/, 'LeCun') : className;
    return wrapped('keras.initializers', name, written, version);
  },
};

interface OurRule {
  readonly className: string;
  readonly config: Json;
}

const classOf = (name: string): string => name[0]!.toUpperCase() + name.slice(1);

function configOf(config: unknown): Json {
  const entries = Object.entries(isRecord(config) ? config : {}).filter(([key]) => key !== 'dtype' && key !== 'name');
  const made = entries.map(([key, value]) => [
    camelCase(key),
    typeof value === 'string' ? camelCase(value) : bare(value),
  ]);
  return Object.fromEntries(made) as Json;
}

/** A class with its configuration, as that version writes it. */
export function wrapped(module: string, className: string, config: Json, version: KerasVersion): Json {
  return version === 'tfjs'
    ? { class_name: className, config }
    : { module, class_name: className, config, registered_name: null };
}

/** A penalty or a constraint: what there is no counterpart for changes training alone, and is noted. */
function rule(kind: 'regularizer' | 'constraint', classes: readonly string[]): Codec {
  return {
    read(given, { name, notes }) {
      if (given === null || given === undefined) return undefined;
      const className = isRecord(given) ? String(given.class_name) : String(given);
      const known = classes.find((each) => each.toLowerCase() === className.toLowerCase().replaceAll('_', ''));
      if (known && !isRecord(given))
        return known === 'L1L2' ? known.toLowerCase() : known[0]!.toLowerCase() + known.slice(1);
      if (known) {
        const config = configOf((given as Json).config);
        // Half of an L1L2 may be null.
        return {
          className: known,
          config: Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null)),
        };
      }
      notes.add(`${name}: its ${kind} ${shown(given)} is left out; it changes training alone`);
      return undefined;
    },
    write(ours, { version }) {
      const { className, config } = ours as OurRule;
      const written = Object.fromEntries(Object.entries(config).map(([key, value]) => [snakeCase(key), value]));
      // TF.js has one class for all penalties.
      if (kind === 'regularizer' && version === 'tfjs')
        return wrapped('', 'L1L2', { l1: 0, l2: 0, ...written }, version);
      return wrapped(`keras.${kind}s`, className, written, version);
    },
  };
}

export const regularizer = rule('regularizer', ['L1', 'L2', 'L1L2']);
export const constraint = rule('constraint', ['MaxNorm', 'MinMaxNorm', 'UnitNorm', 'NonNeg']);
