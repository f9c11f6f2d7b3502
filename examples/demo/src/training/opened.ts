// A model that comes from a file, or from what this page kept: whether the page can show it, what run it belongs to, and the data that the run was begun on.
import { loadModel, Sequential, WasmCnnError, type Model } from 'wasm-cnn';
import { classifierFor, countBeforeSplit, type RunFacts } from 'wasm-cnn/recipes';
import { builtinSource, inputOf, type Source, type Subject } from '../data/source.js';
import { words } from '../network/design.js';
import { formatImages, formOfModel } from '../network/form.js';
import { formatCount } from '../page/format.js';
import { say } from '../page/subject.js';
import type { SavedCurves } from './progress.js';
import { threads } from './settings.js';

export interface Opened {
  readonly name: string;
  /** A file, or a run of this page. */
  readonly origin: 'file' | 'here';
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly model: Model;
  /** From a run of npm run train or of this page; undefined for another program's. */
  readonly facts: RunFacts | undefined;
  /** What its classes are called and how it takes pictures; null where its file does not say. */
  readonly subject: Subject | null;
  /** A checkpoint: saved while fit was under way. */
  readonly underWay: boolean;
  readonly curves: SavedCurves | null;
}

export function openModel(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  origin: Opened['origin'],
  curves: SavedCurves | null = null,
): Opened {
  const { model, facts } = loadModel(bytes, { name, workers: threads() });
  const [input, output] = [model.inputShape, model.outputShape];
  if (input.length !== 3 || ![1, 3, 4].includes(input[2]!) || output.length !== 1 || output[0]! < 2)
    throw new WasmCnnError(
      `${name}: maps ${input.join(' × ')} to ${output.join(' × ')} numbers, but this page shows networks that map an image to a probability for each of at least two classes; open such a model`,
    );
  const unknown = model.layers.find(({ layer }) => !Object.hasOwn(words, layer.kind));
  if (unknown || !(model instanceof Sequential))
    throw new WasmCnnError(
      `${name}: has ${unknown ? `a layer ${unknown.layer.className}` : 'layers that are no chain'}, which this page cannot show; open a model of ${Object.values(words).join(', ')} layers in a row`,
    );
  return {
    name,
    origin,
    bytes,
    model,
    facts: isRunFacts(facts) ? facts : undefined,
    subject: subjectIn(facts, model, name),
    underWay: model.fitState !== null,
    curves,
  };
}

function isRunFacts(facts: unknown): facts is RunFacts {
  const { settings, dataset } = (facts ?? {}) as Partial<RunFacts>;
  return (
    typeof settings === 'object' &&
    typeof settings?.epochs === 'number' &&
    typeof dataset === 'object' &&
    typeof dataset?.trainCount === 'number'
  );
}

function subjectIn(facts: unknown, model: Model, who: string): Subject | null {
  const form = formOfModel(model);
  const { classNames, input, pictures } = classifierFor(form, facts, who);
  if (!classNames) return null;
  const areDigits = pictures === 'prepareDigit' && form.classes === 10;
  return { names: classNames, input: input ?? inputOf(form.inputShape), areDigits };
}

/** Whether the run was begun on these; unknown counts as yes, as fit looks itself. */
export function fitsData({ facts }: Opened, source: Source): boolean {
  const sha256 = facts?.dataset.sha256 ?? null;
  return sha256 === null || source.sha256 === null || sha256 === source.sha256;
}

/** The data that the run was begun on, as far as they can be had: `current`, built-in digits drawn again, or files that are in `store`; or null. */
export async function dataFor(
  opened: Opened,
  current: Source,
  store: (sha256: string | null) => Promise<Source | null>,
): Promise<Source | null> {
  if (fitsData(opened, current)) return current;
  const { settings, dataset } = opened.facts!;
  const { name, trainCount, testCount, sha256 } = dataset;
  if (name !== 'builtin-digits') return store(sha256);
  const drawn = await builtinSource(countBeforeSplit(trainCount, settings.validationSplit), testCount);
  return fitsData(opened, drawn) ? drawn : null;
}

function nameOf({ dataset: { name } }: RunFacts): string {
  return { mnist: 'MNIST', files: 'data files of your own', 'builtin-digits': 'the built-in digits' }[name] ?? name;
}

/** What was opened, and what it needs. */
export function openedSentence(opened: Opened, source: Source): string {
  const { name, model, facts, underWay } = opened;
  if (!underWay)
    return `${name}: a model with ${formatCount(model.countParams())} parameters after ${formatCount(model.step)} steps, which takes ${formatImages(formOfModel(model).inputShape)}. ${say('Draw a digit', 'Give it a picture')}, or train it further.`;
  const { epoch, epochs, count } = model.fitState!();
  const where = `${name}: saved at step ${formatCount(model.step)}, in epoch ${Math.min(epoch + 1, epochs)} of ${epochs}, on ${formatCount(count)} images`;
  return fitsData(opened, source)
    ? `${where}. Continue it here, and it ends with the same bits as where it was started.`
    : `${where} of ${nameOf(facts!)}. Choose those data, and it can continue here.`;
}
