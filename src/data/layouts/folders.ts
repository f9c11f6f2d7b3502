// Pictures in a folder per class, or in such folders in train/, val/ and test/.
import { check } from '../../base/errors.js';
import type { ImageInput } from '../../images/imageInput.js';
import { isPictureName, passedOverNote } from '../imageFolder/findPictures.js';
import { folderSource, type ImageSource } from '../imageFolder/imageSource.js';
import type { DataFolder, Found, Layout, LayoutData, ReadOptions } from './layout.js';
import { partOf, type Part } from './names.js';
import { leftOut } from './pictures.js';

/** A folder's whole name, in any case. */
const PART = /^(train(ing)?|val(id(ation)?)?|dev|test(ing)?)$/i;

export const foldersLayout: Layout = {
  title: 'a folder per class',
  example: 'cats/1.jpg and dogs/1.jpg, or train/cats/1.jpg and test/cats/1.jpg',
  async find(folder) {
    const parts = await partsIn(folder);
    if (parts) {
      const beside = folder.folders.filter((name) => !PART.test(name));
      return [{ files: [], read: (options) => readParts(parts, options, beside) }];
    }
    for (const name of folder.folders)
      if (await holdsPictures(await folder.open(name)))
        return [{ files: [], read: (options) => readParts({ train: folder }, options) } satisfies Found];
    return [];
  },
};

type Parts = Partial<Record<Part, DataFolder>>;

/** The parts of the folder, where train/ has the folders of the classes; a class may be called train, too. */
async function partsIn(folder: DataFolder): Promise<Parts | null> {
  const parts: Parts = {};
  for (const name of folder.folders.filter((each) => PART.test(each))) {
    const part = partOf(name)!;
    const known = parts[part];
    const own = await folder.open(name);
    check(
      known === undefined,
      () => `${folder.where}: has two folders for ${part}, ${known!.where} and ${own.where}; move one away`,
    );
    parts[part] = own;
  }
  const { train } = parts;
  if (!train || [...train.files.keys()].some(isPictureName)) return null;
  for (const name of train.folders) if (await holdsPictures(await train.open(name))) return parts;
  return null;
}

/** Whether there are pictures in it, or in the folders in it. */
async function holdsPictures(folder: DataFolder): Promise<boolean> {
  if ([...folder.files.keys()].some(isPictureName)) return true;
  for (const name of folder.folders) if ([...(await folder.open(name)).files.keys()].some(isPictureName)) return true;
  return false;
}

/** The training pictures say which classes there are, and what all pictures become. */
async function readParts(
  { train, validation, test }: Parts,
  options: ReadOptions = {},
  beside: readonly string[] = [],
): Promise<LayoutData> {
  const { skipBroken = false, isOneClassTaken, pictures, input, ...asked } = options;
  // Size and color are options of their own.
  const { imageSize: _size, colorMode: _mode, ...prepared }: Partial<ImageInput> = input ?? {};
  const given = { ...prepared, ...asked, skipBroken, followLinks: true };
  const source = await folderSource(train!, given, {
    isGrayTaken: options.colorMode === undefined,
    isOneClassTaken,
    pictures,
  });
  const { imageSize, colorMode } = source.input;
  const alike = { ...given, imageSize, colorMode };
  const others: Partial<Record<Part, ImageSource>> = {};
  for (const [part, folder] of [
    ['validation', validation],
    ['test', test],
  ] as const)
    if (folder)
      others[part] = await folderSource(folder, alike, { classes: source.classNames!, of: train!.where, pictures });
  const sources = [source, ...Object.values(others)];
  const skipped = sources.flatMap((each) => each.skipped.map(({ reason }) => reason));
  return {
    train: await source.toArrays(),
    ...(others.validation && { validation: await others.validation.toArrays() }),
    test: others.test ? await others.test.toArrays() : null,
    classNames: source.classNames,
    ...(source.groups && { groups: source.groups }),
    notes: [
      `pictures as ${imageSize.join(' × ')} ${colorMode === 'grayscale' ? 'gray' : 'RGB'}`,
      ...leftOut(skipped.length, 'picture'),
      ...(beside.length > 0
        ? [`the folder${beside.length > 1 ? 's' : ''} ${beside.join(', ')} beside them passed over`]
        : []),
      ...passedOverNote(sources.flatMap((each) => each.passedOver)),
    ],
    skipped,
  };
}
