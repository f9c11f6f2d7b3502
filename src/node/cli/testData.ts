// The data that a trained model is tried on: its own, or others, of which it then says so.
import { check } from '../../base/errors.js';
import { formatShape, sameShape } from '../../base/shape.js';
import { formatCount } from '../../base/table.js';
import { classifierIn } from '../../data/classifier/facts.js';
import type { Examples } from '../../data/dataset.js';
import type { HashedDataset } from '../dataset/datasetSha256.js';
import { colorModeOf } from '../../images/imageInput.js';
import { openRunData, trainedOn } from './runData.js';
import type { OpenedModel } from './runs.js';

export interface TestData {
  readonly dataset: HashedDataset & { readonly test: Examples };
  /** One a class of the model. */
  readonly classNames: readonly string[];
  /** Put behind the name of a picture of other data, so that it does not take the place of one of the model's own. */
  readonly suffix: string;
}

/** Opens what --data names or the model has learned, and says what it is. */
export async function openTestData({ model, path, facts }: OpenedModel, asked: string | undefined): Promise<TestData> {
  const learned = trainedOn(facts);
  const { classNames, input } = classifierIn(facts, path);
  const [height, width, channels] = model.inputShape;
  const colorMode = colorModeOf(channels);
  const isPicture = model.inputShape.length === 3 && colorMode !== undefined;
  const form = isPicture ? { imageSize: [height!, width!] as const, colorMode, ...(input && { input }) } : {};
  const dataset = await openRunData(asked, learned, path, form);
  const { name, test } = dataset;
  const [, ...shape] = test.x.shape;
  check(
    sameShape(shape, model.inputShape),
    `${path} takes images ${formatShape(model.inputShape)}, and those of ${name} are ${formatShape(shape)}; name data of its form with --data`,
  );
  const [classes = 0] = model.outputShape;
  const most = (test.y as Uint8Array).reduce((most, label) => Math.max(most, label), 0);
  check(
    most < classes,
    `${path} tells ${classes} classes apart, and the labels of ${name} go up to ${most}; name data of its classes with --data`,
  );

  console.log(`Model: ${path}`);
  console.log(`Data: ${dataset.source}: ${formatCount(test.y.length)} test images`);
  const numbers = Array.from({ length: classes }, (_, i) => String(i));
  const named = (names: readonly string[] | null | undefined): string[] =>
    numbers.map((number, i) => names?.[i] ?? number);
  const [its, own] = [named(dataset.classNames), named(classNames)];
  if (learned?.sha256 === dataset.sha256) return { dataset, classNames: own, suffix: '' };
  const sameNames = its.join('\n') === own.join('\n');
  const what = learned
    ? `trained on ${learned.name}, other data than these`
    : 'not saved with a word of what it was trained on';
  console.log(
    `Note: the model was ${what}; what follows is how it does on ${name}${sameNames ? '' : ', and as its classes have other names, numbers stand for them'}`,
  );
  return { dataset, classNames: sameNames ? own : numbers, suffix: `-${name}` };
}
