// Random models against the f64 reference: what they predict, their losses, every gradient, a step of Adam and of moving statistics; and the
// bits of that step in an order in which three threads could make it.
import * as assert from 'uvu/assert';
import { RandomStream } from '../../src/base/random.js';
import { sizeOf } from '../../src/base/shape.js';
import {
  adam,
  WasmCnnError,
  type Functional,
  type Logs,
  type Shape,
  type Targets,
  type Tensor,
} from '../../src/index.js';
import { inOrder } from '../../src/training/batches.js';
import { adamStep, kerasAdam } from '../reference/adam.js';
import { runGraph, type GraphRun, type ReferenceLoss } from '../reference/graph.js';
import type { Decisions } from './decisions.js';
import { sessionInOtherOrder } from './otherOrder.js';
import { randomGraph, type RandomGraph } from './randomGraph.js';
import type { Target, Verdict } from './target.js';
import type { Totals } from '../../src/training/session.js';
import { meansOf, prepare, train } from '../../src/training/steps.js';

/** Nearer to a kink or a tie than this, f32 may go another way; see MARGIN in test/model/networks.ts. */
const MARGIN = 1e-5;
/** Above what f32 makes of a dozen layers (5e-6 was the most in thousands), and far below what an error makes. */
const LIMIT = 2e-4;
/** A step is repeated in the order and memory of so many threads. */
const THREADS = 3;
/** Products of products may have any size. */
const LARGEST = 1e3;

/** Data that are drawn until some are far enough from every kink. */
const ATTEMPTS = 3;

/** 'refused' where the model is none, or too near to a kink, to a tie, or to large numbers, to be compared. */
async function check(decisions: Decisions): Promise<Verdict> {
  const n = 1 + Math.min(decisions.below(20), decisions.below(20));
  const graph = graphOrNull(decisions, n + decisions.below(20));
  if (!graph) return 'refused';
  const { model } = graph;
  const random = new RandomStream(decisions.uint32());
  setWeights(model, random);
  const what = describe(graph, n);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const expected = expectedOf(graph, n, random);
    if (!expected) continue;
    await comparePredictions(model, expected, what);
    await compareStep(model, expected, what);
    return 'read';
  }
  return 'refused';
}

interface Expected {
  readonly x: Tensor | Tensor[];
  /** Targets of the outputs that have a loss. */
  readonly y: Targets;
  readonly inference: Run;
  readonly training: Run;
}

/** `losses`: of each output, before it is weighed; null where it has none. */
type Run = GraphRun & { readonly losses: readonly (number | null)[] };

/** Data for n examples, and what f64 makes of them; null where f32 may make something else. */
function expectedOf({ model, losses }: RandomGraph, n: number, random: RandomStream): Expected | null {
  const { topology, seed } = model;
  const xs = topology.inputs.map(({ shape }, i) => dataOf(n, shape, model.plan!.inputs[i]!.raw, random));
  const targets = losses.map((each) => each?.targets(n, random) ?? null);
  const weights = weightsOf(model);
  let margin = Infinity;
  const run = (step: number | null): Run => {
    const own: (number | null)[] = losses.map(() => null);
    const terms = losses.map((each, i): ReferenceLoss | null =>
      each === null
        ? null
        : (output) => {
            const term = targets[i]!.loss(output, n);
            margin = Math.min(margin, term.margin);
            own[i] = term.loss;
            return { loss: each.weight * term.loss, gradient: term.gradient.map((slope) => each.weight * slope) };
          },
    );
    const values = xs.map((each) => each.values);
    const result = runGraph(topology, weights, values, terms, step === null ? null : { seed, step });
    margin = Math.min(margin, result.margin);
    return { ...result, losses: own };
  };
  const [inference, training] = [run(null), run(1)];
  const all = [inference, training].flatMap((each) => [
    ...each.outputs.map(({ values }) => values),
    ...each.gradients.flat(),
  ]);
  if (!(margin >= MARGIN && Math.max(...all.map(largestOf)) < LARGEST)) return null;
  const labels = targets.flatMap((each) => (each ? [each.labels] : []));
  const tensors = xs.map(({ tensor }) => tensor);
  const [x, y] = [tensors.length === 1 ? tensors[0]! : tensors, labels.length === 1 ? labels[0]! : labels];
  return { x, y, inference, training };
}

/** Floats, or bytes, which an input takes as value / 255, or as they are where it is `raw`; and what it takes them for. */
function dataOf(
  n: number,
  shape: Shape,
  raw: boolean,
  random: RandomStream,
): { readonly tensor: Tensor; readonly values: Float64Array } {
  const length = n * sizeOf(shape);
  const bytes = random.below(4) === 0;
  const data = bytes
    ? Uint8Array.from({ length }, () => (raw ? random.below(4) : 20 + random.below(236)))
    : Float32Array.from({ length }, () => random.between(-1, 1));
  const scale = bytes && !raw ? 255 : 1;
  return {
    tensor: { data, shape: [n, ...shape] },
    values: Float64Array.from(data, (value) => Math.fround(value / scale)),
  };
}

async function comparePredictions(model: Functional, { x, y, inference }: Expected, what: string): Promise<void> {
  const predicted = await model.predict<Tensor | Tensor[]>(x);
  for (const [i, { data }] of [predicted].flat().entries())
    near(data, inference.outputs[i]!.values, 1, `${what}: output ${i}`);
  compareLosses(model, await model.evaluate(x, y), inference, `${what}: in evaluate`);
}

