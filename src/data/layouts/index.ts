// Every layout, and which of them lies in a folder. A new one is a file beside this one, and a line here.
import { check } from '../../base/errors.js';
import { isPictureName } from '../imageFolder/findPictures.js';
import { cifarLayout } from './cifar.js';
import { csvLayout } from './csv.js';
import { foldersLayout } from './folders.js';
import { idxLayout } from './idx.js';
import { numpyLayout } from './numpy.js';
import { parquetLayout } from './parquet.js';
import type { DataFolder, Found, Layout } from './layout.js';

export const layouts: readonly Layout[] = [
  idxLayout,
  cifarLayout,
  numpyLayout,
  csvLayout,
  parquetLayout,
  foldersLayout,
];

/** How many names a sentence shows. */
const SHOWN = 3;

/**
 * The one data set in the folder, or of it the one to which the file `named` belongs. `who` begins sentences. Throws where there is none,
 * with what was looked for and what is there, and where there are several.
 */
export async function findData(
  folder: DataFolder,
  named: string | null,
  who: string,
): Promise<Found & { readonly layout: Layout }> {
  const findBy = async (some: readonly Layout[]): Promise<(Found & { readonly layout: Layout })[]> => {
    const all = some.map(async (layout) => (await layout.find(folder)).map((each) => ({ ...each, layout })));
    return (await Promise.all(all)).flat().filter(({ files }) => named === null || files.includes(named));
  };
  // A CSV names the pictures in the folders beside it: folders are asked where no file is a data set.
  const inFiles = await findBy(layouts.filter((layout) => layout !== foldersLayout));
  const found = inFiles.length > 0 || named !== null ? inFiles : await findBy([foldersLayout]);
  if (found.length === 0) check(false, `${who}: ${await noneIn(folder, named)}`);
  check(
    found.length === 1,
    () =>
      `${who}: holds ${found.length} data sets at once, ${shown(found.map(({ layout, files }) => `${layout.title} (${files[0] ?? 'folders'})`))}; name one by its file, or move the others away`,
  );
  return found[0]!;
}

/** What is wrong where there are only folders, and none has the pictures of a class. */
async function noPicturesIn(folder: DataFolder): Promise<string> {
  const { folders } = folder;
  const inner = await Promise.all(folders.slice(0, SHOWN).map((name) => folder.open(name)));
  const [other] = inner.flatMap(({ files }, i) => [...files.keys()].map((name) => `${folders[i]}/${name}`));
  return `holds ${folders.length === 1 ? 'the folder' : 'the folders'} ${shown(folders)}, without PNG, JPEG, WebP, GIF or BMP pictures${other === undefined ? '' : `, but with ${other}`}; take the folder in which each class has a folder of its pictures`;
}

async function noneIn(folder: DataFolder, named: string | null): Promise<string> {
  const { files, folders } = folder;
  const looked = `looked for ${layouts.map(({ title, example }) => `${title} (${example})`).join(', ')}`;
  const archive = [named ?? '', ...(named === null ? files.keys() : [])].find((name) =>
    /\.(zip|tar|tgz|tar\.gz|rar|7z)$/i.test(name),
  );
  const pictures = [...files.keys()].filter(isPictureName);
  if (named !== null && isPictureName(named))
    return 'is a picture; take the folder in which each class has a folder of its pictures';
  if (named === null && archive === undefined && pictures.length > 0)
    return `holds ${pictures.length === 1 ? 'a picture' : `${pictures.length} pictures`} and no folders of classes; take the folder above, in which each class has a folder of its pictures`;
  if (named === null && files.size + folders.length === 0)
    return 'is empty; put a folder for each class into it, with its pictures, or another data set (docs/data.md)';
  if (named === null && files.size === 0) return noPicturesIn(folder);
  const advice = archive === undefined ? 'name a folder or a file of one of these' : `unpack ${archive} first`;
  if (named !== null) return `is no data set that is known; ${looked}; ${advice}`;
  const seen = [
    `the file${files.size > 1 ? 's' : ''} ${shown([...files.keys()])}`,
    ...(folders.length > 0 ? [`the folder${folders.length > 1 ? 's' : ''} ${shown(folders)}`] : []),
  ];
  return `holds no data set that is known, but ${seen.join(' and ')}; ${looked}; ${advice}`;
}

function shown(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return `${names.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
