// What outlives its moment: networks that gave way to others, and, in the browser's storage, the work of now and the files it was done on.
import { isBuiltin, type Source } from '../data/source.js';
import type { Experiment } from '../experiment.js';
import { formatCount } from '../page/format.js';
import { showMessage } from '../page/messages.js';
import { Kept, type Snapshot } from '../training/snapshot.js';
import type { Autosave } from './autosave.js';

export class Keeper {
  readonly kept = new Kept();
  /** What the current or most recent run can resume from. */
  checkpoint: Snapshot | null = null;
  #autosave: Autosave | null = null;

  /** From now on all work is kept there; `kept` is what gave way before. */
  keepIn(autosave: Autosave, kept: readonly Snapshot[]): void {
    this.#autosave = autosave;
    autosave.onTrouble = (reason) =>
      showMessage(`this browser stores nothing (${reason}); save the model before you leave the page`);
    if (kept.length > 0) this.kept.list = kept;
  }

  save(now: Experiment): void {
    // Before the data are there, nothing was done that could be lost.
    if (!now.source) return;
    const snapshot = now.snapshot();
    if (now.busy) this.checkpoint = snapshot;
    void this.#autosave?.save(snapshot, this.kept.list);
  }

  /** Before another network takes its place. */
  keep(now: Experiment): void {
    const snapshot = trainedPart(now);
    if (snapshot) this.kept.add(snapshot);
  }

  /** The network that gave way last, if any; the one of now is kept instead. */
  exchange(now: Experiment): Snapshot | undefined {
    return this.kept.take(trainedPart(now));
  }

  /** Files go into the storage, too, once a snapshot names them: no page can make them again. */
  async saveData(source: Source): Promise<void> {
    if (isBuiltin(source) || !this.#autosave || (await this.#autosave.saveData(source))) return;
    const why =
      source.sha256 === null
        ? 'this page does not come by https, so it cannot keep your data'
        : `this browser has no room for your data of ${mebibytesOf(source)} MiB`;
    showMessage(
      `${why}, and will not find them after a reload: the network stays, and continues with them once you choose them again`,
      'notice',
    );
  }

  /** Data that came from files, by their SHA-256; null where they are not here. */
  async data(sha256: string | null): Promise<Source | null> {
    return sha256 === null ? null : ((await this.#autosave?.data(sha256)) ?? null);
  }
}

function mebibytesOf({ train, validation, test }: Source): string {
  const bytes = [train, validation, test].reduce((sum, part) => sum + (part?.x.data.length ?? 0), 0);
  return formatCount(Math.max(1, Math.round(bytes / 2 ** 20)));
}

/** Null for a network that has learned nothing, or whose numbers are none. */
function trainedPart(now: Experiment): Snapshot | null {
  const snapshot = now.trained ? now.snapshot() : null;
  return snapshot?.bytes ? snapshot : null;
}
