// What a person drops, pastes or chooses: folders and data files, a model, pictures to be read.
import type { GivenItem } from 'wasm-cnn/browser';

export interface Dropped {
  /** Folders, or the files of a chosen one, which know where they lie. */
  readonly folders: readonly GivenItem[];
  /** Files that lie in no folder. */
  readonly files: readonly File[];
}

/** Awaits nothing: browsers empty what was dropped as soon as its event is over. */
export function fromTransfer({ items, files }: DataTransfer): Dropped {
  const entries = Array.from(items)
    .filter(({ kind }) => kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const folders = entries.flatMap(({ entry }) => (entry?.isDirectory ? [entry] : []));
  const loose = entries.flatMap(({ entry, file }) => (!entry?.isDirectory && file ? [file] : []));
  return { folders, files: entries.length > 0 ? loose : [...files] };
}

export function fromFiles(files: readonly File[]): Dropped {
  const isInFolder = ({ webkitRelativePath }: File): boolean => webkitRelativePath.includes('/');
  return { folders: files.filter(isInFolder), files: files.filter((file) => !isInFolder(file)) };
}

/** What a single file is; whether data are data is found out when they are opened. */
export async function kindOf(file: File): Promise<'model' | 'picture' | 'data'> {
  if (/\.safetensors$/i.test(file.name)) return 'model';
  if (/^image\//.test(file.type) || /\.(png|jpe?g|jfif|webp|gif|bmp)$/i.test(file.name)) return 'picture';
  return isSafetensors(new Uint8Array(await file.slice(0, 11).arrayBuffer())) ? 'model' : 'data';
}

/** Eight bytes of length, and JSON. */
function isSafetensors(bytes: Uint8Array): boolean {
  return bytes.length > 10 && bytes[8] === 0x7b && bytes[6] === 0 && bytes[7] === 0;
}
