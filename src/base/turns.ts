// Who may use a model's weights now: what reads them over several pauses, or what changes them.

/** Reads run side by side, a write alone; each after what was asked for before it. So no read sees weights of two steps. */
export class Turns {
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
