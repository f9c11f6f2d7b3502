// A model that tells classes of pictures apart: what becomes of a picture, and what its outputs say.
import { check, WasmCnnError } from '../../base/errors.js';
import { formatShape, sizeOf, type Shape } from '../../base/shape.js';
import type { Tensor } from '../../base/tensor.js';
import { drawingOf } from '../../images/drawing.js';
import { COLOR_MODES, colorModeOf, imageInput, imageToInput, type ImageInput } from '../../images/imageInput.js';
import type { Picture } from '../../images/picture.js';
import { prepareDigitAsync } from '../digitImage/digitImage.js';
import { classifierFor } from './facts.js';

/** A model as classify() sees it. */
export interface ClassifyingModel {
  readonly topology: { readonly inputs: readonly { readonly shape: Shape }[]; readonly outputs: readonly unknown[] };
  readonly outputShape: Shape;
  readonly inputScale: {
    /** The range of what it was trained on, as the network saw it. */
    readonly trained: { readonly low: number; readonly high: number } | null;
    /** Whether it sees bytes as 0 to 255, not as 0 to 1. */
    readonly raw: boolean;
  };
  predict(x: Tensor<Uint8Array>): Promise<Tensor<Float32Array>>;
}

export interface Classifier {
  readonly model: ClassifyingModel;
  /** What errors call it. */
  readonly who: string;
  /** One a class. */
  readonly classNames: readonly string[];
  readonly input: ImageInput;
  readonly pictures: 'imageToInput' | 'prepareDigit';
}

/** A picture as its network takes it. */
export interface Prepared {
  readonly data: Uint8Array;
  /** What was done, where a digit was looked for. */
  readonly notes: readonly string[];
  /** What speaks against its being one digit. */
  readonly doubts: readonly string[];
}

/** Throws one sentence where the model does not classify pictures. */
export function classifierOf(model: ClassifyingModel, facts: unknown, who: string): Classifier {
  const { inputs, outputs } = model.topology;
  const instead = 'use model.predict()';
  check(
    inputs.length === 1 && outputs.length === 1,
    () => `${who} has ${inputs.length} inputs and ${outputs.length} outputs, and classify needs one each; ${instead}`,
  );
  const { shape } = inputs[0]!;
  const [height = 0, width = 0, channels = 0] = shape;
  const colorMode = colorModeOf(channels);
  check(
    shape.length === 3 && colorMode !== undefined,
    () =>
      `${who} takes inputs ${formatShape(shape)}, and a picture is [height, width, channels] with 1, 3 or 4 channels; ${instead}`,
  );
  const { outputShape } = model;
  const units = outputShape[0]!;
  const given = (what: string) => () =>
    `${who} gives ${what} for a picture, and classify needs a probability for each class; ${instead}`;
  check(outputShape.length === 1, given(formatShape(outputShape)));
  const classes = Math.max(2, units);
  const { classNames, input, pictures } = classifierFor({ inputShape: shape, classes }, facts, who);
  check(units > 1 || classNames !== null, given('one number'));
  return {
    model,
    who,
    classNames: classNames ?? Array.from({ length: classes }, (_, i) => String(i)),
    input: input ?? imageInput({ imageSize: [height, width], colorMode }),
    pictures,
  };
}

/** `who` names the picture. */
export async function prepare(
  { input, pictures }: Pick<Classifier, 'input' | 'pictures'>,
  picture: Picture,
  who: string,
): Promise<Prepared> {
  if (pictures === 'imageToInput') return { data: imageToInput(picture, input), notes: [], doubts: [] };
  try {
    const { image, notes, doubts } = await prepareDigitAsync(drawingOf(picture));
    return { data: image, notes, doubts };
  } catch (error) {
    throw error instanceof WasmCnnError ? new WasmCnnError(`${who}: ${error.message}`, { cause: error }) : error;
  }
}

/** [n, classes]. */
export async function probabilitiesOf(
  { model, who, classNames, input }: Classifier,
  prepared: readonly Prepared[],
): Promise<Tensor<Float32Array>> {
  const shape = [...input.imageSize, COLOR_MODES[input.colorMode]];
  const size = sizeOf(shape);
  const data = new Uint8Array(prepared.length * size);
  for (const [i, each] of prepared.entries()) data.set(each.data, i * size);
  const given = await model.predict({ data, shape: [prepared.length, ...shape] });
  checkScale(model, who);
  const classes = classNames.length;
  const isOne = given.shape[1] === 1;
  const rows = isOne ? bothOf(given.data) : given.data;
  for (let i = 0; i < prepared.length; i++) {
    const row = rows.subarray(i * classes, (i + 1) * classes);
    const sum = row.reduce((total, share) => total + share, 0);
    check(
      row.every((share) => share >= 0 && share <= 1.0001) && Math.abs(sum - 1) < 0.01,
      () =>
        `${who} gives ${isOne ? given.data[i] : `numbers from ${Math.min(...row)} to ${Math.max(...row)} with a sum of ${sum}`}, and classify needs ${isOne ? 'the probability of the second class, as sigmoid gives it' : 'probabilities with a sum of 1, as softmax gives them'}; use model.predict()`,
    );
  }
  return { data: rows, shape: [prepared.length, classes] };
}

/** Yes or no: the one output is the probability of the second class. */
function bothOf(yes: Float32Array): Float32Array {
  const both = new Float32Array(2 * yes.length);
  for (const [i, share] of yes.entries()) {
    both[2 * i] = 1 - share;
    both[2 * i + 1] = share;
  }
  return both;
}

/** Largest value of a byte, as the network sees it, and how far what it was trained on may lie off or above that. */
const SLACK = 1.01;
const FACTOR = 50;

/** Known once the model has predicted. */
function checkScale({ inputScale: { trained, raw } }: ClassifyingModel, who: string): void {
  if (!trained) return;
  const { low, high } = trained;
  const most = raw ? 255 : 1;
  check(
    low >= (1 - SLACK) * most && high <= SLACK * most && (high === 0 || most <= FACTOR * high),
    () =>
      `${who} was trained on values from ${shown(low)} to ${shown(high)}, and sees pixels as 0 to ${most}, so classify cannot know how they were scaled; scale them so yourself and use model.predict(), or train on bytes`,
  );
}

const shown = (value: number): number => Number(value.toPrecision(3));
