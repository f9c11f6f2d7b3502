// What a page is given, in whichever form its browser hands files over: as names, and a way to what is behind them.
import { check } from '../../base/errors.js';
import { describe, isRecord, kindOf } from '../../base/options.js';

/** A picture that a page has already, and its class. */
export interface LabeledImage {
  /** For an <img>, the file at its address is fetched and decoded, not what the browser shows of it; a canvas is taken as a PNG. */
  readonly image: HTMLImageElement | HTMLCanvasElement | OffscreenCanvas | Blob;
  readonly label: string;
}

/** One file, folder or picture of those that a page is given. */
export type GivenItem = File | FileSystemHandle | FileSystemEntry | LabeledImage;

/**
 * What an `<input type="file">` holds (with `webkitdirectory`, a folder), what `showDirectoryPicker()` gives, what was dropped
 * (`event.dataTransfer`, within the event itself), the entries of its items, or pictures with labels.
 */
export type GivenData = GivenItem | Iterable<GivenItem> | FileList | DataTransfer;

export interface GivenFile {
  readonly name: string;
  /** What errors call it, where that is not its path. */
  readonly where?: string;
  open(): Promise<Blob>;
}

export interface GivenFolder {
  readonly name: string;
  list(): Promise<readonly Given[]>;
}

export type Given = GivenFile | GivenFolder;

/** Awaits nothing: browsers empty what was dropped as soon as its event is over. `who` begins errors. */
export function takeGiven(given: GivenData, who: string): readonly Given[] {
  if (isDropped(given)) return takeDropped(given, who);
  const items = isMany(given) ? Array.from(given) : [given as GivenItem];
  check(items.length > 0, `${who}: was given no files; choose a folder or files`);
  const placed: Placed[] = [];
  const ready: Given[] = [];
  for (const [i, item] of items.entries()) {
    if (isFile(item)) placed.push({ path: (item.webkitRelativePath || item.name).split('/'), open: async () => item });
    else if (isLabeled(item)) placed.push(placedImage(item, i));
    else if (isHandle(item)) ready.push(ofHandle(item));
    else if (isEntry(item)) ready.push(ofEntry(item));
    else
      check(
        false,
        () =>
          `${who} needs files, a folder's handle or entry, event.dataTransfer, or pictures as { image, label }, got ${describe(item)}`,
      );
  }
  return [...treeOf(placed), ...ready];
}

function takeDropped({ items, files }: DataTransfer, who: string): readonly Given[] {
  const taken = Array.from(items)
    .filter(({ kind }) => kind === 'file')
    .flatMap((item): Given[] => {
      const entry = item.webkitGetAsEntry?.();
      if (entry) return [ofEntry(entry)];
      const file = item.getAsFile();
      return file ? [ofFile(file)] : [];
    });
  const all = taken.length > 0 ? taken : Array.from(files, ofFile);
  check(
    all.length > 0,
    `${who}: what was dropped holds no files; pass event.dataTransfer within the drop event and before any await, as browsers empty it afterwards`,
  );
  return all;
}

function isDropped(given: unknown): given is DataTransfer {
  return isRecord(given) && 'items' in given && 'files' in given;
}

function isMany(given: unknown): given is Iterable<GivenItem> {
  return typeof given === 'object' && given !== null && Symbol.iterator in given;
}

function isFile(item: unknown): item is File {
  return kindOf(item) === 'File';
}

function isLabeled(item: unknown): item is LabeledImage {
  return isRecord(item) && 'image' in item && typeof item['label'] === 'string';
}

function isHandle(item: unknown): item is FileSystemHandle {
  return isRecord(item) && (item['kind'] === 'file' || item['kind'] === 'directory') && 'isSameEntry' in item;
}

function isEntry(item: unknown): item is FileSystemEntry {
  return isRecord(item) && typeof item['isDirectory'] === 'boolean';
}

function ofFile(file: File): GivenFile {
  return { name: file.name, open: async () => file };
}

function ofHandle(handle: FileSystemHandle): Given {
  const { name } = handle;
  if (handle.kind === 'file') return { name, open: () => (handle as FileSystemFileHandle).getFile() };
  return {
    name,
    async list() {
      const found: Given[] = [];
      const { values } = handle as unknown as { values(): AsyncIterable<FileSystemHandle> };
      for await (const inside of values.call(handle)) found.push(ofHandle(inside));
      return found;
    },
  };
}

function ofEntry(entry: FileSystemEntry): Given {
  const { name } = entry;
  if (!entry.isDirectory)
    return { name, open: () => new Promise((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)) };
  return {
    name,
    async list() {
      const reader = (entry as FileSystemDirectoryEntry).createReader();
      const next = (): Promise<FileSystemEntry[]> =>
        new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      const found: Given[] = [];
      // A hundred at a time; none says that there are no more.
      for (let some = await next(); some.length > 0; some = await next()) found.push(...some.map(ofEntry));
      return found;
    },
  };
}

/** A file and the folders that it lies in. */
interface Placed {
  readonly path: readonly string[];
  readonly where?: string;
  open(): Promise<Blob>;
}

/** The image as a file in the folder of its class, named so that the order stays. */
function placedImage({ image, label }: LabeledImage, i: number): Placed {
  const address = 'currentSrc' in image ? image.currentSrc || image.src : '';
  const number = String(i).padStart(6, '0');
  return {
    // The first bytes say what kind of picture it is; this says that it is one.
    path: [label, `${number}.png`],
    where: address !== '' && address.length <= 200 ? address : `picture ${i} (${label})`,
    open: () => ('currentSrc' in image ? fetched(address) : 'size' in image ? Promise.resolve(image) : pngOf(image)),
  };
}

async function fetched(address: string): Promise<Blob> {
  const answer = await fetch(address);
  check(answer.ok, () => `${address}: the server answers ${answer.status}; check the address`);
  return answer.blob();
}

async function pngOf(canvas: HTMLCanvasElement | OffscreenCanvas): Promise<Blob> {
  if ('convertToBlob' in canvas) return canvas.convertToBlob({ type: 'image/png' });
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  check(blob !== null, 'a canvas without pixels is no picture; give one of at least 1 × 1');
  return blob;
}

function treeOf(files: readonly Placed[], depth = 0): readonly Given[] {
  const inside = new Map<string, Placed[]>();
  const own: Given[] = [];
  for (const file of files) {
    const name = file.path[depth]!;
    if (depth === file.path.length - 1)
      own.push({ name, open: file.open, ...(file.where !== undefined && { where: file.where }) });
    else if (inside.has(name)) inside.get(name)!.push(file);
    else inside.set(name, [file]);
  }
  const folders = Array.from(inside, ([name, some]) => ({ name, list: async () => treeOf(some, depth + 1) }));
  return [...own, ...folders];
}
