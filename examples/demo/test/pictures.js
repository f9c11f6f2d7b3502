// @ts-check
// Folders of small pictures for the tests: shapes on colored ground that a small network tells apart.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encode } from 'fast-png';

/** A picture of class `label`: a bright bar, whose place and color the class decides. @param {number} label @param {number} i @param {{ side?: number, channels?: 1 | 3 }} [how] */
export function picture(label, i, { side = 24, channels = 3 } = {}) {
  const data = new Uint8Array(side * side * channels);
  const [across, at] = [label % 2 === 0, (label >> 1) % 6];
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const along = across ? y : x;
      const isBar = Math.floor((6 * along) / side) === at;
      for (let c = 0; c < channels; c++) {
        const noise = (x * 31 + y * 17 + i * 101 + c * 7) % 50;
        const bar = channels === 1 ? 200 : (label >> (2 + c)) % 2 ? 90 : 200;
        data[(y * side + x) * channels + c] = isBar ? bar + noise : noise;
      }
    }
  return encode({ data, width: side, height: side, channels, depth: 8 });
}

/**
 * Writes a folder per class. @param {string} folder @param {readonly string[]} names @param {number} count  of each
 * @param {Parameters<typeof picture>[2]} [how]
 */
export async function writePictures(folder, names, count, how) {
  for (const [label, name] of names.entries()) {
    await mkdir(join(folder, name), { recursive: true });
    for (let i = 0; i < count; i++) await writeFile(join(folder, name, `${i}.png`), picture(label, i, how));
  }
  return folder;
}
