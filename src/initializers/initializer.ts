// First values of weights, from a seeded stream and exact arithmetic: the same on every host.  https://keras.io/api/layers/initializers/
import { check } from '../base/errors.js';
import { unknown } from '../base/nearest.js';
import { checkNumber, checkOptions, describe, isRecord } from '../base/options.js';
import { RandomStream } from '../base/random.js';
import { checkWhole, formatShape, sizeOf, type Shape } from '../base/shape.js';
import { normal, TRUNCATED_DEVIATION, truncatedNormal as truncated } from './normal.js';
import { orthogonal as orthogonalMatrix } from './orthogonal.js';

/** Options of the initializers that draw random numbers. */
export interface SeedOptions {
  /**
   * Numbers of their own: the same for each weight of this shape, in each model. Default: they follow from the model's seed and the
   * weight's place in it.
   */
  seed?: number | null;
}

/** Options of {@link varianceScaling}. */
export interface VarianceScalingOptions extends SeedOptions {
  /** Default 1. */
  scale?: number;
  /** What the scale is divided by. Default 'fanIn'. */
  mode?: 'fanIn' | 'fanOut' | 'fanAvg';
  /** Default 'truncatedNormal'. */
  distribution?: 'truncatedNormal' | 'untruncatedNormal' | 'uniform';
}

/** Options of `randomNormal` and `truncatedNormal`. */
export interface NormalOptions extends SeedOptions {
  /** Default 0. */
  mean?: number;
  /** Default 0.05. */
  stddev?: number;
}

/** Options of {@link randomUniform}. */
export interface RandomUniformOptions extends SeedOptions {
  /** Default -0.05 and 0.05. */
  minval?: number;
  maxval?: number;
}

/** Options of `orthogonal` and `identity`. */
export interface GainOptions {
  /** What the matrix is multiplied by. Default 1. */
  gain?: number;
}

/** An initializer with options, as functions of `initializers` make it: plain JSON, which layers' getConfig() holds. */
export interface InitializerConfig {
  /** Keras' class name: 'HeNormal'. */
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Writes the values of a weight of this shape. */
type Fill = (values: Float32Array, shape: Shape, random: RandomStream) => void;

interface Definition {
  readonly className: string;
  /** Options and their defaults. */
  readonly defaults: Readonly<Record<string, unknown>>;
  /** Throws one sentence at an option that is wrong. */
  fill(options: Readonly<Record<string, never>>, who: string): Fill;
}

/**
 * Keras' fans: [in, out], and of kernels of convolutions each times the receptive field before them.
 *
 * @example
 * ```js
 * import { initializers } from 'wasm-cnn';
 *
 * initializers.fans([3, 3, 8, 16]); // { fanIn: 72, fanOut: 144 }
 * ```
 */
export function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  const field = sizeOf(shape.slice(0, -2));
  return { fanIn: field * shape.at(-2)!, fanOut: field * shape.at(-1)! };
}

function each(values: Float32Array, next: () => number): void {
  for (let i = 0; i < values.length; i++) values[i] = next();
}

type Scaling = Required<Omit<VarianceScalingOptions, 'seed'>>;

/** Variance scale / n, where n is fanIn, fanOut or their mean. */
function scaled({ scale, mode, distribution }: Scaling): Fill {
  return (values, shape, random) => {
    const { fanIn, fanOut } = fans(shape);
    const n = mode === 'fanIn' ? fanIn : mode === 'fanOut' ? fanOut : (fanIn + fanOut) / 2;
    if (distribution === 'uniform') {
      const limit = Math.sqrt((3 * scale) / n);
      each(values, () => (2 * random.uniform() - 1) * limit);
      return;
    }
    const deviation = Math.sqrt(scale / n);
    if (distribution === 'untruncatedNormal') each(values, () => normal(random) * deviation);
    else each(values, () => (truncated(random) / TRUNCATED_DEVIATION) * deviation);
  };
}

