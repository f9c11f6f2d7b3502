// What reads a model's weights over several yields, or changes them, holds a lock meanwhile.

/** Reads run concurrently, a write alone, in the order of the calls, so that no read sees weights of two steps. */
export class ReadWriteLock {
  #write: Promise<unknown> = Promise.resolve();
  readonly #reads = new Set<Promise<unknown>>();

  read<Result>(work: () => Promise<Result>): Promise<Result> {
    const reading = this.#write.then(work);
    const settled: Promise<unknown> = reading.then(nothing, nothing).then(() => this.#reads.delete(settled));
    this.#reads.add(settled);
    return reading;
  }

  get reading(): boolean {
    return this.#reads.size > 0;
  }

  write<Result>(work: () => Result): Promise<Result> {
    const writing = Promise.all([this.#write, ...this.#reads]).then(work);
    this.#write = writing.then(nothing, nothing);
    return writing;
  }
}

function nothing(): void {}
