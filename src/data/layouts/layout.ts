// The contract of a layout: which files of a folder are a data set, and how they become one. Any host gives the files: a disk, a page.
import { check } from '../../base/errors.js';
import { checkBoolean } from '../../base/options.js';
import { imageInput, type ImageInput } from '../../images/imageInput.js';
import { joinExamples, type Dataset, type Examples } from '../dataset.js';
import type { PictureReader } from '../imageFolder/pictureReader.js';

/** A file, wherever it lies. What goes wrong is a WasmCnnError that names it. */
export interface DataFile {
  readonly name: string;
  /** What errors call it. */
  readonly where: string;
  size(): Promise<number>;
  /** Its first bytes, at most so many. */
  head(length: number): Promise<Uint8Array>;
  /** All of its bytes as they lie; refused where there are more than `most`. */
  read(most?: number): Promise<Uint8Array>;
  /** Differs where the content does, as far as the host can tell without reading it; null where it cannot. */
  stamp?(): Promise<string | null>;
  /** Its content, unzipped where it is gzipped; refused at the first byte past what the content's first bytes say. */
  gunzip(limit: (head: Uint8Array) => number): Promise<Uint8Array>;
}

export interface DataFolder {
  /** What errors call it. */
  readonly where: string;
  /** Its whole path, by which some data sets are known; '' where it has none. */
  readonly path: string;
  /** Files by name, in the order of their names' UTF-16 code units. */
  readonly files: ReadonlyMap<string, DataFile>;
  /** The folders in it, in the same order. */
  readonly folders: readonly string[];
  /** Names of those files and folders that are links. A link to a folder that it lies in is left out. */
  readonly links: ReadonlySet<string>;
  open(folder: string): Promise<DataFolder>;
}

/** A data set as its files tell it, but for where it lies. */
export interface LayoutData extends Omit<Dataset, 'name' | 'source'> {
  /** Name of a data set that is known by the names of its files: 'emnist-letters'. */
  readonly name?: string;
  /** Name as its authors write it. */
  readonly title?: string;
  /** For people: what was done to the pixels, what was left out. */
  readonly notes?: readonly string[];
  /** A sentence for each picture that was left out. */
  readonly skipped?: readonly string[];
}

/** How pictures that are decoded are taken; images that files hold as pixels are taken as they are. */
export interface ReadOptions {
  readonly imageSize?: readonly [height: number, width: number] | undefined;
  readonly colorMode?: 'grayscale' | 'rgb' | 'rgba' | undefined;
  /** What else becomes of pictures: the interpolation, the background and the like of a model's input. */
  readonly input?: ImageInput | undefined;
  /** Whether broken pictures, and broken rows of a CSV, are left out. Default false: they are refused. */
  readonly skipBroken?: boolean | undefined;
  /** Whether pictures of a single class will do, as to test a model with. Default false. */
  readonly isOneClassTaken?: boolean | undefined;
  /** Decodes the pictures. Default: in this thread. */
  readonly pictures?: PictureReader | undefined;
}

/** Throws one sentence where they are none. `who` begins it. */
export function checkReadOptions(
  { imageSize = [1, 1], colorMode, input, skipBroken = false }: ReadOptions,
  who: string,
): void {
  imageInput({ ...input, imageSize, ...(colorMode !== undefined && { colorMode }) }, who);
  checkBoolean(skipBroken, `${who}: skipBroken`);
}

/** Files that make one data set. */
export interface Found {
  /** Their names; the first one is what --data may name. */
  readonly files: readonly string[];
  read(options?: ReadOptions): Promise<LayoutData>;
}

export interface Layout {
  /** What sentences call it: 'IDX files'. */
  readonly title: string;
  /** Names of such files, for who has none. */
  readonly example: string;
  /** The data sets of this layout in the folder, by the names, sizes and first bytes of its files. */
  find(folder: DataFolder): Promise<readonly Found[]>;
}

/** Typed arrays of 2 GiB and more are refused by some hosts, and do not fit beside a network into WebAssembly's 4 GiB. */
const MOST_BYTES = 2147483647;

/** Room for the pixels of so many images [height, width, channels]. */
export function pixelsFor(count: number, shape: readonly number[], where: string): Uint8Array {
  return new Uint8Array(checkFits(count, shape, where));
}

/** The bytes that they take. */
function checkFits(count: number, shape: readonly number[], where: string): number {
  const bytes = shape.reduce((product, size) => product * size, count);
  check(
    bytes <= MOST_BYTES,
    () =>
      `${where}: ${count} images of ${shape.join(' × ')} are ${bytes} bytes, more than the ${MOST_BYTES} that fit into memory; use fewer or smaller ones`,
  );
  return bytes;
}

/** Several runs of examples as one, where they fit into memory. */
export function joinParts(parts: readonly Examples[], where: string): Examples {
  const [first, ...others] = parts;
  if (others.length === 0) return first!;
  const [, ...shape] = first!.x.shape;
  const count = parts.reduce((sum, { y }) => sum + y.length, 0);
  checkFits(count, shape, where);
  return joinExamples(parts);
}
