// The bias that layers with a kernel may have.
import { checkBoolean } from '../base/options.js';
import type { VariableSpec } from '../graph/variable.js';
import { checkInitializer, type Initializer } from '../initializers/index.js';

export interface BiasOptions {
  /** Default true. */
  useBias?: boolean;
  /** Default 'zeros'. */
  biasInitializer?: Initializer;
}

export type Bias = Required<BiasOptions>;

/** The options, checked. */
export function checkBias(options: BiasOptions, kind: string): Bias {
  const useBias = options.useBias ?? true;
  checkBoolean(useBias, `${kind}'s useBias`);
  return { useBias, biasInitializer: checkInitializer(options.biasInitializer ?? 'zeros', kind) };
}

/** The kernels, and the bias [channels] where there is one. */
export function withBias(
  { useBias, biasInitializer }: Bias,
  channels: number,
  kernels: VariableSpec[],
): VariableSpec[] {
  return useBias ? [...kernels, { name: 'bias', shape: [channels], initializer: biasInitializer }] : kernels;
}
