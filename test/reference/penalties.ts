// What regularizers add to a loss and to gradients, from what a layer's getConfig() says.

/** { className: 'L2', config: { l2: 0.01 } } */
interface Described {
  readonly config: { readonly l1?: number; readonly l2?: number };
}

const described = (config: unknown, name: string): Described | undefined =>
  (config as Record<string, Described | undefined>)[name];

const factors = ({ config: { l1 = 0, l2 = 0 } }: Described): [number, number] => [l1, l2];

/** The penalty on these values. */
function penalty(rule: Described, values: ArrayLike<number>): number {
  const [l1, l2] = factors(rule);
  return Array.from(values).reduce((sum, value) => sum + l1 * Math.abs(value) + l2 * value * value, 0);
}

function slopes(rule: Described, values: Float64Array, divisor: number): Float64Array {
  const [l1, l2] = factors(rule);
  return values.map((value) => (l1 * Math.sign(value) + 2 * l2 * value) / divisor);
}

/** On a layer's weights, in the order of its variables: the sum of the penalties, and for each weight the slopes; null where there are none. */
export function weightPenalties(
  config: unknown,
  names: readonly string[],
  weights: readonly Float64Array[],
): { readonly penalty: number; readonly slopes: readonly (Float64Array | null)[] } {
  const rules = names.map((name) => described(config, `${name.replace(/Kernel$/, '')}Regularizer`));
  return {
    penalty: rules.reduce((sum, rule, i) => sum + (rule ? penalty(rule, weights[i]!) : 0), 0),
    slopes: rules.map((rule, i) => (rule ? slopes(rule, weights[i]!, 1) : null)),
  };
}

/** On a layer's output [n, …]: the mean over the examples. */
export function activityPenalty(
  config: unknown,
  output: Float64Array,
  n: number,
): { readonly penalty: number; readonly slopes: Float64Array } | null {
  const rule = described(config, 'activityRegularizer');
  return rule ? { penalty: penalty(rule, output) / n, slopes: slopes(rule, output, n) } : null;
}
