// A model's variables: what a file holds of it, beside its description.
import { sizeOf, type Shape } from '../base/shape.js';
import type { Initializer } from '../initializers/index.js';
import type { Constraint, Regularizer } from './weightRules.js';

/** A tensor that a layer asks for. */
export interface VariableSpec {
  /** 'kernel', 'bias', 'movingMean' … */
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
  /** First values that are known before, in place of the initializer's. */
  readonly values?: () => ArrayLike<number>;
  /**
   * 'weight' (default): learned by gradients. 'statistic': gathered while training, as batch normalization's moving mean; it is saved,
   * loaded and sent to other threads as weights are, and has neither a gradient nor a place in the optimizer.
   */
  readonly role?: 'weight' | 'statistic';
  /** Its least value, as 0 for a variance; none by default. */
  readonly minimum?: number;
  /** Penalty on it that is added to the loss while it is trained. */
  readonly regularizer?: Regularizer;
  /** What it is brought back to after each step. */
  readonly constraint?: Constraint;
}

export interface Variable extends VariableSpec {
  /** 'conv2d_1/kernel' */
  readonly name: string;
  readonly size: number;
  /** Elements before it. All weights come first, in layer order, kernel then bias; then all statistics. */
  readonly offset: number;
  readonly role: 'weight' | 'statistic';
  /** Whether training changes it: of a weight, gradients and the optimizer; of a statistic, what training sees. */
  readonly trainable: boolean;
}

/** What layers ask for, in layer order. */
export interface LayerVariables {
  readonly layer: string;
  readonly trainable: boolean;
  readonly specs: readonly VariableSpec[];
}

/** Stores all variables contiguously, and returns them layer by layer. */
export function placeVariables(layers: readonly LayerVariables[]): readonly (readonly Variable[])[] {
  const count = (role: Variable['role']): number =>
    layers
      .flatMap(({ specs }) => specs)
      .reduce((sum, { role: own = 'weight', shape }) => sum + (own === role ? sizeOf(shape) : 0), 0);
  const next = { weight: 0, statistic: count('weight') };
  return layers.map(({ layer, trainable, specs }) =>
    specs.map((spec): Variable => {
      const { role = 'weight' } = spec;
      const size = sizeOf(spec.shape);
      const variable = { ...spec, name: `${layer}/${spec.name}`, size, offset: next[role], role, trainable };
      next[role] += size;
      return variable;
    }),
  );
}

export function countOf(variables: readonly Variable[], role?: Variable['role']): number {
  return variables.reduce(
    (sum, variable) => sum + (role === undefined || variable.role === role ? variable.size : 0),
    0,
  );
}

/** Those that gradients are made of. */
export function weightsOf(variables: readonly Variable[]): readonly Variable[] {
  return variables.filter(({ role }) => role === 'weight');
}

/** Those of them that training changes. */
export function trainedOf(variables: readonly Variable[]): readonly Variable[] {
  return weightsOf(variables).filter(({ trainable }) => trainable);
}
