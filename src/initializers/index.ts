// First values of weights, from a seeded stream and exact arithmetic: the same on every host.
import { check } from '../base/errors.js';
import { RandomStream } from '../base/random.js';
import type { Shape } from '../base/shape.js';

export type Initializer = 'glorotUniform' | 'heUniform' | 'zeros' | 'ones';

/** Keras' fans of a kernel: [..., in, out], each times the receptive field before them. */
function fans(shape: Shape): { fanIn: number; fanOut: number } {
  const field = shape.slice(0, -2).reduce((a, b) => a * b, 1);
  return { fanIn: field * (shape.at(-2) ?? 1), fanOut: field * shape.at(-1)! };
}

function uniform(values: Float32Array, limit: number, seed: number, index: number): void {
  const random = new RandomStream(seed, 1, index);
  for (let i = 0; i < values.length; i++) values[i] = (2 * random.uniform() - 1) * limit;
}

const initializers: Record<Initializer, (values: Float32Array, shape: Shape, seed: number, index: number) => void> = {
  /** Uniform in ±√(6 / (fanIn + fanOut)) (Glorot and Bengio 2010), Keras' default. */
  glorotUniform(values, shape, seed, index) {
    const { fanIn, fanOut } = fans(shape);
    uniform(values, Math.sqrt(6 / (fanIn + fanOut)), seed, index);
  },
  /** Uniform in ±√(6 / fanIn) (He et al. 2015). */
  heUniform(values, shape, seed, index) {
    uniform(values, Math.sqrt(6 / fans(shape).fanIn), seed, index);
  },
  zeros: (values) => void values.fill(0),
  ones: (values) => void values.fill(1),
};

export function checkInitializer(name: string, who: string): Initializer {
  check(
    Object.hasOwn(initializers, name),
    () => `${who} has no initializer '${name}'; there is ${Object.keys(initializers).join(', ')}`,
  );
  return name as Initializer;
}

/** Fills the values of the model's parameter number `index`. */
export function initialize(name: Initializer, values: Float32Array, shape: Shape, seed: number, index: number): void {
  initializers[name](values, shape, seed, index);
}
