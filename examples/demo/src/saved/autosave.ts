// Keeps the page's work in IndexedDB, a place a tab, and finds it again.
import type { Source } from '../data/source.js';
import type { Snapshot } from '../training/snapshot.js';
import { openDatabase, type Database } from './database.js';
import { Tab } from './tab.js';

/** How many runs of closed tabs are kept. */
const MOST_LEFT = 4;
const KEPT = '/kept';
/** Before the SHA-256 of data that came from files: tabs share them. */
const DATA = 'data/';

export interface Found {
  readonly tab: string;
  readonly snapshot: Snapshot;
  /** Networks that gave way in that tab. */
  readonly kept: readonly Snapshot[];
}

export class Autosave {
  readonly #database: Database | null;
  #tab: Tab;
  #keptSaved: readonly Snapshot[] = [];
  /** Told once why nothing is kept. */
  onTrouble: (reason: string) => void = () => {};
  #trouble = false;

  private constructor(database: Database | null, tab: Tab) {
    this.#database = database;
    this.#tab = tab;
  }

  static async open(): Promise<Autosave> {
    const database = await openDatabase('wasm-cnn page').catch(() => null);
    return new Autosave(database, await Tab.open());
  }

  /** Begins to write before it returns: that is in time for a page that is being left. */
  async save(snapshot: Snapshot, kept: readonly Snapshot[]): Promise<void> {
    if (!this.#database) return;
    try {
      const jobs = [this.#database.put(this.#tab.id, snapshot)];
      if (kept.length !== this.#keptSaved.length || kept.some((one, i) => one !== this.#keptSaved[i]))
        jobs.push(this.#database.put(this.#tab.id + KEPT, [...kept]));
      this.#keptSaved = [...kept];
      await Promise.all(jobs);
    } catch (error) {
      if (!this.#trouble) this.onTrouble((error as Error).message);
      this.#trouble = true;
    }
  }

  /** False where there is no room, or no SHA-256 to find them by. */
  async saveData(source: Source): Promise<boolean> {
    if (!this.#database || source.sha256 === null) return false;
    const key = DATA + source.sha256;
    try {
      if (!(await this.#database.keys()).includes(key)) await this.#database.put(key, source);
      return true;
    } catch {
      return false;
    }
  }

  async data(sha256: string): Promise<Source | null> {
    return ((await this.#database?.get(DATA + sha256)) as Source | undefined) ?? null;
  }

  /** What this tab had before it was loaded anew, and what other tabs have, the newest first. */
  async look(): Promise<{ mine: Found | null; closed: Found[]; open: Found[] }> {
    const living = await Tab.living();
    const found = await this.#all();
    const [mine = null] = found.filter(({ tab }) => tab === this.#tab.id);
    const others = found.filter(({ tab }) => tab !== this.#tab.id);
    return {
      mine,
      closed: others.filter(({ tab }) => living !== null && !living.has(tab)),
      open: others.filter(({ tab }) => living?.has(tab)),
    };
  }

  /** Goes on in the place of a closed tab; false where another tab was quicker. */
  async become({ tab }: Found): Promise<boolean> {
    const other = await Tab.become(tab);
    if (other) this.#tab = other;
    return other !== null;
  }

  /** Lets go of what was left longest ago, and of data that nothing left was trained on. */
  async tidy(closed: readonly Found[]): Promise<void> {
    if (!this.#database) return;
    for (const { tab } of closed.slice(MOST_LEFT)) {
      await this.#database.remove(tab);
      await this.#database.remove(tab + KEPT);
    }
    const needed = new Set(
      (await this.#all()).flatMap(({ snapshot, kept }) => [snapshot, ...kept].map(({ dataset }) => dataset)),
    );
    for (const key of await this.#database.keys())
      if (key.startsWith(DATA) && !needed.has(key.slice(DATA.length))) await this.#database.remove(key);
  }

  async #all(): Promise<Found[]> {
    if (!this.#database) return [];
    const tabs = (await this.#database.keys()).filter((key) => !key.endsWith(KEPT) && !key.startsWith(DATA));
    const found = await Promise.all(
      tabs.map(async (tab) => ({
        tab,
        snapshot: (await this.#database!.get(tab)) as Snapshot,
        kept: ((await this.#database!.get(tab + KEPT)) ?? []) as Snapshot[],
      })),
    );
    return found.sort((a, b) => b.snapshot.savedAt - a.snapshot.savedAt);
  }
}
