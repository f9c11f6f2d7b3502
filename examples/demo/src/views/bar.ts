// The bar at the top: the buttons of a run, and its figures.
import { find } from '../page/element.js';
import { formatCount, formatShare } from '../page/words.js';
import type { Run } from '../training/run.js';

const train = find('train', HTMLButtonElement);
const stop = find('stop', HTMLButtonElement);
const progressBar = find('progress', HTMLProgressElement);
const figures = { epoch: find('figure-epoch', HTMLElement), speed: find('figure-speed', HTMLElement), loss: find('figure-loss', HTMLElement), accuracy: find('figure-accuracy', HTMLElement) };

export function listenToBar(actions: { onTrain: () => void; onStop: () => void }): void {
  train.addEventListener('click', actions.onTrain);
  stop.addEventListener('click', actions.onStop);
}

/** `ready`: whether there is something to train; `further`: a model that was opened goes on from its weights. */
export function showButtons(run: Run | null, { ready, further }: { ready: boolean; further: boolean }): void {
  const under = run?.under ?? false;
  train.disabled = !under && !ready;
  train.textContent = run?.state === 'running' ? 'Pause' : run?.state === 'paused' ? 'Resume' : further ? 'Train further' : run ? 'Train again' : 'Train';
  train.dataset['state'] = run?.state ?? 'none';
  stop.disabled = !under;
  if (run) document.body.dataset['run'] = run.state;
  else delete document.body.dataset['run'];
}

export function showFigures(run: Run | null, accuracy: number): void {
  const { progress } = run ?? {};
  progressBar.value = progress ? progress.seen / progress.total : 0;
  figures.epoch.textContent = progress ? `${Math.min(progress.epoch + 1, progress.epochs)} of ${progress.epochs}` : '–';
  figures.speed.textContent = progress && Number.isFinite(progress.samplesPerSecond) ? formatCount(Math.round(progress.samplesPerSecond)) : '–';
  figures.loss.textContent = progress && Number.isFinite(progress.lossNow) ? progress.lossNow.toFixed(3) : '–';
  figures.accuracy.textContent = Number.isFinite(accuracy) ? formatShare(accuracy) : '–';
}
