// facts.classifier of a model file: what it says of classes and pictures by rules written out once more, or a refusal.
import * as assert from 'uvu/assert';
import { classifierOf, prepare, type ClassifyingModel } from '../../src/data/classifier/classifier.js';
import { classifierIn } from '../../src/data/classifier/facts.js';
import { knownDatasets } from '../../src/data/knownDatasets.js';
import { changed } from './changed.js';
import type { Decisions } from './decisions.js';
import { outcome, who, type Target } from './target.js';

/** As a file may hold them. */
const values: readonly unknown[] = [
  ...[undefined, null, true, false, NaN, -0, 0, 1, 2, 3, 4, 28, 255, 256, 0.5, -1, 16384, 16385, 2 ** 53, Infinity],
  ...['', 'a', 'cat', 'rgb', 'grayscale', 'rgba', 'area', 'crop', 'prepareDigit', 'imageToInput', 'mnist', '__proto__'],
  ...[
    '\u001b[2J',
    'x\u202e',
    'x\u2028',
    'x'.repeat(60),
    'x'.repeat(61),
    'x'.repeat(200),
    'x'.repeat(201),
    'constructor',
  ],
  ...[
    [],
    [1],
    [0, 0],
    [28, 28],
    [1, 1, 1],
    [[1]],
    ['a', 'a'],
    ['a', 'b'],
    {},
    { imageSize: [1, 1] },
    { name: 'mnist' },
  ],
  ...[Uint8Array.of(1, 2), Float32Array.of(NaN), { constructor: { name: { toString: 1 } } }],
];
const names = [
  ...[
    'classifier',
    'dataset',
    'classNames',
    'input',
    'pictures',
    'imageSize',
    'colorMode',
    'interpolation',
    'antialias',
  ],
  ...['aspectRatio', 'background', 'name', 'sha256', 'preprocessing', '__proto__', 'constructor', 'toString'],
];
const modes = { 1: 'grayscale', 3: 'rgb', 4: 'rgba' } as const;
const interpolations = ['nearest', 'bilinear', 'bicubic', 'area'];
const aspectRatios = ['stretch', 'crop', 'pad'];

interface Outline {
  readonly shape: readonly number[];
  readonly outputShape: readonly number[];
}

function makeOutline(decisions: Decisions): Outline {
  const side = (): number => 1 + decisions.below(6);
  const shape = decisions.rarely(4) ? [28, 28, 1] : [side(), side(), decisions.pick([1, 3, 3, 4])];
  const outputShape = [decisions.rarely(4) ? 1 : 2 + decisions.below(4)];
  if (decisions.rarely(24)) shape[2] = 2;
  if (decisions.rarely(24)) shape.pop();
  if (decisions.rarely(24)) outputShape.unshift(2);
  return { shape, outputShape };
}

/** As classifierFacts() writes them, or as runs of before did, for a model of this outline. */
function soundFacts({ shape, outputShape }: Outline, decisions: Decisions): Record<string, unknown> {
  const [height = 1, width = 1, channels = 1] = shape;
  const classNames = ['cat', 'dog', 'élan', '牛', 'e'].slice(0, Math.max(2, outputShape[0]!));
  const isDigit = shape.join() === '28,28,1' && decisions.below(2) === 1;
  const pictures = isDigit ? 'prepareDigit' : 'imageToInput';
  const input = {
    imageSize: [height, width],
    colorMode: modes[channels as 1] ?? 'rgb',
    interpolation: decisions.pick(interpolations),
    antialias: decisions.below(2) === 1,
    aspectRatio: decisions.pick(aspectRatios),
    background: [decisions.byte(), decisions.byte(), 0],
  };
  const { name, sha256 } = decisions.pick([...knownDatasets, { name: 'files', sha256: 'x' }]);
  const dataset = { name, sha256, classNames, preprocessing: { pictures: isDigit ? 'prepareDigit' : null } };
  if (decisions.rarely(4)) return { dataset };
  const classifier = { classNames: decisions.rarely(6) ? null : classNames, input, pictures };
  return decisions.below(2) === 1 ? { classifier, dataset } : { settings: { epochs: 2 }, classifier };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

/** Whether a terminal and a table can show it on one line: the characters one by one, by their numbers. */
function isShown(text: unknown, longest: number): text is string {
  if (typeof text !== 'string' || text.length < 1 || text.length > longest) return false;
  return Array.from(text, (character) => character.codePointAt(0)!).every(
    (code) =>
      !(code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x2028 && code <= 0x202e)) &&
      !((code >= 0x2066 && code <= 0x2069) || [0x61c, 0x200e, 0x200f].includes(code)),
  );
}

function areNames(value: unknown, longest: number): value is string[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  return new Set(value).size === value.length && value.every((name) => isShown(name, longest));
}

