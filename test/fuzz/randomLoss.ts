// A random loss of every kind for an output, its targets, and the same in f64. A loss that is added to src/losses is missed here by the
// compiler.
import { losses, type Labels, type SymbolicTensor } from '../../src/index.js';
import type { RandomStream } from '../../src/base/random.js';
import { sizeOf } from '../../src/base/shape.js';
import { sigmoidBackward, sigmoidForward } from '../reference/activations.js';
import type { ReferenceLoss as GraphLoss } from '../reference/graph.js';
import { rootMeanSquare } from '../reference/layer.js';
import * as reference from '../reference/losses.js';
import { softmaxBackward, softmaxForward } from '../reference/softmax.js';
import type { Decisions } from './decisions.js';

export type LossName = Exclude<keyof typeof losses, 'makeLoss' | 'deserializeLoss'>;

interface Targets {
  /** As training takes them. */
  readonly labels: Labels;
  /** What they cost, and the nearest kink in units of the output's root mean square; 0 where a probability may be clipped. */
  readonly loss: (...of: Parameters<GraphLoss>) => ReturnType<GraphLoss> & { readonly margin: number };
}

export interface RandomLoss {
  readonly loss: losses.Loss;
  readonly weight: number;
  /** What the output gets behind it. */
  readonly behind: 'softmax' | 'sigmoid' | null;
  targets(n: number, random: RandomStream): Targets;
}

type Options = Required<Pick<losses.BinaryCrossentropyOptions, 'fromLogits' | 'labelSmoothing'>>;
type Kind = (d: Decisions, options: Options) => readonly [loss: losses.Loss, expected: reference.ReferenceLoss];

const focus = (d: Decisions) => ({ alpha: d.pick([0.25, 0.6]), gamma: d.pick([2, 1, 1.5]) });

export const lossKinds: Readonly<Record<LossName, Kind>> = {
  meanSquaredError: () => [losses.meanSquaredError(), reference.meanSquaredError],
  meanAbsoluteError: () => [losses.meanAbsoluteError(), reference.meanAbsoluteError],
  huber(d) {
    const delta = d.pick([1, 0.3]);
    return [losses.huber({ delta }), reference.huber(delta)];
  },
  binaryCrossentropy: (_, options) => [losses.binaryCrossentropy(options), reference.binaryCrossEntropy()],
  binaryFocalCrossentropy(d, options) {
    const { alpha, gamma } = focus(d);
    const applyClassBalancing = d.below(2) === 1;
    const balance = applyClassBalancing ? [alpha, 1 - alpha] : [1, 1];
    const loss = losses.binaryFocalCrossentropy({ alpha, gamma, applyClassBalancing, ...options });
    return [loss, reference.binaryCrossEntropy(gamma, balance[0], balance[1])];
  },
  categoricalCrossentropy: (_, options) => [
    losses.categoricalCrossentropy(options),
    reference.categoricalCrossEntropy(),
  ],
  sparseCategoricalCrossentropy: (_, options) => [
    losses.sparseCategoricalCrossentropy(options),
    reference.categoricalCrossEntropy(),
  ],
  categoricalFocalCrossentropy(d, options) {
    const { alpha, gamma } = focus(d);
    return [
      losses.categoricalFocalCrossentropy({ alpha, gamma, ...options }),
      reference.categoricalCrossEntropy(alpha, gamma),
    ];
  },
  kullbackLeiblerDivergence: () => [losses.kullbackLeiblerDivergence(), reference.kullbackLeibler],
};

/** Nearer to 0 or 1 than that, f32 has few digits of what a logarithm is taken of. */
const SMALLEST = 1e-3;
const weights = [1, 1, 0.5, 2, 0.375];

/** Whether an activation of that name made it. */
function endsIn({ source }: SymbolicTensor, activation: string): boolean {
  const { activation: own } = source?.layer.getConfig() ?? {};
  return own === activation || (activation === 'softmax' && source?.layer.className === 'Softmax');
}

/** For an output made of `end`. */
export function someLoss(d: Decisions, end: SymbolicTensor): RandomLoss {
  const columns = end.shape.at(-1) ?? 1;
  const options = { fromLogits: d.below(2) === 1, labelSmoothing: d.pick([0, 0.1, 0.3]) };
  const [loss, expected] = ((): ReturnType<Kind> => {
    const drawn = lossKinds[d.pick(Object.keys(lossKinds) as LossName[])](d, options);
    return drawn[0].targets === 'classes' && columns < 2 ? lossKinds.binaryCrossentropy(d, options) : drawn;
  })();
  const { targets: kind } = loss;
  const usual = kind === 'classes' ? 'softmax' : 'sigmoid';
  const other = kind === 'classes' || columns < 2 ? 'sigmoid' : 'softmax';
  // With logits that are none it is refused, as a softmax of a softmax trains badly.
  if (loss.fromLogits && endsIn(end, usual)) return someLoss(d, end);
  const behind = kind === 'values' || loss.fromLogits ? null : d.below(4) > 0 ? usual : other;
  const { labelSmoothing = 0 } = loss.getConfig() as Partial<Options>;
  const offset = labelSmoothing / (kind === 'classes' ? columns : 2);
  const byIndex = d.below(2) === 1;
  const size = sizeOf(end.shape);

  function targets(n: number, random: RandomStream): Targets {
    const { labels, values } = labelsOf(n, random);
    const t = values.map((value) => (1 - labelSmoothing) * value + offset);
    return {
      labels,
      loss({ values: x }) {
        const p = !loss.fromLogits ? x : usual === 'softmax' ? softmaxForward(x, columns) : sigmoidForward(x);
        const { losses: own, dx: dp } = expected(p, t, n, columns);
        const dx = !loss.fromLogits
          ? dp
          : usual === 'softmax'
            ? softmaxBackward(dp, p, columns)
            : sigmoidBackward(dp, p);
        return { loss: own.reduce((a, b) => a + b, 0) / n, gradient: dx, margin: marginOf(x, p, t) };
      },
    };
  }

  function marginOf(x: Float64Array, p: Float64Array, t: Float64Array): number {
    if (kind !== 'values') return p.every((value) => value >= SMALLEST && value <= 1 - SMALLEST) ? Infinity : 0;
    if (loss.name !== 'meanAbsoluteError') return Infinity;
    return x.reduce((least, value, i) => Math.min(least, Math.abs(value - t[i]!)), Infinity) / rootMeanSquare(x);
  }

  function labelsOf(n: number, random: RandomStream): { labels: Labels; values: Float64Array } {
    const tensor = (values: Float32Array) => ({
      labels: { data: values, shape: [n, ...end.shape] },
      values: Float64Array.from(values),
    });
    if (kind !== 'classes') {
      const low = kind === 'values' ? -1 : 0;
      const yesOrNo = kind === 'binary' && byIndex;
      return tensor(
        Float32Array.from({ length: n * size }, () => (yesOrNo ? random.below(2) : random.between(low, 1))),
      );
    }
    if (!byIndex) {
      const logits = Float64Array.from({ length: n * size }, () => random.between(-1, 1));
      return tensor(Float32Array.from(softmaxForward(logits, columns)));
    }
    const indices = Int32Array.from({ length: (n * size) / columns }, () => random.below(columns));
    const values = new Float64Array(n * size);
    for (const [row, index] of indices.entries()) values[row * columns + index] = 1;
    return { labels: { data: indices, shape: [n, ...end.shape.slice(0, -1)] }, values };
  }

  return { loss, weight: d.pick(weights), behind, targets };
}
