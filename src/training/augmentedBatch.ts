// What a model's augmentation makes of a batch: the images that a step of fit trains on.
import { check } from '../base/errors.js';
import { checkArguments, checkOptions } from '../base/options.js';
import { checkWhole, sizeOf } from '../base/shape.js';
import type { Tensor } from '../base/tensor.js';
import type { Plan, PlannedOp } from '../compiler/plan.js';
import { opLabel } from '../compiler/ops/op.js';
import type { Call } from '../compiler/program.js';
import { gradientsProgram } from '../compiler/trainingProgram.js';
import type { Inputs, Targets } from './inputs.js';
import { prepareBatch, type BatchTrained } from './onBatch.js';
import { profileStep } from './steps.js';
import { checkModel } from './checkModel.js';

/** Options of {@link augmentedBatch}. */
export interface AugmentedBatchOptions {
  /** Default: the model's. */
  readonly seed?: number;
  /** Number of the optimizer's step, from 1. Default 1. */
  readonly step?: number;
}

/**
 * The images [n, height, width, channels] that a compiled model's augmentation makes of the batch x in a step, to look at: what comes out of
 * its last such layer before anything that learns. Nothing is learned.
 *
 * @example
 * ```js
 * import { augmentedBatch, layers, sequential } from 'wasm-cnn';
 *
 * const network = [layers.randomFlip(), layers.flatten(), layers.dense({ units: 2 })];
 * const model = sequential({ inputShape: [2, 2, 1], layers: network });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const [x, y] = [{ data: Uint8Array.of(0, 80, 160, 255), shape: [1, 2, 2, 1] }, { data: new Float32Array(2), shape: [1, 2] }];
 * augmentedBatch(model, x, y, { seed: 1 }).shape; // [1, 2, 2, 1]
 * ```
 */
export function augmentedBatch(
  model: BatchTrained,
  x: Inputs,
  y: Targets,
  options: AugmentedBatchOptions = {},
): Tensor<Float32Array> {
  checkArguments(arguments, 4, 'augmentedBatch', 'the fourth is { seed, step }');
  checkOptions(options, ['seed', 'step'], 'augmentedBatch');
  checkModel(model, 'augmentedBatch');
  const examples = prepareBatch(model, x, y, 'augmentedBatch');
  const session = model.trainingCopy(examples.count);
  session.seed = checkWhole(options.seed ?? model.seed, "augmentedBatch's seed", 0);
  session.step = checkWhole(options.step ?? 1, "augmentedBatch's step") - 1;
  const { plan } = session.engine;
  const last = lastOf(plan);
  check(
    last !== undefined,
    'augmentedBatch needs a model with augmentation before what learns, and this one has none; begin it with e.g. layers.randomAffine()',
  );
  const [label, place, { shape }] = [opLabel(last.op), last.outputs[0]!, last.op.outputs[0]!];
  const [size, { count }] = [sizeOf(shape), examples];
  const data = new Float32Array(count * size);
  // A shard has one call of the op after another, then the next shard has its own: the images are those after the last call of each.
  const shards = Math.ceil(count / plan.shardSize);
  const calls = gradientsProgram(plan, { count, pixels: false }, 0).flatMap(({ tasks }) => tasks.flat());
  const isForward = (call: Call): boolean => call.op === label && call.pass === 'forward';
  const each = calls.filter(isForward).length / shards;
  let made = 0;
  profileStep(session, examples, (call, _, memory) => {
    if (!isForward(call)) return;
    const first = Math.floor(made++ / each) * plan.shardSize;
    const at = (place.at + first * place.perExample) / 4;
    data.set(memory.subarray(at, at + Math.min(plan.shardSize, count - first) * size), first * size);
  });
  return { data, shape: [count, ...shape] };
}

/** Whether a model that is compiled has augmentation before what learns. */
export function augments({ plan }: { readonly plan: Plan | null }): boolean {
  return plan !== null && lastOf(plan) !== undefined;
}

/** The last augmentation before anything that learns. */
function lastOf({ ops }: Plan): PlannedOp | undefined {
  const learns = ops.findIndex(({ op }) => op.variables.some(({ role }) => role === 'weight'));
  return ops
    .slice(0, learns < 0 ? ops.length : learns)
    .filter(({ op }) => op.nodes.some((node) => node.augments))
    .at(-1);
}