const isWholeTo = (least: number, most: number) => (value: unknown) =>
  typeof value === 'number' && value % 1 === 0 && value >= least && value <= most;

/** For each entry of an input: which values are allowed, and the default. */
const inputRules: Record<string, [(value: unknown) => boolean, unknown]> = {
  imageSize: [(value) => Array.isArray(value) && value.length === 2 && value.every(isWholeTo(1, 16384)), undefined],
  colorMode: [(value) => Object.values<unknown>(modes).includes(value), 'rgb'],
  interpolation: [(value) => interpolations.includes(value as string), 'bilinear'],
  antialias: [(value) => value === true || value === false, true],
  aspectRatio: [(value) => aspectRatios.includes(value as string), 'stretch'],
  background: [
    (value) => Array.isArray(value) && value.length === 3 && value.every(isWholeTo(0, 255)),
    [255, 255, 255],
  ],
};

interface Said {
  readonly classNames: readonly string[] | null;
  readonly input: Record<string, any> | null;
  readonly pictures: unknown;
}

/** What the facts say; null where they must be refused. */
function said(facts: unknown): Said | null {
  const { classifier, dataset } = isObject(facts) ? facts : {};
  if (classifier === undefined) return saidOfDataset(isObject(dataset) ? dataset : {});
  if (!isObject(classifier)) return null;
  const { classNames, input, pictures } = classifier;
  const isNamed = classNames === undefined || classNames === null;
  if (!isNamed && !areNames(classNames, 200)) return null;
  if (![undefined, 'imageToInput', 'prepareDigit'].includes(pictures as string)) return null;
  const result = { classNames: isNamed ? null : classNames, input: null, pictures: pictures ?? 'imageToInput' };
  if (input === undefined || input === null) return result;
  if (!isObject(input) || Object.keys(input).some((key) => !Object.hasOwn(inputRules, key))) return null;
  const filled: Record<string, unknown> = {};
  for (const [key, [isGood, usual]] of Object.entries(inputRules)) {
    filled[key] = input[key] === undefined ? usual : input[key];
    if (!isGood(filled[key])) return null;
  }
  return { ...result, input: filled };
}

function saidOfDataset({ name, sha256, classNames, preprocessing }: Record<string, unknown>): Said {
  const known = knownDatasets.find((each) => each.sha256 === sha256);
  const isDigits = ['mnist', 'builtin-digits'].includes(name as string);
  const prepares = isObject(preprocessing) ? preprocessing['pictures'] === 'prepareDigit' : isDigits;
  return {
    classNames: areNames(classNames, 60) ? classNames : (known?.classNames ?? (isDigits ? [...'0123456789'] : null)),
    input: null,
    pictures: prepares ? 'prepareDigit' : 'imageToInput',
  };
}

/** Whether a model of this outline can do what they say. */
function fits({ shape, outputShape }: Outline, { classNames, input, pictures }: Said): boolean {
  const [height, width, channels] = shape;
  const isPicture = shape.length === 3 && [1, 3, 4].includes(channels!);
  const isOne = outputShape[0] === 1;
  const count = isOne ? 2 : outputShape[0];
  return (
    isPicture &&
    outputShape.length === 1 &&
    (classNames === null ? !isOne : classNames.length === count) &&
    (input === null ||
      [...input['imageSize'], input['colorMode']].join() === `${height},${width},${modes[channels as 1]}`) &&
    (pictures === 'imageToInput' || shape.join() === '28,28,1')
  );
}

const gray = { data: new Uint8Array(12).fill(7), width: 4, height: 3, channels: 1 } as const;

export const classifier: Target = {
  filesEach: 4,
  decisions: [0, 96],
  async check(decisions) {
    const outline = makeOutline(decisions);
    const { shape, outputShape } = outline;
    let facts: unknown = soundFacts(outline, decisions);
    for (let changes = decisions.below(4); changes > 1; changes--) facts = changed(facts, decisions, { values, names });
    const wanted = said(facts);
    const got = outcome(() => classifierIn(facts, who));
    assert.equal(got ?? null, wanted);
    const model = {
      topology: { inputs: [{ shape }], outputs: [0] },
      outputShape,
      inputScale: { trained: null, raw: false },
    } as unknown as ClassifyingModel;
    const made = outcome(() => classifierOf(model, facts, who));
    assert.is(made !== undefined, wanted !== null && fits(outline, wanted), JSON.stringify({ outline, facts }));
    if (made === undefined) return 'refused';
    assert.equal(made.classNames, wanted!.classNames ?? Array.from({ length: outputShape[0]! }, (_, i) => `${i}`));
    if (made.pictures === 'imageToInput') {
      const { data } = await prepare(made, gray, who);
      assert.is(data.length, shape[0]! * shape[1]! * shape[2]!);
    }
    return 'read';
  },
};
