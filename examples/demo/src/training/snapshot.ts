// What is kept of the page's work, to take it back after a change and to find it again after a reload.
import type { SavedCurves } from './progress.js';

export interface Snapshot {
  /** The model's file, a checkpoint where a run was under way; null for a network that has learned nothing. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  readonly step: number;
  readonly underWay: boolean;
  /** The choices, as in the page's address. */
  readonly search: string;
  /** SHA-256 of the data, where they came from files; null for what this page draws. */
  readonly dataset: string | null;
  /** Whether the weights are others than the link's: opened from a file, or trained further. */
  readonly beyondLink: boolean;
  readonly curves: SavedCurves | null;
  /** Milliseconds since 1970. */
  readonly savedAt: number;
}

/** Trained networks that gave way to another one, the newest last. Nothing that has learned is thrown away without this. */
export class Kept {
  /** One of the usual size has 3 MB. */
  static readonly #MOST = 6;
  #list: Snapshot[] = [];

  get list(): readonly Snapshot[] {
    return this.#list;
  }

  set list(list: readonly Snapshot[]) {
    this.#list = list.slice(-Kept.#MOST);
  }

  get newest(): Snapshot | undefined {
    return this.#list.at(-1);
  }

  add(snapshot: Snapshot): void {
    this.list = [...this.#list, snapshot];
  }

  /** Takes the newest; `instead` becomes the oldest, so that taking again and again shows them all. */
  take(instead: Snapshot | null): Snapshot | undefined {
    const taken = this.#list.pop();
    if (instead) this.#list.unshift(instead);
    return taken;
  }
}
