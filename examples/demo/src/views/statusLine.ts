// The one sentence under the title: what is going on, and what to do next.
import type { Subject } from '../data/source.js';
import { find } from '../page/element.js';
import { formatCount, formatShare } from '../page/format.js';
import { say, skillOf } from '../page/subject.js';
import type { Opened } from '../training/opened.js';
import type { Run } from '../training/run.js';

const line = find('story', HTMLElement);

/** How far above guessing a network is that has learned something, tells classes apart, and does it well: 20, 50 and 90 % of ten classes. */
const LEARNED = 1 / 9,
  TELLS_APART = 4 / 9,
  WELL = 8 / 9;
/** Peaks of Adam's learning rate between which images are learned. */
const USUAL_RATE = 0.003,
  HIGH_RATE = 0.01,
  LOW_RATE = 0.0001;

export interface Told {
  /** Data are there. */
  readonly ready: boolean;
  /** The network cannot be built. */
  readonly impossible: boolean;
  /** On test images, NaN where nothing is known yet. */
  readonly accuracy: number;
  readonly opened: Opened | null;
  /** Whether the opened checkpoint can resume on the current data. */
  readonly fits: boolean;
  readonly subject: Subject;
}

export function showStatus(run: Run | null, told: Told): void {
  const text = sentence(run, told);
  if (line.textContent !== text) line.textContent = text;
}

function sentence(run: Run | null, { ready, impossible, accuracy, opened, fits, subject }: Told): string {
  const skill = skillOf(accuracy, subject);
  if (impossible) return 'This network cannot be built; the reason is under Network.';
  if (run?.isActive) {
    if (run.state === 'paused') return 'Paused. Look around, save the model, or resume.';
    return skill > WELL
      ? say(
          'It already reads well. Draw a digit while it trains.',
          'It already sees well. Give it a picture while it trains.',
        )
      : skill > TELLS_APART
        ? `It is starting to tell the ${say('digits', 'classes')} apart.`
        : `It is learning: its weights move a little after every ${run.batchSize} ${say('digits', 'images')}.`;
  }
  if (run?.state === 'failed' && run.failure === 'diverged')
    return `Training diverged: a learning rate of ${run.rate} is too high. Lower it, to ${USUAL_RATE} for example, and start over.`;
  if (opened) return ofOpened(opened, run, fits);
  if (run?.state === 'failed') return 'Training failed; the message says why. You can start over.';
  if (!run)
    return ready
      ? `This network has never seen ${say('a digit', 'an image')}, so it guesses. Press Train and watch it learn.`
      : 'A network that learns here in this tab; nothing is sent anywhere.';
  if (skill < LEARNED) return `${formatShare(accuracy)} right, little better than guessing. ${advice(run.rate)}`;
  return Number.isFinite(accuracy)
    ? say(
        `It reads ${formatShare(accuracy)} of digits it has never seen. Now draw one yourself.`,
        `It gets ${formatShare(accuracy)} of images right that it has never seen. Now give it a picture of your own.`,
      )
    : `Training is finished. Now ${say('draw a digit yourself', 'give it a picture of your own')}.`;
}

function ofOpened({ model, underWay, origin }: Opened, run: Run | null, fits: boolean): string {
  const step = formatCount(model.step);
  if (!underWay)
    return origin === 'here'
      ? `You trained this network earlier, for ${step} steps. ${say('Draw a digit', 'Give it a picture')}, or train it further.`
      : `This network comes already trained. ${say('Draw a digit', 'Give it a picture')} and see what it knows.`;
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
