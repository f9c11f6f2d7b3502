// The model as a download, and what it is: step, whether it was resumed, the SHA-256 of its weights.
import type { Model } from 'wasm-cnn';
import { sha256Of, weightsBytes } from 'wasm-cnn/recipes';
import { find } from '../page/element.js';
import { formatCount } from '../page/format.js';
import type { Opened } from '../training/opened.js';
import type { SavedFile } from '../training/pauseAndSave.js';
import type { Run } from '../training/run.js';

const save = find('save', HTMLButtonElement);
const text = find('model-text', HTMLElement);
const facts = {
  run: find('run-text', HTMLElement),
  resumed: find('run-resumed', HTMLElement),
  step: find('run-step', HTMLElement),
  sha256: find('weights-sha256', HTMLElement),
  host: find('host', HTMLElement),
};

export function listenToDownload(onSave: () => void): void {
  save.addEventListener('click', onSave);
}

const usual = text.textContent;

/** What was opened, in a sentence; null for nothing. */
export function showOpened(sentence: string | null): void {
  text.textContent = sentence ?? usual;
}

const words = {
  running: 'under way',
  paused: 'paused',
  finished: 'finished',
  stopped: 'stopped early',
  failed: 'failed',
} as const;

export function showRun(run: Run | null, model: Model | null, opened: Opened | null): void {
  save.disabled = model === null;
  facts.step.textContent = formatCount(model?.step ?? 0);
  facts.run.textContent = run
    ? words[run.state]
    : opened?.origin === 'here'
      ? opened.underWay
        ? 'interrupted'
        : 'trained here earlier'
      : opened
        ? 'opened from a file'
        : 'not started';
  const { running } = model?.threads ?? { running: 1 };
  facts.host.textContent = `WebAssembly SIMD in this tab, ${running === 1 ? 'one thread' : `${running} threads`}${globalThis.crossOriginIsolated ? '' : '; more where the server sends COOP and COEP'}`;
  facts.resumed.textContent = run?.resumedAt == null ? 'no' : `yes, at step ${formatCount(run.resumedAt)}`;
}

let newest = 0;

/** Takes a moment; `model` null: the weights are changing. */
export async function showWeightsSha256(model: Model | null): Promise<void> {
  const mine = ++newest;
  facts.sha256.textContent = '…';
  if (!model) return;
  const hash = (await sha256Of(weightsBytes(model))) ?? 'only on https and localhost';
  if (mine === newest) facts.sha256.textContent = hash;
}

export function download({ bytes, name }: SavedFile): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