/** Each output's, and their sum. */
function compareLosses({ topology }: Functional, logs: Logs, { loss, losses }: Run, what: string): void {
  const several = losses.length > 1;
  const each = losses.flatMap((own, i) =>
    several && own !== null ? [[`${topology.outputs[i]!.name}_loss`, own] as const] : [],
  );
  for (const [name, expected] of [['loss', loss] as const, ...each])
    assert.ok(
      Math.abs(logs[name]! - expected) <= LIMIT * Math.max(1, expected),
      `${what}: ${name} is ${logs[name]}, not ${expected}`,
    );
}

async function compareStep(model: Functional, { x, y, training }: Expected, what: string): Promise<void> {
  const trained = model.parameters.filter(({ role }) => role === 'weight');
  const expected = model.layers.flatMap(({ parameters, trainable }, i) =>
    parameters.flatMap(({ role }, j) => {
      const gradient = training.gradients[i]![j]!;
      return role === 'weight' ? [trainable ? gradient : gradient.map(() => 0)] : [];
    }),
  );
  const scale = Math.max(...expected.map(largestOf));
  const gradients = trained.length > 0 ? await model.gradients(x, y) : [];
  for (const [i, { data }] of gradients.entries())
    near(data, expected[i]!, scale, `${what}: gradient of ${trained[i]!.name}`);
  // A model that is all frozen takes no step.
  if (model.parameters.length > 0 && !model.parameters.some(({ trainable }) => trainable)) return;

  const before = model.getWeights().map(({ data }) => Float64Array.from(data));
  const threads = sessionInOtherOrder(model, THREADS);
  const examples = prepare(threads, x, y, 'the other order');
  const logs = await model.trainOnBatch(x, y);
  compareLosses(model, logs, training, `${what}: in a step`);
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

  const sums: Totals = {};
  train(threads, examples, inOrder(examples.count), 0, examples.count, sums);
  assert.equal(meansOf(threads, sums, examples.count), logs, `${what}: logs in the order of ${THREADS} threads`);
  for (const [i, { name, offset, size }] of model.parameters.entries()) {
    const own = threads.engine.weights.subarray(offset, offset + size);
    assert.ok(
      own.every((value, j) => Object.is(value, after[i]![j]!)),
      `${what}: ${name} in the order of ${THREADS} threads`,
    );
  }
}

function graphOrNull(decisions: Decisions, batchSize: number): RandomGraph | null {
  try {
    const graph = randomGraph(decisions);
    const { model, losses } = graph;
    model.compile({
      optimizer: adam(),
      loss: losses.map((each) => each?.loss ?? null),
      lossWeights: losses.map((each) => each?.weight ?? 1),
      batchSize,
    });
    return graph;
  } catch (error) {
    // All else fits by its making. (A layer that does nothing, as dropout of rate 0, may hide that softmax is behind it.)
    if (error instanceof WasmCnnError && /no layer that computes|needs the outputs before/.test(error.message))
      return null;
    throw error;
  }
}

/** For each layer, in f64. */
function weightsOf(model: Functional): Float64Array[][] {
  const values = model.getWeights().map(({ data }) => Float64Array.from(data));
  return model.layers.map(({ parameters }) => values.splice(0, parameters.length));
}

/** Nothing stays at 0 or 1, as biases, gamma, beta, alpha and statistics are at first. */
function setWeights(model: Functional, random: RandomStream): void {
  const ranges: readonly (readonly [name: RegExp, low: number, high: number])[] = [
    [/(bias|beta|alpha|mean)$/i, -0.3, 0.3],
    [/gamma$/, 0.5, 1.5],
    [/variance$/i, 0.3, 2],
  ];
  model.setWeights(
    model.getWeights().map(({ data, shape }, i) => {
      const range = ranges.find(([name]) => name.test(model.parameters[i]!.name));
      return { shape, data: range ? data.map(() => random.between(range[1], range[2])) : data };
    }),
  );
}

function largestOf(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/**
 * Off by at most LIMIT of the largest element, or of a hundredth of `scale` where all are tiny; or by 5e-6, which is all that a gradient
 * of exactly 0 can be in f32, as that of a bias before batch normalization.
 */
function near(actual: ArrayLike<number>, expected: Float64Array, scale: number, what: string): void {
  assert.is(actual.length, expected.length, what);
  let [worst, largest] = [0, Math.max(1e-2 * scale, 5e-6 / LIMIT)];
  for (const [i, value] of expected.entries()) {
    worst = Math.max(worst, Math.abs(actual[i]! - value));
    largest = Math.max(largest, Math.abs(value));
  }
  assert.ok(worst <= LIMIT * largest, `${what}: off by ${worst} of ${largest}`);
}

function describe({ model, losses }: RandomGraph, n: number): string {
  const { inputs, layers, calls, outputs } = model.topology;
  const steps = calls.map(({ layer, inputs: from }, i) => {
    const { layer: made, name } = layers[layer]!;
    return `${inputs.length + i}: ${name}${made.trainable ? '' : ' (frozen)'} of ${from.join(', ')} ${JSON.stringify(made.getConfig())}`;
  });
  return [
    `${n} of`,
    ...inputs.map(({ shape }) => `[${shape.join(', ')}]`),
    ...steps,
    ...outputs.map(({ tensor }, i) => {
      const { loss, weight } = losses[i] ?? {};
      return `→ ${tensor}${loss ? `, ${weight} · ${loss.name} ${JSON.stringify(loss.getConfig())}` : ''}`;
    }),
  ].join('\n');
}

// The f64 loops may take seconds, and a host frees the memory of WebAssembly late.
export const graphs: Target = { filesEach: 2, decisions: [64, 320], mostMs: 60_000, mostMiB: 4096, check };