const withSeed = (options: object): object => ({ ...options, seed: null });
const scaling = (className: string, scale: number, mode: Scaling['mode'], distribution: Scaling['distribution']) => ({
  className,
  defaults: withSeed({}),
  fill: () => scaled({ scale, mode, distribution }),
});

const isFinite = (value: number): boolean => Number.isFinite(Math.fround(value));
const checkFinite: (value: unknown, what: string) => asserts value is number = (value, what) =>
  checkNumber(value, isFinite, `${what} must be a finite number`);

function checkNormal({ mean, stddev }: NormalOptions, who: string): { mean: number; stddev: number } {
  checkFinite(mean, `${who}'s mean`);
  checkNumber(stddev, (value) => value >= 0 && isFinite(value), `${who}'s stddev must be a number of at least 0`);
  return { mean, stddev };
}

const definitions = {
  /** Uniform in ±√(6 / (fanIn + fanOut)) (Glorot and Bengio 2010), Keras' default. */
  glorotUniform: scaling('GlorotUniform', 1, 'fanAvg', 'uniform'),
  glorotNormal: scaling('GlorotNormal', 1, 'fanAvg', 'truncatedNormal'),
  /** Uniform in ±√(6 / fanIn) (He et al. 2015). */
  heUniform: scaling('HeUniform', 2, 'fanIn', 'uniform'),
  heNormal: scaling('HeNormal', 2, 'fanIn', 'truncatedNormal'),
  lecunUniform: scaling('LecunUniform', 1, 'fanIn', 'uniform'),
  lecunNormal: scaling('LecunNormal', 1, 'fanIn', 'truncatedNormal'),
  varianceScaling: {
    className: 'VarianceScaling',
    defaults: withSeed({ scale: 1, mode: 'fanIn', distribution: 'truncatedNormal' }),
    fill({ scale, mode, distribution }: Scaling, who: string) {
      checkNumber(scale, (value) => value > 0 && isFinite(value), `${who}'s scale must be a number above 0`);
      check(
        ['fanIn', 'fanOut', 'fanAvg'].includes(mode),
        () => `${who}'s mode must be 'fanIn', 'fanOut' or 'fanAvg', got ${describe(mode)}`,
      );
      check(
        ['truncatedNormal', 'untruncatedNormal', 'uniform'].includes(distribution),
        () =>
          `${who}'s distribution must be 'truncatedNormal', 'untruncatedNormal' or 'uniform', got ${describe(distribution)}`,
      );
      return scaled({ scale, mode, distribution });
    },
  },
  orthogonal: {
    className: 'Orthogonal',
    defaults: withSeed({ gain: 1 }),
    fill({ gain }: Required<GainOptions>, who: string): Fill {
      checkFinite(gain, `${who}'s gain`);
      return (values, shape, random) => {
        check(
          shape.length > 1,
          () => `${who} is for weights of two axes and more, got ${formatShape(shape)}; use another initializer there`,
        );
        const columns = shape.at(-1)!;
        const matrix = orthogonalMatrix(random, values.length / columns, columns);
        values.set(matrix.map((value) => gain * value));
      };
    },
  },
  randomNormal: {
    className: 'RandomNormal',
    defaults: withSeed({ mean: 0, stddev: 0.05 }),
    fill(options: NormalOptions, who: string): Fill {
      const { mean, stddev } = checkNormal(options, who);
      return (values, _, random) => each(values, () => mean + stddev * normal(random));
    },
  },
  truncatedNormal: {
    className: 'TruncatedNormal',
    defaults: withSeed({ mean: 0, stddev: 0.05 }),
    fill(options: NormalOptions, who: string): Fill {
      const { mean, stddev } = checkNormal(options, who);
      return (values, _, random) => each(values, () => mean + stddev * truncated(random));
    },
  },
  randomUniform: {
    className: 'RandomUniform',
    defaults: withSeed({ minval: -0.05, maxval: 0.05 }),
    fill({ minval, maxval }: RandomUniformOptions, who: string): Fill {
      checkFinite(minval, `${who}'s minval`);
      checkFinite(maxval, `${who}'s maxval`);
      check(minval <= maxval, () => `${who} needs a minval of at most its maxval, got ${minval} and ${maxval}`);
      return (values, _, random) => each(values, () => random.between(minval, maxval));
    },
  },
  constant: {
    className: 'Constant',
    defaults: { value: 0 },
    fill({ value }: { value: number }, who: string): Fill {
      checkFinite(value, `${who}'s value`);
      return (values) => void values.fill(value);
    },
  },
  identity: {
    className: 'Identity',
    defaults: { gain: 1 },
    fill({ gain }: Required<GainOptions>, who: string): Fill {
      checkFinite(gain, `${who}'s gain`);
      return (values, shape) => {
        check(
          shape.length === 2,
          () => `${who} is for weights of two axes, got ${formatShape(shape)}; use another initializer there`,
        );
        const [rows, columns] = shape as [number, number];
        values.fill(0);
        for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = gain;
      };
    },
  },
  zeros: { className: 'Zeros', defaults: {}, fill: () => (values: Float32Array) => void values.fill(0) },
  ones: { className: 'Ones', defaults: {}, fill: () => (values: Float32Array) => void values.fill(1) },
} satisfies Record<string, unknown>;

