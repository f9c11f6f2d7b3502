// A picture beside a command's text. Where it cannot be drawn or written, that costs the picture and nothing else.
import { codeOf, writeFileAtomic } from '../files/files.js';
import { openCanvas } from '../images/canvas.js';
import type { CreateCanvas, PlotCanvas } from '../../plots/style.js';

/** Draws it into a PNG file; false, and one line on stderr, where that fails. */
export async function writePicture(
  path: string,
  draw: (createCanvas: CreateCanvas) => PlotCanvas | Promise<PlotCanvas>,
): Promise<boolean> {
  try {
    const { createCanvas, toPng } = await openCanvas();
    await writeFileAtomic(path, toPng(await draw(createCanvas)));
    return true;
  } catch (error) {
    const reason = String((error as Error | null)?.message ?? error).split('\n', 1)[0];
    console.error(codeOf((error as Error | null)?.cause) === undefined ? `${path} is left out: ${reason}` : reason);
    return false;
  }
}
