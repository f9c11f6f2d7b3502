// The one sentence under the title: what is going on, and what to do next.
import { find } from '../page/element.js';
import { formatCount, formatShare } from '../page/words.js';
import type { Opened } from '../training/opened.js';
import type { Run } from '../training/run.js';

const line = find('story', HTMLElement);

/** Below it, a network does as well as one that never saw a digit. */
const CHANCE = 0.2;
/** Peaks of Adam's learning rate between which digits are learned. */
const USUAL_RATE = 0.003,
  HIGH_RATE = 0.01,
  LOW_RATE = 0.0001;

export interface Told {
  /** Data are there. */
  readonly ready: boolean;
  /** The network cannot be built. */
  readonly impossible: boolean;
  /** On test digits, NaN where nothing is known yet. */
  readonly accuracy: number;
  readonly opened: Opened | null;
  /** Whether the opened checkpoint can resume on the current data. */
  readonly fits: boolean;
}

export function showStory(run: Run | null, told: Told): void {
  const text = sentence(run, told);
  if (line.textContent !== text) line.textContent = text;
}

function sentence(run: Run | null, { ready, impossible, accuracy, opened, fits }: Told): string {
  if (impossible) return 'This network cannot be built yet: see what is wrong under Network.';
  if (run?.under) {
    if (run.state === 'paused') return 'It rests. Look around, save it, or let it go on.';
    return accuracy > 0.9
      ? 'It reads well already. Draw a digit while it goes on.'
      : accuracy > 0.5
        ? 'It begins to tell the digits apart.'
        : 'It is learning: after each 128 digits its weights move a little.';
  }
  if (run?.state === 'failed' && run.failure === 'diverged')
    return `Its numbers ran away: a learning rate of ${run.rate} is too high. Lower it, to ${USUAL_RATE} say, and start over.`;
  if (opened) return ofOpened(opened, run, fits);
  if (run?.state === 'failed') return 'Training broke off; the message says why. It can start over.';
  if (!run)
    return ready
      ? 'This network has never seen a digit, so it guesses. Press Train, and watch it learn, here in this tab.'
      : 'A network that will learn here in this tab; nothing is sent anywhere.';
  if (accuracy < CHANCE) return `${formatShare(accuracy)} right: it only guesses. ${advice(run.rate)}`;
  return Number.isFinite(accuracy)
    ? `It reads ${formatShare(accuracy)} of digits that it has never seen. Now draw one yourself.`
    : 'It has learned what it could. Now draw a digit yourself.';
}

function ofOpened({ model, underWay, origin }: Opened, run: Run | null, fits: boolean): string {
  const step = formatCount(model.step);
  if (!underWay)
    return origin === 'here'
      ? `You trained this network before, for ${step} steps. Draw a digit, or train it further.`
      : 'Somebody trained this one before. Draw a digit and see what it knows.';
  const where =
    run?.state === 'failed'
      ? `Training broke off; step ${step} is saved.`
      : run
        ? `Stopped at step ${step}.`
        : origin === 'here'
          ? `You were at step ${step}.`
          : `A run that was saved at step ${step}.`;
  return `${where} ${fits ? 'Continue, and it ends with the bits of a run that never stopped.' : 'It goes on with the data that it was begun on.'}`;
}

function advice(rate: number): string {
  if (rate >= HIGH_RATE)
    return `The learning rate of ${rate} is too high: lower it, to ${USUAL_RATE} say, and start over.`;
  if (rate <= LOW_RATE)
    return `The learning rate of ${rate} is too low: raise it, to ${USUAL_RATE} say, and start over.`;
  return 'Give it more epochs, or another network.';
}
