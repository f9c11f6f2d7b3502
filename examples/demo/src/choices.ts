// The page's address holds every choice that decides an experiment, so a shared link reproduces it bit for bit.
import { formOf, isBuiltin, type Source } from './data/source.js';
import { designFrom, notationOf } from './network/notation.js';
import { presets, type Design } from './network/design.js';
import { digitsForm, type Form } from './network/form.js';
import { find } from './page/element.js';
import { fieldProblem } from './page/numberField.js';

const fields = {
  epochs: find('epochs', HTMLInputElement),
  rate: find('learning-rate', HTMLInputElement),
  seed: find('seed', HTMLInputElement),
};
const usual = { images: '12000', network: 'reference', ...values() };
/** Fewer built-in digits cannot be split, more would not fit into a page. */
const LEAST_IMAGES = 60,
  MOST_IMAGES = 120000;

export interface Taken {
  /** Built-in digits to begin with. */
  readonly images: number;
  /** Data that no address holds: MNIST's files, or the user's own. */
  readonly files: 'mnist' | 'files' | null;
  readonly design: Design;
  /** What the address asks for and cannot have, a sentence each. */
  readonly problems: readonly string[];
}

function values(): Record<keyof typeof fields, string> {
  return { epochs: fields.epochs.value, rate: fields.rate.value, seed: fields.seed.value };
}

/** Sets the fields to what an address says after its question mark, as far as they can have it. */
export function parseChoices(search: string): Taken {
  const given = Object.fromEntries(new URLSearchParams(search));
  const problems: string[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const before = field.value;
    field.value = given[name] ?? usual[name as keyof typeof usual];
    if (fieldProblem(field, name) === null) continue;
    field.value = before;
    problems.push(`the link says ${name}=${given[name]}, which is not possible; ${before} is used instead`);
  }
  const { images = usual.images, network = usual.network } = given;
  const files = images === 'mnist' || images === 'files' ? images : null;
  const builtin = /^\d+$/.test(images) && Number(images) >= LEAST_IMAGES && Number(images) <= MOST_IMAGES;
  if (!files && !builtin)
    problems.push(`the link says images=${images}, which is not possible; ${usual.images} are used instead`);
  const design = designFrom(network);
  if (!design)
    problems.push(
      network === 'file'
        ? "the link's network came from a file, which a link cannot hold; open that file"
        : `the link's network ${network} cannot be read; the reference network is used instead`,
    );
  return {
    images: builtin ? Number(images) : Number(usual.images),
    files,
    design: design ?? presets.reference,
    problems,
  };
}

/** The same, the other way: '' where all is as usual. */
export function searchOf(design: Design, source: Source | null): string {
  const now = { images: imagesOf(source), network: notationOf(design, formFor(source)) ?? 'file', ...values() };
  const query = new URLSearchParams(
    Object.entries(now).filter(([name, value]) => value !== usual[name as keyof typeof usual]),
  ).toString();
  return query && `?${query}`;
}

/** How many built-in digits, or which files: those of a person have no address. */
function imagesOf(source: Source | null): string {
  if (source === null) return usual.images;
  return isBuiltin(source) ? String(source.train.y.length) : source.name === 'mnist' ? 'mnist' : 'files';
}

function formFor(source: Source | null): Form {
  return source ? formOf(source) : digitsForm;
}

/** Writes it into the address bar; nothing is loaded anew. */
export function writeAddress(search: string): void {
  history.replaceState(null, '', `${location.pathname}${search}${location.hash}`);
}

/** The address of an experiment, and what it gives to those who open it. `beyond`: it does not make the weights that are shown. */
export function linkOf(design: Design, source: Source | null, beyond: boolean): { url: string; note: string } {
  const url = new URL(location.pathname + searchOf(design, source), location.href).href;
  if (notationOf(design, formFor(source)) === null)
    return { url, note: 'this network came from a file, with options that a link cannot hold; send that file, too' };
  if (beyond)
    return {
      url,
      note: 'it starts a new run with these settings; to share the weights shown here, send the saved model',
    };
  return source && !isBuiltin(source)
    ? { url, note: 'anyone who opens it, chooses the same data files and presses Train gets the same bits' }
    : { url, note: 'anyone who opens it and presses Train gets the same bits' };
}
