// The one sentence under the title: what is going on, and what to do next.
import { find } from '../page/element.js';
import { formatCount, formatShare } from '../page/format.js';
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

export function showStatus(run: Run | null, told: Told): void {
  const text = sentence(run, told);
  if (line.textContent !== text) line.textContent = text;
}

function sentence(run: Run | null, { ready, impossible, accuracy, opened, fits }: Told): string {
  if (impossible) return 'This network cannot be built; the reason is under Network.';
  if (run?.isActive) {
    if (run.state === 'paused') return 'Paused. Look around, save the model, or resume.';
    return accuracy > 0.9
      ? 'It already reads well. Draw a digit while it trains.'
      : accuracy > 0.5
        ? 'It is starting to tell the digits apart.'
        : 'It is learning: its weights move a little after every 128 digits.';
  }
  if (run?.state === 'failed' && run.failure === 'diverged')
    return `Training diverged: a learning rate of ${run.rate} is too high. Lower it, to ${USUAL_RATE} for example, and start over.`;
  if (opened) return ofOpened(opened, run, fits);
  if (run?.state === 'failed') return 'Training failed; the message says why. You can start over.';
  if (!run)
    return ready
      ? 'This network has never seen a digit, so it guesses. Press Train and watch it learn.'
      : 'A network that learns here in this tab; nothing is sent anywhere.';
  if (accuracy < CHANCE) return `${formatShare(accuracy)} right, little better than guessing. ${advice(run.rate)}`;
  return Number.isFinite(accuracy)
    ? `It reads ${formatShare(accuracy)} of digits it has never seen. Now draw one yourself.`
    : 'Training is finished. Now draw a digit yourself.';
}

function ofOpened({ model, underWay, origin }: Opened, run: Run | null, fits: boolean): string {
  const step = formatCount(model.step);
  if (!underWay)
    return origin === 'here'
      ? `You trained this network earlier, for ${step} steps. Draw a digit, or train it further.`
      : 'This network comes already trained. Draw a digit and see what it knows.';
  const where =
    run?.state === 'failed'
      ? `Training failed; step ${step} is saved.`
      : run
        ? `Stopped at step ${step}.`
        : origin === 'here'
          ? `You were at step ${step}.`
          : `This run was saved at step ${step}.`;
  return `${where} ${fits ? 'Continue, and it ends with the same bits as a run that never stopped.' : 'To continue, it needs the data that it was started on.'}`;
}

function advice(rate: number): string {
  if (rate >= HIGH_RATE)
    return `The learning rate of ${rate} is too high: lower it, to ${USUAL_RATE} for example, and start over.`;
  if (rate <= LOW_RATE)
    return `The learning rate of ${rate} is too low: raise it, to ${USUAL_RATE} for example, and start over.`;
  return 'Try more epochs, or another network.';
}
