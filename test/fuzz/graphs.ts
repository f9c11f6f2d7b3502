// Random models against the f64 reference: what they predict, their loss, every gradient, and a step of Adam.
import * as assert from 'uvu/assert';
import { RandomStream } from '../../src/base/random.js';
import { sizeOf } from '../../src/base/shape.js';
import { adam, WasmCnnError, type Functional, type Tensor } from '../../src/index.js';
import { adamStep, kerasAdam } from '../reference/adam.js';
import { meanSquares, runGraph } from '../reference/graph.js';
import type { Decisions } from './decisions.js';
import { randomGraph } from './randomGraph.js';
import type { Target, Verdict } from './target.js';

/** Nearer to a kink or a tie than this, f32 may go another way; see MARGIN in test/model/networks.ts. */
const MARGIN = 1e-5;
/** Above what f32 makes of a dozen layers (5e-6 was the most in thousands), and far below what an error makes. */
const LIMIT = 2e-4;
/** Products of products may have any size. */
const LARGEST = 1e3;

/** 'refused' where the model is none, or too near to a kink, to a tie, or to large numbers, to be compared. */
async function check(decisions: Decisions): Promise<Verdict> {
  const n = 1 + decisions.below(20);
  const model = graphOrNull(decisions, n + decisions.below(20));
  if (!model) return 'refused';
  const random = new RandomStream(decisions.uint32());
  setBiases(model, random);
  const { topology } = model;
  const tensor = (shape: readonly number[]): Tensor => ({
    data: Float32Array.from({ length: n * sizeOf(shape) }, () => random.between(-1, 1)),
    shape: [n, ...shape],
  });
  const xs = topology.inputs.map(({ shape }) => tensor(shape));
  const outputs = model.outputs.map(({ shape }) => shape);
  const ys = outputs.map(tensor);
  const weights = weightsOf(model);

  const run = (step: number | null) =>
    runGraph(
      topology,
      weights,
      xs.map(({ data }) => Float64Array.from(data)),
      ys.map(({ data }) => meanSquares(Float64Array.from(data))),
      step === null ? null : { seed: model.seed, step },
    );
  const [inference, training] = [run(null), run(1)];
  const all = [inference, training].flatMap((each) => [
    ...each.outputs.map(({ values }) => values),
    ...each.gradients.flat(),
  ]);
  const largest = Math.max(...all.map((values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)));
  if (!(Math.min(inference.margin, training.margin) >= MARGIN && largest < LARGEST)) return 'refused';

  const what = describe(model, n);
  const [x, y] = [xs.length === 1 ? xs[0]! : xs, ys.length === 1 ? ys[0]! : ys];
  const predicted = await model.predict<Tensor | Tensor[]>(x);
  for (const [i, { data }] of [predicted].flat().entries())
    near(data, inference.outputs[i]!.values, 1, `${what}: output ${i}`);

  const trained = model.parameters.filter(({ role }) => role === 'weight');
  const expected = model.layers.flatMap(({ parameters, trainable }, i) =>
    parameters.flatMap(({ role }, j) => {
      const gradient = training.gradients[i]![j]!;
      return role === 'weight' ? [trainable ? gradient : gradient.map(() => 0)] : [];
    }),
  );
  const scale = Math.max(
    ...expected.map((values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)),
  );
  const gradients = trained.length > 0 ? await model.gradients(x, y) : [];
  for (const [i, { data }] of gradients.entries())
    near(data, expected[i]!, scale, `${what}: gradient of ${trained[i]!.name}`);

  const before = model.getWeights().map(({ data }) => Float64Array.from(data));
  const { loss } = await model.trainOnBatch(x, y);
  assert.ok(
    Math.abs(loss! - training.loss) <= LIMIT * Math.max(1, training.loss),
    `${what}: loss ${loss}, not ${training.loss}`,
  );
  const after = model.getWeights().map(({ data }) => data);
  for (const [i, { name, role, trainable }] of model.parameters.entries()) {
    const w = before[i]!;
    if (role === 'statistic') continue;
    // From the engine's own gradients: where one is nearly 0, its sign is chance, and Adam's first step is all sign.
    const gradient = Float64Array.from(gradients[trained.findIndex((each) => each.name === name)]!.data);
    if (trainable) adamStep(w, new Float64Array(w.length), new Float64Array(w.length), gradient, 1, kerasAdam);
    const worst = w.reduce((most, value, j) => Math.max(most, Math.abs(value - after[i]![j]!)), 0);
    assert.ok(worst <= 1e-6, `${what}: ${name} after a step is off by ${worst}`);
  }
  for (const [i, { name, parameters }] of model.layers.entries()) {
    const statistics = parameters.filter(({ role }) => role === 'statistic');
    for (const [j, expectation] of training.statistics[i]!.entries())
      near(
        after[model.parameters.findIndex((each) => each.name === statistics[j]!.name)]!,
        expectation,
        1,
        `${what}: statistic ${j} of ${name}`,
      );
  }
  return 'read';
}

function graphOrNull(decisions: Decisions, batchSize: number): Functional | null {
  try {
    const model = randomGraph(decisions);
    model.compile({ optimizer: adam(), loss: model.outputs.map(() => 'meanSquaredError'), batchSize });
    return model;
  } catch (error) {
    // All else fits by its making.
    if (error instanceof WasmCnnError && error.message === 'the model has no layer that computes anything') return null;
    throw error;
  }
}

/** For each layer, in f64. */
function weightsOf(model: Functional): Float64Array[][] {
  const values = model.getWeights().map(({ data }) => Float64Array.from(data));
  return model.layers.map(({ parameters }) => values.splice(0, parameters.length));
}

/** No bias stays at 0. */
function setBiases(model: Functional, random: RandomStream): void {
  model.setWeights(
    model.getWeights().map(({ data, shape }, i) => ({
      shape,
      data: model.parameters[i]!.name.endsWith('bias') ? data.map(() => random.between(-0.3, 0.3)) : data,
    })),
  );
}

/**
 * Off by at most LIMIT of the largest element, or of a thousandth of `scale` where all are tiny; or by 1e-6, which is all that a gradient
 * of exactly 0 can be in f32, as that of a bias before batch normalization.
 */
function near(actual: ArrayLike<number>, expected: Float64Array, scale: number, what: string): void {
  assert.is(actual.length, expected.length, what);
  let [worst, largest] = [0, Math.max(1e-3 * scale, 1e-6 / LIMIT)];
  for (const [i, value] of expected.entries()) {
    worst = Math.max(worst, Math.abs(actual[i]! - value));
    largest = Math.max(largest, Math.abs(value));
  }
  assert.ok(worst <= LIMIT * largest, `${what}: off by ${worst} of ${largest}`);
}

function describe({ topology: { inputs, layers, calls, outputs } }: Functional, n: number): string {
  const steps = calls.map(({ layer, inputs: from }, i) => {
    const { layer: made, name } = layers[layer]!;
    return `${inputs.length + i}: ${name}${made.trainable ? '' : ' (frozen)'} of ${from.join(', ')} ${JSON.stringify(made.getConfig())}`;
  });
  return [
    `${n} of`,
    ...inputs.map(({ shape }) => `[${shape.join(', ')}]`),
    ...steps,
    `→ ${outputs.map(({ tensor }) => tensor).join(', ')}`,
  ].join('\n');
}

export const graphs: Target = { filesEach: 2, check };