/** Initializers with their defaults, by name. */
export type InitializerName = keyof typeof definitions;

/** A name, or what a function of `initializers` made. */
export type Initializer = InitializerName | InitializerConfig;

const byName = definitions as unknown as Readonly<Record<string, Definition>>;

/** Options checked, and those left out filled in. */
export function make(name: InitializerName, options: object): InitializerConfig {
  const { className, defaults } = byName[name]!;
  checkOptions(options, Object.keys(defaults), name);
  const config = { ...defaults, ...options } as Record<string, never>;
  if ('seed' in config && config.seed !== null) checkWhole(config.seed, `${name}'s seed`, 0);
  byName[name]!.fill(config, name);
  return { className, config };
}

/** The options of an initializer, and how it is called in sentences. */
function read(initializer: Initializer): { name: string; config: Readonly<Record<string, never>> } {
  if (typeof initializer === 'string') return { name: initializer, config: byName[initializer]!.defaults as never };
  const name = Object.keys(byName).find((each) => byName[each]!.className === initializer.className)!;
  return { name, config: initializer.config as never };
}

/**
 * Throws unless it is a name, or what a function of `initializers` made or a file says of it.
 *
 * @example
 * ```js
 * import { initializers } from 'wasm-cnn';
 *
 * initializers.checkInitializer('heNormal', 'my layer'); // 'heNormal'
 * ```
 */
export function checkInitializer(initializer: unknown, who: string): Initializer {
  const named = isRecord(initializer) && isRecord(initializer.config) ? initializer : null;
  const name = named
    ? Object.keys(byName).find((each) => byName[each]!.className === named.className)
    : typeof initializer === 'string' && Object.hasOwn(byName, initializer)
      ? initializer
      : undefined;
  check(
    name !== undefined,
    () =>
      `${who} has no initializer ${unknown(named ? named.className : typeof initializer === 'string' ? initializer : describe(initializer), Object.keys(byName))}; there is ${Object.keys(byName).join(', ')}`,
  );
  return named ? make(name as InitializerName, named.config as object) : (name as InitializerName);
}

/**
 * Fills the values of the model's parameter number `index`.
 *
 * @example
 * ```js
 * import { initializers } from 'wasm-cnn';
 *
 * const values = new Float32Array(4);
 * initializers.initialize('identity', values, [2, 2], 1, 0);
 * values; // [1, 0, 0, 1]
 * ```
 */
export function initialize(
  initializer: Initializer,
  values: Float32Array,
  shape: Shape,
  seed: number,
  index: number,
): void {
  const { name, config } = read(initializer);
  const own = config.seed as number | null | undefined;
  const random = own == null ? new RandomStream(seed, 1, index) : new RandomStream(own, 1, 0);
  byName[name]!.fill(config, name)(values, shape, random);
}
