// The one sentence under the title: what is going on, and what to do next.
import { find } from '../page/element.js';
import { formatShare } from '../page/words.js';
import type { Run } from '../training/run.js';

const line = find('story', HTMLElement);

/** `accuracy` on test digits, NaN where nothing is known yet. */
export function showStory(run: Run | null, { ready, accuracy, opened }: { ready: boolean; accuracy: number; opened: boolean }): void {
  const text = sentence(run, ready, accuracy, opened);
  if (line.textContent !== text) line.textContent = text;
}

function sentence(run: Run | null, ready: boolean, accuracy: number, opened: boolean): string {
  if (!run && opened) return 'Somebody trained this one before. Draw a digit and see what it knows.';
  if (!run) return ready ? 'This network has never seen a digit, so it guesses. Press Train, and watch it learn, here in this tab.' : 'A network that will learn here in this tab; nothing is sent anywhere.';
  switch (run.state) {
    case 'running':
      return accuracy > 0.9 ? 'It reads well already. Draw a digit while it goes on.' : accuracy > 0.5 ? 'It begins to tell the digits apart.' : 'It is learning: after each 128 digits its weights move a little.';
    case 'paused':
      return 'It rests. Look around, save it, or let it go on.';
    case 'failed':
      return 'That went wrong. Lower the learning rate, and train again.';
    default:
      return Number.isFinite(accuracy) ? `It reads ${formatShare(accuracy)} of digits that it has never seen. Now draw one yourself.` : 'It has learned what it could. Now draw a digit yourself.';
  }
}
