// Which pictures lie in a folder, and which class and group each is of.
import { check } from '../../base/errors.js';
import { decodeUtf8 } from '../../base/decodeUtf8.js';
import { listed } from '../../base/listed.js';
import { formatCount } from '../../base/table.js';
import { isClassName, LONGEST_NAME } from '../classNames.js';
import { makeLabels, MOST_CLASSES, type ClassLabels } from '../dataset.js';
import type { DataFolder } from '../layouts/layout.js';
import type { ImageFolderOptions } from './folderOptions.js';
import type { PictureFile } from './pictureReader.js';

/** A picture in a folder, wherever that lies. */
export interface FolderPicture extends PictureFile {
  /** Path below the folder, with '/'. */
  readonly path: string;
}

export interface FoundPictures {
  /** Pictures class by class, in the order of their paths' UTF-16 code units. */
  readonly files: readonly FolderPicture[];
  readonly labels: ClassLabels | null;
  readonly classNames: readonly string[] | null;
  /** Group of each picture, where the folder has a groups.csv. */
  readonly groups: readonly string[] | null;
  /** Paths of files that are no pictures by their names, or lie beside the folders of the classes. */
  readonly passedOver: readonly string[];
  /** How many links were not followed. */
  readonly links: number;
}

const PICTURE = /\.(png|jpe?g|jfif|webp|gif|bmp)$/i;
/** Says who or what is on each picture. */
export const GROUPS = 'groups.csv';
/** A picture's file; a photograph of 48 megapixels has 30 MB. */
const MOST_BYTES = 1 << 28;
const MOST_GROUPS_BYTES = 1 << 28;

export function isPictureName(name: string): boolean {
  return PICTURE.test(name);
}

type FindOptions = Pick<ImageFolderOptions, 'labels' | 'classNames' | 'followLinks'>;

/** Classes that the training pictures in the folder `of` have, for other pictures: these need not be of all. */
export interface KnownClasses {
  readonly classes: readonly string[];
  readonly of: string;
}

export async function findPictures(
  folder: DataFolder,
  options: FindOptions,
  known?: KnownClasses,
  isOneClassTaken = false,
): Promise<FoundPictures> {
  const { labels = 'inferred', followLinks = false } = options;
  const found =
    labels === 'inferred'
      ? await byClass(folder, options.classNames, followLinks, known)
      : await inOrder(folder, labels, followLinks);
  const { classNames } = found;
  check(
    isOneClassTaken || classNames?.length !== 1,
    () =>
      `${folder.where}: holds pictures of only one class, ${classNames![0]}; add a folder of another, so that there is something to tell apart, or name the folder above`,
  );
  return { ...found, groups: await groupsOf(folder, found.files) };
}

type Found = Omit<FoundPictures, 'groups'>;

/** A folder a class. */
async function byClass(
  folder: DataFolder,
  order: readonly string[] | undefined,
  followLinks: boolean,
  known?: KnownClasses,
): Promise<Found> {
  const { where } = folder;
  const isFollowed = (name: string): boolean => followLinks || !folder.links.has(name);
  const folders = folder.folders.filter(isFollowed);
  const links = folder.folders.length - folders.length;
  check(
    folders.length > 0,
    () =>
      `${where}: holds no folders${links > 0 ? ` but ${links} links, which only followLinks follows` : ''}, but a folder of pictures for each class is needed; make some`,
  );
  const classNames = known?.classes ?? order ?? folders;
  checkSpellings(where, folders);
  if (known) checkKnown(where, folders, known);
  else checkOrder(where, folders, classNames);
  const walk: Walk = { files: [], others: [...folder.files.keys()].filter((name) => name !== GROUPS), links };
  const labels: number[] = [];
  for (const [label, name] of classNames.entries()) {
    if (!folders.includes(name)) continue;
    const own: Walk = { files: [], others: [], links: 0 };
    await collect(await folder.open(name), `${name}/`, followLinks, own);
    check(own.files.length > 0, () => `${where}/${name}: ${noPictures(own)}, or remove the folder`);
    for (const file of sorted(own.files)) {
      walk.files.push(file);
      labels.push(label);
    }
    walk.others.push(...own.others);
    walk.links += own.links;
  }
  const y = makeLabels(labels.length, classNames.length);
  y.set(labels);
  return { files: walk.files, labels: y, classNames, passedOver: walk.others.sort(), links: walk.links };
}

function checkSpellings(where: string, folders: readonly string[]): void {
  const spellings = new Map<string, string>();
  for (const name of folders) {
    check(
      isClassName(name),
      () =>
        `${where}: the folder ${JSON.stringify(name.slice(0, 100))} is no name of a class, of 1 to ${LONGEST_NAME} characters; rename it`,
    );
    const key = name.normalize('NFC').toLowerCase();
    check(
      !spellings.has(key),
      () =>
        `${where}: the folders ${spellings.get(key)} and ${name} differ in case alone, and are one folder on other systems; rename or join them`,
    );
    spellings.set(key, name);
  }
  check(
    folders.length <= MOST_CLASSES,
    () => `${where}: holds ${folders.length} folders, more than the ${MOST_CLASSES} classes that there may be`,
  );
}

