// What a page was given, as the layouts of data sets see a folder.
import { check, WasmCnnError } from '../../base/errors.js';
import type { DataFile, DataFolder } from '../../data/layouts/layout.js';
import type { Given, GivenFile, GivenFolder } from './given.js';
import { gunzipMaybe } from './gunzip.js';

/** More does not fit into one array of bytes. */
const MOST_BYTES = 2147483647;
/** What errors call files that lie in no folder together. */
const LOOSE = 'the selection';

/** Called with each file whose content is read. */
export type OnRead = (where: string) => void;

/**
 * One folder is the folder, and other things lie in one that has no name. `named`: the file, where it is one alone.
 */
export async function openGiven(
  given: readonly Given[],
  onRead: OnRead = () => {},
): Promise<{ readonly folder: DataFolder; readonly name: string; readonly named: string | null }> {
  const [only, ...others] = given;
  if (only && others.length === 0 && isFolder(only))
    return { folder: await openFolder(only, only.name, onRead), name: only.name, named: null };
  const loose = { name: '', list: async () => given };
  return {
    folder: { ...(await openFolder(loose, '', onRead)), where: LOOSE },
    name: 'files',
    named: given.length === 1 ? only!.name : null,
  };
}

function isFolder(given: Given): given is GivenFolder {
  return 'list' in given;
}

/** `path`: from the folder on that was given; '' for one without a name. */
async function openFolder(given: GivenFolder, path: string, onRead: OnRead): Promise<DataFolder> {
  // What systems and tools keep for themselves: .DS_Store, .git.
  const list = (await reading(path, () => given.list())).filter(({ name }) => !name.startsWith('.'));
  list.sort((a, b) => (a.name < b.name ? -1 : 1));
  const whereOf = ({ name }: Given): string => (path === '' ? name : `${path}/${name}`);
  const folders = new Map(list.filter(isFolder).map((folder) => [folder.name, folder]));
  const files = list.filter((one): one is GivenFile => !isFolder(one));
  return {
    where: path,
    path,
    files: new Map(files.map((file) => [file.name, dataFile(file, file.where ?? whereOf(file), onRead)])),
    folders: [...folders.keys()],
    links: new Set(),
    open: (name) => openFolder(folders.get(name)!, whereOf(folders.get(name)!), onRead),
  };
}

function dataFile({ name, open }: GivenFile, where: string, onRead: OnRead): DataFile {
  return {
    name,
    where,
    size: () => reading(where, async () => (await open()).size),
    head: (length) => reading(where, async () => new Uint8Array(await (await open()).slice(0, length).arrayBuffer())),
    read: (most = MOST_BYTES) =>
      reading(where, async () => {
        const blob = await open();
        check(
          blob.size <= most,
          () => `${where}: holds ${blob.size} bytes, more than the ${most} that are read; choose a smaller file`,
        );
        onRead(where);
        return new Uint8Array(await blob.arrayBuffer());
      }),
    gunzip: (limit) =>
      reading(where, async () => {
        onRead(where);
        return gunzipMaybe(await open(), limit, where);
      }),
  };
}

/** Puts a refusal of the browser into one sentence. */
async function reading<Result>(where: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WasmCnnError) throw error;
    const { name, message } = error as Error;
    throw new WasmCnnError(
      name === 'RangeError'
        ? `${where || LOOSE}: needs more memory than this browser gives (${message}); choose less`
        : `${where || LOOSE}: cannot be read (${message || name}); choose it again`,
      { cause: error },
    );
  }
}
