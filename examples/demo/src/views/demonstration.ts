// Until the first stroke is drawn, a demonstration writes digit after digit: the network reads along, first guessing, then knowing.
import { motion } from '../page/stillness.js';
import { aDigit } from '../page/format.js';
import type { Pad } from './pad.js';

const ORDER = [3, 7, 2, 5, 0, 9, 4, 8, 6, 1];
const REST_MS = 1300;

/** Ends when a person takes the pen, and never comes back. */
export async function demonstrate(pad: Pad): Promise<void> {
  for (let i = 0; ; i++) {
    const digit = ORDER[i % ORDER.length]!;
    if (!(await pad.write(digit, `${aDigit(digit)}, written by a ghost`, 'ghost'))) return;
    const { hand } = pad;
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    await motion();
    while (document.hidden)
      await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
    if (pad.hand !== hand) return;
  }
}
