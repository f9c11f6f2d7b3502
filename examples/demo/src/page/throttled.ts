// Work that is asked for more often than it need be done: never twice at once, and never more than a share of the time.

export class Throttled {
  readonly #action: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #leastMs: number;
  /** Rest after the work, as a multiple of what it took. */
  readonly #rest: number;
  #asked = false;
  #busy = false;
  #free = 0;

  constructor(
    action: () => Promise<void>,
    { leastMs, rest, onError }: { leastMs: number; rest: number; onError: (error: unknown) => void },
  ) {
    this.#action = action;
    this.#leastMs = leastMs;
    this.#rest = rest;
    this.#onError = onError;
  }

  request(): void {
    this.#asked = true;
    if (this.#busy) return;
    this.#busy = true;
    const wait = this.#free - performance.now();
    if (wait > 0) setTimeout(() => void this.#run(), wait);
    else queueMicrotask(() => void this.#run());
  }

  async #run(): Promise<void> {
    this.#asked = false;
    const began = performance.now();
    try {
      await this.#action();
    } catch (error) {
      this.#onError(error);
    }
    const took = performance.now() - began;
    this.#free = began + Math.max(this.#leastMs, took * (1 + this.#rest));
    this.#busy = false;
    if (this.#asked) this.request();
  }
}
