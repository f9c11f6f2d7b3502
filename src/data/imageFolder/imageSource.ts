// A folder of pictures as a source of examples, and as arrays. Any host gives the folder: a disk, a page.
import { check } from '../../base/errors.js';
import { RandomStream } from '../../base/random.js';
import { sha256Of } from '../../base/sha256.js';
import { encodeUtf8 } from '../../base/utf8.js';
import { COLOR_MODES, type ImageInput } from '../../images/imageInput.js';
import type { Source } from '../../training/source.js';
import { makeLabels, takeLabels, type ClassLabels, type Examples } from '../dataset.js';
import { pixelsFor, type DataFolder } from '../layouts/layout.js';
import { lookAt } from '../layouts/pictures.js';
import { splitOrders } from '../split.js';
import { findPictures, type FolderPicture, type FoundPictures, type KnownClasses } from './findPictures.js';
import { checkFolderOptions, inputOf, type ImageFolderOptions } from './folderOptions.js';
import { eachOf, namingSkipBroken, plainReader, sift, type OpenPictures, type PictureReader } from './pictureReader.js';

/** Examples of a folder: fit, evaluate and predict read them as they need them. */
export interface ImageSource extends Source {
  readonly shape: readonly [height: number, width: number, channels: number];
  readonly dtype: 'uint8';
  /** Pictures in the order of the examples. */
  readonly files: readonly FolderPicture[];
  /** Labels in the same order; null where there are none. */
  readonly labels: ClassLabels | null;
  readonly classNames: readonly string[] | null;
  /** Groups in the same order, where the folder has a groups.csv. */
  readonly groups: readonly string[] | null;
  readonly input: ImageInput;
  /** Paths of files that are no pictures by their names, or lie beside the folders of the classes. */
  readonly passedOver: readonly string[];
  /** How many links were not followed. */
  readonly links: number;
  /** Pictures that were left out with skipBroken, and why. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  /** All examples at once; labels are 0 where there are none. */
  toArrays(): Promise<Examples>;
  /** Over the files' contents, the labels and `input`. */
  sha256(): Promise<string>;
}

/** Sides of pictures that are small enough to be taken as they are. */
const SMALL = 128;
const USUAL = [96, 96] as const;

/** `pictures` decodes them; default: this thread, each time. */
export async function imageSource(
  folder: DataFolder,
  options: ImageFolderOptions = {},
  pictures?: PictureReader,
): Promise<ImageSource> {
  checkFolderOptions(options);
  return folderSource(folder, options, { pictures });
}

/** What the options do not say: classes of other pictures, whether those that are all gray are taken as gray, and whether one class is enough. */
type Unsaid = Partial<KnownClasses> & {
  readonly isGrayTaken?: boolean;
  readonly isOneClassTaken?: boolean | undefined;
  readonly pictures?: PictureReader | undefined;
};

/** The same for checked options. */
export async function folderSource(
  folder: DataFolder,
  options: ImageFolderOptions,
  { classes, of = '', isGrayTaken = false, isOneClassTaken, pictures = plainReader() }: Unsaid = {},
): Promise<ImageSource> {
  const found = await findPictures(folder, options, classes && { classes, of }, isOneClassTaken);
  const input = await usualInput(found.files, options, isGrayTaken);
  const open = ({ files }: Chosen): Promise<OpenPictures> => pictures.open(files, input, folder.path);
  const sifted = options.skipBroken ? await sift(found.files.length, await open(found), sizeOf(input)) : null;
  const sound = sifted?.sound ?? [...found.files.keys()];
  const skipped = (sifted?.skipped ?? []).map(({ number, reason }) => ({ path: found.files[number]!.path, reason }));
  check(
    sound.length > 0,
    () =>
      `${folder.where}: none of its ${found.files.length} pictures can be read; the first says: ${skipped[0]!.reason}`,
  );
  if (!classes) checkClassesLeft(folder.where, found, take(found, sound).labels);
  const order = orderOf(take(found, sound), options).map((i) => sound[i]!);
  const chosen = take(found, order);
  const opened = sifted ? numbered(sifted.pictures, order) : namingSkipBroken(await open(chosen));
  return {
    ...sourceOf(folder.where, chosen, input, opened),
    passedOver: found.passedOver,
    links: found.links,
    skipped,
  };
}

