// Steps of every optimizer in plain f64, written after the papers and Keras' documentation, for one weight tensor after another.

/** What each keeps of one weight tensor, by its name; zeros before the first step. */
export type State = Record<string, Float64Array>;

export interface Common {
  readonly learningRate: number;
  readonly weightDecay?: number | null;
  readonly excludeFromWeightDecay?: readonly string[];
  readonly clipnorm?: number;
  readonly clipvalue?: number;
  readonly globalClipnorm?: number;
  readonly useEma?: boolean;
  readonly emaMomentum?: number;
  readonly emaOverwriteFrequency?: number;
}

export interface Tensor {
  readonly name: string;
  readonly w: Float64Array;
  readonly g: Float64Array;
  readonly state: State;
}

/** What w loses at element i of step t. */
type Update = (g: number, slot: (name: string) => Slot, t: number, options: Record<string, number>) => number;

interface Slot {
  get(): number;
  set(value: number): number;
}

const nadamMomentum = (beta1: number, t: number): number => beta1 * (1 - 0.5 * 0.96 ** t);

function moments(g: number, slot: (name: string) => Slot, { beta1, beta2 }: Record<string, number>): [number, number] {
  const [m, v] = [slot('m'), slot('v')];
  return [m.set(beta1! * m.get() + (1 - beta1!) * g), v.set(beta2! * v.get() + (1 - beta2!) * g * g)];
}

function adam(g: number, slot: (name: string) => Slot, t: number, options: Record<string, number>): number {
  const { learningRate, beta1, beta2, epsilon, amsgrad } = options;
  const [m, v] = moments(g, slot, options);
  const square = amsgrad ? slot('vHat').set(Math.max(slot('vHat').get(), v)) : v;
  const rate = (learningRate! * Math.sqrt(1 - beta2! ** t)) / (1 - beta1! ** t);
  return (rate * m) / (Math.sqrt(square) + epsilon!);
}

const updates: Record<string, Update> = {
  sgd(g, slot, _, { learningRate, momentum, nesterov }) {
    if (!momentum) return learningRate! * g;
    const m = slot('momentum').set(momentum * slot('momentum').get() - learningRate! * g);
    return nesterov ? -(momentum * m - learningRate! * g) : -m;
  },
  rmsprop(g, slot, _, { learningRate, rho, momentum, epsilon, centered }) {
    const v = slot('v').set(rho! * slot('v').get() + (1 - rho!) * g * g);
    let square = v;
    if (centered) {
      const mean = slot('averageGradient');
      square -= mean.set(rho! * mean.get() + (1 - rho!) * g) ** 2;
    }
    const step = (learningRate! * g) / Math.sqrt(square + epsilon!);
    return momentum ? slot('momentum').set(momentum * slot('momentum').get() + step) : step;
  },
  adam,
  adamw: adam,
  nadam(g, slot, t, options) {
    const { learningRate, beta1, beta2, epsilon } = options;
    const [m, v] = moments(g, slot, options);
    let product = 1;
    for (let i = 1; i <= t; i++) product *= nadamMomentum(beta1!, i);
    const [now, next] = [nadamMomentum(beta1!, t), nadamMomentum(beta1!, t + 1)];
    const direction = (next * m) / (1 - product * next) + ((1 - now) * g) / (1 - product);
    return (learningRate! * direction) / (Math.sqrt(v / (1 - beta2! ** t)) + epsilon!);
  },
  adagrad(g, slot, t, { learningRate, epsilon, initialAccumulatorValue }) {
    const sum = slot('accumulator');
    sum.set((t === 1 ? initialAccumulatorValue! : sum.get()) + g * g);
    return (learningRate! * g) / Math.sqrt(sum.get() + epsilon!);
  },
  adadelta(g, slot, _, { learningRate, rho, epsilon }) {
    const [gradients, changes] = [slot('accumulatedGradient'), slot('accumulatedChange')];
    gradients.set(rho! * gradients.get() + (1 - rho!) * g * g);
    const change = (Math.sqrt(changes.get() + epsilon!) * g) / Math.sqrt(gradients.get() + epsilon!);
    changes.set(rho! * changes.get() + (1 - rho!) * change * change);
    return learningRate! * change;
  },
  lion(g, slot, _, { learningRate, beta1, beta2 }) {
    const m = slot('momentum');
    const step = learningRate! * Math.sign(beta1! * m.get() + (1 - beta1!) * g);
    m.set(beta2! * m.get() + (1 - beta2!) * g);
    return step;
  },
};

const norm = (tensors: readonly Tensor[]): number =>
  Math.sqrt(tensors.reduce((sum, { g }) => sum + g.reduce((own, value) => own + value * value, 0), 0));

/** Step t of all tensors, with the options that all optimizers have; `own` are the others, true as 1. Overwrites w and state, not g. */
export function optimizerStep(
  name: string,
  tensors: readonly Tensor[],
  t: number,
  common: Common,
  own: Record<string, number>,
): void {
  const { learningRate, weightDecay, excludeFromWeightDecay = [], clipnorm, clipvalue, globalClipnorm } = common;
  const { useEma, emaMomentum = 0.99, emaOverwriteFrequency } = common;
  const whole = norm(tensors);
  for (const tensor of tensors) {
    const { w, state } = tensor;
    let g = tensor.g.slice();
    const ownNorm = norm([tensor]);
    if (clipvalue !== undefined) g = g.map((value) => Math.max(-clipvalue, Math.min(clipvalue, value)));
    if (clipnorm !== undefined) g = g.map((value) => (value * clipnorm) / Math.max(clipnorm, ownNorm));
    if (globalClipnorm !== undefined) g = g.map((value) => (value * globalClipnorm) / Math.max(globalClipnorm, whole));
    const decays = !excludeFromWeightDecay.some((part) => tensor.name.includes(part));
    for (let i = 0; i < w.length; i++) {
      const slot = (slotName: string): Slot => {
        const values = (state[slotName] ??= new Float64Array(w.length));
        return { get: () => values[i]!, set: (value) => (values[i] = value) };
      };
      if (weightDecay && decays) w[i]! -= w[i]! * weightDecay * learningRate;
      w[i]! -= updates[name]!(g[i]!, slot, t, { ...own, learningRate });
      if (!useEma) continue;
      const average = slot('average');
      average.set(t === 1 ? w[i]! : emaMomentum * average.get() + (1 - emaMomentum) * w[i]!);
      if (emaOverwriteFrequency !== undefined && t % emaOverwriteFrequency === 0) w[i] = average.get();
    }
  }
}
