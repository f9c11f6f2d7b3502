// A picture beside a command's text. Where it cannot be drawn or written, that costs the picture and nothing else.
import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, parse, relative, resolve } from 'node:path';
import { check } from '../../base/errors.js';
import { formatOf } from '../../images/format.js';
import { isCheckpoint } from '../files/checkpointFolder.js';
import { codeOf, exists, makeFolder, readHead, writeFileAtomic } from '../files/files.js';
import { userCacheFolder } from '../files/userCache.js';
import { openCanvas, withoutPackages } from '../images/canvas.js';
import type { CreateCanvas, PlotCanvas } from '../../plots/style.js';

/** Enough to tell a picture's format. */
const SIGNATURE_BYTES = 16;

/** Refuses an --out that cannot be drawn, or would take the place of anything but an earlier picture; `inputs` are pictures that are only read. */
export async function checkOut(out: string | undefined, inputs: readonly string[] = []): Promise<void> {
  if (out === undefined) return;
  check(out !== '', '--out is empty, expected the file of a picture; leave it out for one beside the model');
  check(
    inputs.every((input) => resolve(input) !== resolve(out)),
    () => `--out is ${out}, one of the pictures that are read; name another file`,
  );
  check(await exists(dirname(out)), () => `--out is ${out}, and there is no folder ${dirname(out)}; make it first`);
  // A picture that is asked for is no extra, which may be left out.
  await openCanvas();
  const isThere = await exists(out);
  check(isThere || /\.png$/i.test(out), () => `--out is ${out}, and a PNG picture is written; call it .png`);
  if (!isThere) return;
  const isPicture = (await stat(out)).isFile() && formatOf(await readHead(out, SIGNATURE_BYTES)) === 'PNG';
  check(isPicture, () => `--out is ${out}, which is no PNG picture and would be lost; name another file`);
}

/**
 * Path of a file that a command makes from the model at `path`: beside it, or here if the model is in this user's cache folder. What is made from
 * a checkpoint does not take the place of what is made from the finished model.
 */
export function besideModel(path: string, name: string): string {
  const { name: stem, ext } = parse(name);
  const own = isCheckpoint(path) ? `${stem}-${parse(path).name}${ext}` : name;
  const inside = relative(join(userCacheFolder(), 'wasm-cnn'), resolve(path));
  return inside.startsWith('..') || isAbsolute(inside) ? join(dirname(path), own) : own;
}

export type Draw = (createCanvas: CreateCanvas) => PlotCanvas | Promise<PlotCanvas>;

/** Where a picture goes. `isAsked`: the command fails where the disk refuses it. */
export interface PictureOut {
  readonly path: string;
  readonly isAsked: boolean;
}

/** The picture of a dataset that an option of `train` asks for, in a folder that is made if need be. */
export async function askedPicture(
  folder: string,
  what: 'batch' | 'data' | 'learning-rate',
  dataset: string,
): Promise<PictureOut> {
  await makeFolder(folder);
  return { path: join(folder, `${what}-${dataset.replaceAll(/[/\\]/g, '-')}.png`), isAsked: true };
}

/** As writePicture, and tells where it is. */
export async function showPicture({ path, isAsked }: PictureOut, draw: Draw): Promise<void> {
  if (await writePicture(path, draw, isAsked)) console.log(`Wrote ${path}`);
}

/** Draws it into a PNG file; false, and one line on stderr, where that fails. */
export async function writePicture(path: string, draw: Draw, isAsked = false): Promise<boolean> {
  try {
    const { createCanvas, toPng } = await openCanvas();
    await writeFileAtomic(path, toPng(await draw(createCanvas)));
    return true;
  } catch (thrown) {
    // Chart.js is imported when there is something to draw.
    const error = codeOf(thrown) === 'ERR_MODULE_NOT_FOUND' ? withoutPackages(thrown) : (thrown as Error | null);
    const reason = String(error?.message ?? error).split('\n', 1)[0];
    const bySystem = codeOf(error?.cause) !== undefined;
    console.error(bySystem ? reason : `${path} is left out: ${reason}`);
    if (bySystem && isAsked) process.exitCode = 1;
    return false;
  }
}