function checkClassesLeft(where: string, { labels, classNames }: Chosen, left: ClassLabels | null): void {
  const [found, present] = [new Set<number>(labels), new Set<number>(left)];
  for (const [label, name] of (classNames ?? []).entries())
    check(
      !found.has(label) || present.has(label),
      `${where}/${name}: none of its pictures can be read; repair one, or remove the folder`,
    );
}

/** Some of the pictures, by numbers of their own. */
function numbered(pictures: OpenPictures, order: readonly number[]): OpenPictures {
  const { atOnce, areKept } = pictures;
  return {
    atOnce,
    areKept,
    read: (numbers, into, at) =>
      pictures.read(
        numbers.map((i) => order[i]!),
        into,
        at,
      ),
    sha256: (i) => pictures.sha256(order[i]!),
  };
}

/** The size of at least half of the pictures where it is small, or else the usual one: the same for both subsets. */
async function usualInput(
  files: readonly FolderPicture[],
  options: ImageFolderOptions,
  isGrayTaken: boolean,
): Promise<ImageInput> {
  if (options.imageSize && !isGrayTaken) return inputOf(options, options.imageSize);
  const { shared, isGray } = await lookAt(files, options.skipBroken);
  const size = shared?.every((side) => side <= SMALL) ? shared : USUAL;
  return inputOf({ ...options, ...(isGrayTaken && isGray && { colorMode: 'grayscale' }) }, size);
}

/** The numbers of the subset's examples, in their order. */
function orderOf({ files, labels, groups }: Chosen, options: ImageFolderOptions): number[] {
  const { validationSplit, subset, seed = 0, shuffle = false } = options;
  const all = [...files.keys()];
  const held =
    validationSplit === undefined
      ? null
      : splitOrders(labels ?? new Uint8Array(files.length), { validationSplit, seed, groups: groups ?? undefined });
  const order = held ? [...held[subset === 'training' ? 0 : 1]] : all;
  if (shuffle) new RandomStream(seed, 6).shuffle(order);
  return order;
}

/** Bytes of an input. */
function sizeOf({ imageSize: [height, width], colorMode }: ImageInput): number {
  return height * width * COLOR_MODES[colorMode];
}

type Chosen = Pick<FoundPictures, 'files' | 'labels' | 'groups' | 'classNames'>;

function take({ files, labels, groups, classNames }: Chosen, order: readonly number[]): Chosen {
  return {
    files: order.map((i) => files[i]!),
    labels: labels && takeLabels(labels, order),
    groups: groups && order.map((i) => groups[i]!),
    classNames,
  };
}

function sourceOf(
  where: string,
  { files, labels, groups, classNames }: Chosen,
  input: ImageInput,
  pictures: OpenPictures,
): Omit<ImageSource, 'passedOver' | 'links' | 'skipped'> {
  const [height, width] = input.imageSize;
  const shape = [height, width, COLOR_MODES[input.colorMode]] as const;
  let hashed: Promise<string> | null = null;
  return {
    count: files.length,
    shape,
    dtype: 'uint8',
    files,
    labels,
    classNames,
    groups,
    input,
    async read(order, start, count, { x, y }) {
      check(
        labels !== null,
        () =>
          `${where}: was opened with labels: null, so there is nothing to learn or to compare with; toArrays() gives its pictures`,
      );
      const examples = Array.from({ length: count }, (_, i) => order[start + i]!);
      await pictures.read(examples, x);
      for (const [i, example] of examples.entries()) y[i] = labels[example]!;
    },
    async toArrays() {
      const data = pixelsFor(files.length, shape, where);
      await pictures.read([...files.keys()], data);
      return {
        x: { data, shape: [files.length, ...shape] },
        y: labels ?? makeLabels(files.length, 1),
        names: files.map(({ path }) => path),
      };
    },
    sha256: () => (hashed ??= filesSha256(pictures, files.length, labels, input)),
  };
}

/** Over the SHA-256 of each file, its label, and the input's options. */
async function filesSha256(
  pictures: OpenPictures,
  count: number,
  labels: ClassLabels | null,
  input: ImageInput,
): Promise<string> {
  const lines: string[] = [];
  await eachOf(count, pictures.atOnce, async (i) => {
    lines[i] = `${await pictures.sha256(i)} ${labels?.[i] ?? ''}`;
  });
  // The pictures have theirs, so the host has one.
  return (await sha256Of([encodeUtf8([JSON.stringify(input), ...lines].join('\n'))]))!;
}
