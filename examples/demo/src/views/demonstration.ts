// Until a person does something, a demonstration writes digit after digit, or shows test images: the network reads along, first guessing, then knowing.
import { motion } from '../page/stillness.js';
import { aDigit } from '../page/format.js';
import type { Board } from '../board.js';

const ORDER = [3, 7, 2, 5, 0, 9, 4, 8, 6, 1];
const REST_MS = 1300,
  LOOK_MS = 2600;

/** Ends when a person takes the pen or brings a picture, and never comes back. */
export async function demonstrate(board: Board): Promise<void> {
  for (let i = 0; !board.taken; i++) {
    const digit = ORDER[i % ORDER.length]!;
    const drawn = board.areDigits;
    if (drawn) await board.pad.write(digit, `${aDigit(digit)}, written by a ghost`, 'ghost');
    else board.showTest(i);
    await new Promise((resolve) => setTimeout(resolve, drawn ? REST_MS : LOOK_MS));
    await motion();
    while (document.hidden)
      await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
  }
}
