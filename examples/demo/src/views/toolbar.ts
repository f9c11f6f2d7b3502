// The bar at the top: what can be done next, and the figures of a run.
import { find } from '../page/element.js';
import { formatCount, formatShare } from '../page/format.js';
import type { Opened } from '../training/opened.js';
import type { Run } from '../training/run.js';

/** What a person can do with the run, or to have one. */
export type Move = 'train' | 'pause' | 'resume' | 'stop' | 'continue' | 'further' | 'over';

const words: Readonly<Record<Move, string>> = {
  train: 'Train',
  pause: 'Pause',
  resume: 'Resume',
  stop: 'Stop',
  continue: 'Continue',
  further: 'Train further',
  over: 'Start over',
};

const primary = find('train', HTMLButtonElement);
const others = {
  stop: find('stop', HTMLButtonElement),
  further: find('further', HTMLButtonElement),
  over: find('over', HTMLButtonElement),
} as const;
const progressBar = find('progress', HTMLProgressElement);
const figures = {
  epoch: find('figure-epoch', HTMLElement),
  speed: find('figure-speed', HTMLElement),
  loss: find('figure-loss', HTMLElement),
  accuracy: find('figure-accuracy', HTMLElement),
};

export interface Moves {
  /** The one that stands out. */
  readonly first: Move;
  readonly others: readonly (keyof typeof others)[];
  readonly ready: boolean;
}

/** What comes next. `opened`: a model to continue from; `fits`: the current data; `ready`: network and data are there. */
export function movesOf(
  run: Run | null,
  { opened, fits, ready }: { opened: Opened | null; fits: boolean; ready: boolean },
): Moves {
  if (run?.state === 'running') return { first: 'pause', others: ['stop'], ready: true };
  if (run?.state === 'paused') return { first: 'resume', others: ['stop'], ready: true };
  if (opened?.underWay && fits) return { first: 'continue', others: ['further', 'over'], ready };
  if (run?.state === 'failed' && !opened) return { first: 'over', others: [], ready };
  return run || opened ? { first: 'further', others: ['over'], ready } : { first: 'train', others: [], ready };
}

export function listenToToolbar(onMove: (move: Move) => void): void {
  primary.addEventListener('click', () => onMove(primary.dataset['move'] as Move));
  for (const [move, button] of Object.entries(others)) button.addEventListener('click', () => onMove(move as Move));
}

export function showMoves(moves: Moves, run: Run | null): void {
  primary.disabled = !moves.ready;
  primary.textContent = words[moves.first];
  primary.dataset['move'] = moves.first;
  primary.dataset['state'] = run?.state ?? 'none';
  for (const [move, button] of Object.entries(others)) {
    button.hidden = !moves.others.includes(move as keyof typeof others);
    button.disabled = move !== 'stop' && !moves.ready;
  }
  if (run) document.body.dataset['run'] = run.state;
  else delete document.body.dataset['run'];
}

export function showFigures(run: Run | null, accuracy: number): void {
  const { progress } = run ?? {};
  progressBar.value = progress ? progress.seen / progress.total : 0;
  figures.epoch.textContent = progress ? `${Math.min(progress.epoch + 1, progress.epochs)} of ${progress.epochs}` : '–';
  figures.speed.textContent =
    progress && Number.isFinite(progress.samplesPerSecond) ? formatCount(Math.round(progress.samplesPerSecond)) : '–';
  figures.loss.textContent = progress && Number.isFinite(progress.lossNow) ? progress.lossNow.toFixed(3) : '–';
  figures.accuracy.textContent = Number.isFinite(accuracy) ? formatShare(accuracy) : '–';
}
