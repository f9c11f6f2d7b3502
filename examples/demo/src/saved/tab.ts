// Which tab this is. A tab keeps its name over a reload, and holds a lock of that name while it lives: so two never write the same thing.

const PREFIX = 'wasm-cnn tab ';
/** The page that was here before the reload lets go within this time; another tab, never. */
const LET_GO_MS = 600;

export class Tab {
  readonly id: string;

  private constructor(id: string) {
    this.id = id;
  }

  /** A duplicated tab brings the name of the first along, and gets another one. */
  static async open(): Promise<Tab> {
    const before = remembered();
    const id = before !== null && (await hold(before, LET_GO_MS)) ? before : freshId();
    if (id !== before) await hold(id, LET_GO_MS);
    remember(id);
    return new Tab(id);
  }

  /** Becomes the one that was closed; null where another tab was quicker. */
  static async become(id: string): Promise<Tab | null> {
    if (!(await hold(id, 0))) return null;
    remember(id);
    return new Tab(id);
  }

  /** Names of those that live; null where the host has no locks, and nothing is known. */
  static async living(): Promise<ReadonlySet<string> | null> {
    const locks = lockManager();
    if (!locks) return null;
    const { held = [] } = await locks.query();
    return new Set(
      held
        .map(({ name = '' }) => name)
        .filter((name) => name.startsWith(PREFIX))
        .map((name) => name.slice(PREFIX.length)),
    );
  }
}

/** Only https and localhost have them. */
function lockManager(): LockManager | undefined {
  return navigator.locks as LockManager | undefined;
}

/** For as long as the page lives; false where another holds it. */
function hold(id: string, waitMs: number): Promise<boolean> {
  const locks = lockManager();
  if (!locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    const forever = (lock: Lock | null): Promise<void> | void => {
      resolve(lock !== null);
      if (lock) return new Promise(() => {});
    };
    const how = waitMs > 0 ? { signal: AbortSignal.timeout(waitMs) } : { ifAvailable: true };
    locks.request(PREFIX + id, how, forever).catch(() => resolve(false));
  });
}

function freshId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function remembered(): string | null {
  try {
    return sessionStorage.getItem('tab');
  } catch {
    return null;
  }
}

function remember(id: string): void {
  try {
    sessionStorage.setItem('tab', id);
  } catch {
    // A page that may keep nothing has a new name each time.
  }
}