function checkKnown(where: string, folders: readonly string[], { classes, of }: KnownClasses): void {
  const stranger = folders.find((name) => !classes.includes(name));
  check(
    stranger === undefined,
    () => `${where}/${stranger}: there is no ${of}/${stranger} to learn that class from; add it, or remove the folder`,
  );
}

function checkOrder(where: string, folders: readonly string[], classNames: readonly string[]): void {
  const named = new Set(classNames);
  const unnamed = folders.find((name) => !named.has(name));
  check(
    unnamed === undefined && named.size === classNames.length,
    () =>
      `${where}: classNames must name each folder once, but ${unnamed === undefined ? 'one comes twice' : `${unnamed} is left out`}`,
  );
}

/** What a data set's line says of the files that were passed over. */
export function passedOverNote(paths: readonly string[]): string[] {
  const count = paths.length;
  return count === 0
    ? []
    : [`${formatCount(count)} other file${count > 1 ? 's' : ''} passed over (${listed(paths, 3)})`];
}

/** All pictures, in the order of their paths. */
async function inOrder(folder: DataFolder, given: readonly number[] | null, followLinks: boolean): Promise<Found> {
  const walk: Walk = { files: [], others: [], links: 0 };
  await collect(folder, '', followLinks, walk);
  check(walk.files.length > 0, () => `${folder.where}: ${noPictures(walk)}`);
  check(
    given === null || given.length === walk.files.length,
    () =>
      `${folder.where}: holds ${walk.files.length} pictures, but ${given!.length} labels came; give one label a picture, in the order of their paths`,
  );
  let labels: ClassLabels | null = null;
  if (given) {
    labels = makeLabels(given.length, 1 + given.reduce((most, label) => Math.max(most, label), 0));
    labels.set(given);
  }
  const passedOver = walk.others.filter((name) => name !== GROUPS).sort();
  return { files: sorted(walk.files), labels, classNames: null, passedOver, links: walk.links };
}

interface Walk {
  files: FolderPicture[];
  /** Paths of what is no picture by its name. */
  others: string[];
  links: number;
}

/** The folder's pictures and those of the folders in it; a folder leaves out links that lead back. */
async function collect(folder: DataFolder, prefix: string, followLinks: boolean, walk: Walk): Promise<void> {
  for (const [name, file] of folder.files) {
    if (!followLinks && folder.links.has(name)) walk.links++;
    else if (isPictureName(name))
      walk.files.push({
        path: prefix + name,
        who: file.where,
        read: () => file.read(MOST_BYTES),
        head: (length) => file.head(length),
        ...(file.stamp && { stamp: () => file.stamp!() }),
      });
    else walk.others.push(prefix + name);
  }
  for (const name of folder.folders) {
    if (!followLinks && folder.links.has(name)) walk.links++;
    else await collect(await folder.open(name), `${prefix}${name}/`, followLinks, walk);
  }
}

/** Files in the order of UTF-16 code units, which is the same on every host. */
function sorted(files: FolderPicture[]): FolderPicture[] {
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function noPictures({ others, links }: Walk): string {
  const seen = [
    ...(others.length > 0
      ? [
          `${others[0]}${others.length > 1 ? ` and ${others.length - 1} other file${others.length > 2 ? 's' : ''}` : ''}`,
        ]
      : []),
    ...(links > 0 ? [`${links} links, which only followLinks follows`] : []),
  ];
  return `holds no PNG, JPEG, WebP, GIF or BMP pictures${seen.length > 0 ? ` but ${seen.join(' and ')}` : ''}; add some`;
}

/** Who or what is on each picture, as the folder's groups.csv says. */
async function groupsOf({ files }: DataFolder, pictures: readonly FolderPicture[]): Promise<readonly string[] | null> {
  const file = files.get(GROUPS);
  if (!file) return null;
  const { where } = file;
  const text = decodeUtf8(await file.read(MOST_GROUPS_BYTES));
  check(text !== null, `${where}: is no text in UTF-8; save it as such`);
  const { parseRows } = await import('../codecs/csv.js');
  const groups = new Map<string, string>();
  const trouble = parseRows(text.replace(/^\ufeff/, ''), (cells, row) => {
    if (cells.length === 1 && cells[0]!.trim() === '') return;
    const [path, group] = cells.map((cell) => cell.trim());
    if (row === 1)
      return check(
        cells.length === 2 && path === 'path' && group === 'group',
        `${where}: its first row must be path,group; write it so`,
      );
    check(
      cells.length === 2 && path !== '' && group !== '',
      `${where}: row ${row} is no path and a group; complete or remove it`,
    );
    const key = path!.replaceAll('\\', '/').replace(/^\.\//, '');
    const known = groups.get(key);
    check(
      known === undefined || known === group,
      `${where}: row ${row} has ${path} in group ${group}, but it is in ${known} already; remove one`,
    );
    groups.set(key, group!);
  });
  check(trouble === null, `${where}: ${trouble}; close the quotes`);
  return pictures.map(({ path }) => {
    const group = groups.get(path);
    check(group !== undefined, `${where}: has no row for ${path}; add its group`);
    return group;
  });
}
