// The data that a trained model is tried on: its own, or others, of which it then says so.
import { check } from '../../base/errors.js';
import { formatShape, sameShape } from '../../base/shape.js';
import { formatCount } from '../../base/table.js';
import { prepare } from '../../data/classifier/classifier.js';
import { classifierIn } from '../../data/classifier/facts.js';
import { makeLabels, type ClassLabels, type Examples } from '../../data/dataset.js';
import type { HashedData, HashedDataset } from '../dataset/datasetSha256.js';
import { loadTestData } from '../dataset/loadData.js';
import { plainReader, type PictureDecoder } from '../../data/imageFolder/pictureReader.js';
import { decodeImage } from '../../images/decode.js';
import { colorModeOf } from '../../images/imageInput.js';
import { openRunData, sayLeftOut, trainedOn, type TrainedOn } from './runData.js';
import type { OpenedModel } from './runs.js';

export interface TestData {
  readonly dataset: HashedDataset & { readonly test: Examples };
  /** One a class of the model. */
  readonly classNames: readonly string[];
  /** Put behind the name of a picture of other data, so that it does not take the place of one of the model's own. */
  readonly suffix: string;
}

/** Opens what --data names or the model has learned, and says what it is. Classes that have names are compared by them. */
export async function openTestData(
  { model, path, facts }: OpenedModel,
  { data: asked, skipBroken }: { readonly data?: string | undefined; readonly skipBroken?: true | undefined },
): Promise<TestData> {
  const { inputs, outputs } = model.topology;
  check(
    inputs.length === 1 && outputs.length === 1,
    () =>
      `${path} has ${inputs.length} ${inputs.length === 1 ? 'input' : 'inputs'} and ${outputs.length} ${outputs.length === 1 ? 'output' : 'outputs'}, and one image and a probability for each class are needed to test it; use model.evaluate()`,
  );
  const learned = trainedOn(facts);
  const { classNames, input, pictures } = classifierIn(facts, path);
  const [height, width, channels] = model.inputShape;
  const colorMode = colorModeOf(channels);
  const isPicture = model.inputShape.length === 3 && colorMode !== undefined;
  const form = isPicture ? { imageSize: [height!, width!] as const, colorMode, ...(input && { input }) } : {};
  const read = {
    ...form,
    isOneClassTaken: true,
    ...(skipBroken && { skipBroken }),
    ...(pictures === 'prepareDigit' && { pictures: plainReader(digits) }),
  };
  const opened = await openRunData(asked, learned, path, read, (from, how) =>
    loadTestData(from, (data) => isLearned(data, learned), how),
  );
  sayLeftOut(opened);
  const { dataset, sameNames } = byName(opened, classNames, path);
  const { name, test } = dataset;
  const [, ...shape] = test.x.shape;
  check(
    sameShape(shape, model.inputShape),
    `${path} takes images ${formatShape(model.inputShape)}, and those of ${name} are ${formatShape(shape)}; name data of its form with --data`,
  );
  const [classes = 0] = model.outputShape;
  check(
    model.outputShape.length === 1 && classes > 1,
    `${path} gives ${formatShape(model.outputShape)} for an image, and a probability for each class is needed; predict-samples -- --image and --folder take one of yes or no`,
  );
  const most = (test.y as Uint8Array).reduce((most, label) => Math.max(most, label), 0);
  check(
    most < classes,
    `${path} tells ${classes} classes apart, and the labels of ${name} go up to ${most}; name data of its classes with --data`,
  );

  console.log(`Model: ${path}`);
  console.log(`Data: ${dataset.source}: ${formatCount(test.y.length)} test images`);
  const numbers = Array.from({ length: classes }, (_, i) => String(i));
  const own = numbers.map((number, i) => classNames?.[i] ?? number);
  if (isLearned(dataset, learned)) return { dataset, classNames: own, suffix: '' };
  const what = learned
    ? `trained on ${learned.name}, other data than these`
    : 'saved without the data set that it was trained on';
  console.log(
    `Note: the model was ${what}; what follows is how it does on ${name}${sameNames ? '' : ', and as only one of the two names its classes, numbers stand for them'}`,
  );
  return { dataset, classNames: sameNames ? own : numbers, suffix: `-${name}` };
}

/** Pictures of digits as predict-samples --folder prepares them. */
const digits: PictureDecoder = {
  atOnce: 1,
  decode: async (bytes, who, input) =>
    (await prepare({ input, pictures: 'prepareDigit' }, await decodeImage(bytes, { who }), who)).data,
};

/** A page without SHA-256 (over plain HTTP) writes none, and data are known by their name then. */
function isLearned({ sha256, name }: HashedData, learned: TrainedOn | null): boolean {
  return learned !== null && (learned.sha256 === null ? learned.name === name : learned.sha256 === sha256);
}

type Named = { readonly dataset: TestData['dataset']; readonly sameNames: boolean };

/** The test images with the model's labels of the classes of these names, in whichever order and number they are in the data. */
function byName(dataset: TestData['dataset'], own: readonly string[] | null, path: string): Named {
  const { classNames: its, name, test } = dataset;
  if (!its || !own) {
    const named = its ?? own ?? [];
    return { dataset, sameNames: named.every((each, i) => each === String(i)) };
  }
  const places = its.map((each) => own.indexOf(each));
  const stranger = its.find((_, i) => places[i] === -1);
  check(
    stranger === undefined,
    () =>
      `${name} has the class ${stranger}, which ${path} does not know (${own.slice(0, 5).join(', ')}${own.length > 5 ? ' …' : ''}); leave it out, or name data of its classes with --data`,
  );
  if (places.every((place, i) => place === i)) return { dataset, sameNames: true };
  const y: ClassLabels = makeLabels(test.y.length, own.length);
  for (const [i, label] of test.y.entries()) y[i] = places[label]!;
  return { dataset: { ...dataset, test: { ...test, y } }, sameNames: true };
}
