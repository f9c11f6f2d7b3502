// fit({ validationSplit }): which of the examples are held out.
import { check } from '../base/errors.js';
import { describe } from '../base/options.js';
import { takeRows } from '../data/rows.js';
import { splitOrders } from '../data/split.js';
import { argmax } from '../metrics/accuracy.js';
import { inOrder } from './batches.js';
import type { SampleWeight } from './exampleWeights.js';
import type { FitSettings } from './fitState.js';
import type { Inputs, Targets } from './inputs.js';
import type { Labels } from './labels.js';
import type { Session } from './session.js';
import { prepare, type PreparedExamples } from './steps.js';

type Held = readonly [x: Inputs, y: Targets, sampleWeight?: SampleWeight | undefined];

/** Copies: what is trained on, and what is held out, each in the order that it had, with its weights. */
export async function splitForValidation(
  session: Session,
  data: Held,
  sampleWeight: SampleWeight | undefined,
  { validationSplit, validationSplitMode, seed }: FitSettings,
): Promise<readonly [Held, Held]> {
  const who = 'fit';
  const [x, y, given = sampleWeight] = data;
  const examples = prepare(session, x, y, who);
  const weights =
    given &&
    (await import('./exampleWeights.js'))
      .weighing(session, { ...{ who, data, check, describe }, stream: false })
      .weigh(examples, given);
  const orders =
    validationSplitMode === 'tail'
      ? tailOf(examples.count, validationSplit)
      : splitOrders(classesOf(session, examples), { validationSplit, seed });
  const part = (order: Uint32Array): Held => [
    examples.xs.map((tensor) => takeRows(tensor, order)),
    examples.labels.map((labels) =>
      'shape' in labels ? takeRows(labels, order) : Array.from(order, (example) => labels[example]!),
    ),
    weights?.map((each) => Float32Array.from(order, (example) => each[example]!)),
  ];
  return [part(orders[0]), part(orders[1])];
}

/** Split as Keras makes it: the last examples, of however many classes they are. */
function tailOf(count: number, share: number): readonly [Uint32Array, Uint32Array] {
  const trained = Math.floor(count * (1 - share));
  check(
    trained > 0 && trained < count,
    () => `${count} examples are too few to hold out a share of ${share} for validation; give more`,
  );
  const all = inOrder(count);
  return [all.slice(0, trained), all.slice(trained)];
}

/** The class of each example, where its one target says it; else the same for all. */
function classesOf({ compiled, engine, signature }: Session, { labels, count }: PreparedExamples): ArrayLike<number> {
  const { losses } = engine.plan;
  const { output } = losses[0]!;
  const { shape } = signature.outputs[output]!;
  if (losses.length > 1 || shape.length !== 1 || compiled!.outputs[output]!.loss.targets !== 'classes')
    return new Uint8Array(count);
  const [given] = labels as readonly [Labels];
  const values = 'shape' in given ? given.data : given;
  if (values.length === count) return values;
  const classes = shape[0]!;
  return Uint32Array.from({ length: count }, (_, example) => argmax(values, example * classes, classes));
}
