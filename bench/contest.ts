// A contest: each contestant is a process of its own, all are made ready, then they work round by round in turn, and one at a time.
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Entry {
  readonly contestant: string;
  /** 'Node 26', for those that work on several. */
  readonly node?: string;
  readonly threads: number;
  /** The process, but for its last argument, the task. */
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  readonly task: object;
}

export interface Outcome<Ready, Round> {
  readonly entry: Entry;
  /** Undefined where it did not come so far. */
  readonly ready: Ready | undefined;
  readonly rounds: readonly Round[];
  /** Why it is out. */
  readonly failure: string | undefined;
}

export interface ContestOptions<Ready, Round> {
  readonly rounds: number;
  /** Whether a contestant does what is asked, before it is timed: gives what is wrong. The first rounds count for nothing else, the compiler is still at work. */
  readonly refuse: (ready: Ready, warmUp: Round) => string | undefined;
  readonly log: (line: string) => void;
}

/** A deep network's loss may rise in its first steps: there is time until the last of so many rounds to do what is asked. */
const WARM_UPS = 5;

/** One that does not answer for this long is out; torch.compile takes a minute or two. */
const LIMIT_S = 300;

/** Holds the contest. A contestant that fails or is refused is out, the others continue. */
export async function contest<Ready extends object, Round extends object>(
  entries: readonly Entry[],
  { rounds, refuse, log }: ContestOptions<Ready, Round>,
): Promise<Outcome<Ready, Round>[]> {
  const contestants: Contestant<Ready, Round>[] = [];
  try {
    for (const entry of entries) {
      const { contestant: name, node, threads } = entry;
      log(`${[name, node, `${threads} thread${threads === 1 ? '' : 's'}`].filter(Boolean).join(', ')}: gets ready`);
      const contestant = new Contestant<Ready, Round>(entry);
      contestants.push(contestant);
      contestant.ready = await contestant.answer<Ready>();
      await contestant.warmUp(refuse);
    }
    for (let round = 0; round < rounds; round++) {
      log(`round ${round + 1} of ${rounds}`);
      // To and fro, so that none always comes after the same one.
      for (const contestant of round % 2 === 0 ? contestants : [...contestants].reverse()) {
        const result = await contestant.work();
        if (result) contestant.rounds.push(result);
      }
    }
  } finally {
    for (const contestant of contestants) contestant.end();
  }
  return contestants;
}

class Contestant<Ready extends object, Round extends object> {
  readonly entry: Entry;
  ready: Ready | undefined;
  readonly rounds: Round[] = [];
  failure: string | undefined;
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #closed: Promise<unknown>;
  #stderr = '';

  constructor(entry: Entry) {
    const [command, ...args] = entry.command;
    this.entry = entry;
    this.#process = spawn(command, [...args, JSON.stringify(entry.task)], { env: { ...process.env, ...entry.env } });
    this.#process.stderr!.on('data', (text) => (this.#stderr += text));
    this.#process.on('error', ({ message }) => (this.#stderr += message));
    this.#closed = new Promise((resolve) => this.#process.on('close', resolve));
    // Writing to one that has died fails; its answer says so.
    this.#process.stdin!.on('error', () => {});
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  /** Works until nothing is refused, and is out where something still is after the last round. */
  async warmUp(refuse: ContestOptions<Ready, Round>['refuse']): Promise<void> {
    for (let left = WARM_UPS; this.ready && left > 0; left--) {
      const round = await this.work();
      const refusal = round && refuse(this.ready, round);
      if (refusal === undefined) return;
      if (left === 1) this.failure = refusal;
    }
  }

  /** A round, unless it is out. */
  async work(): Promise<Round | undefined> {
    if (this.failure !== undefined) return undefined;
    this.#process.stdin!.write('\n');
    return this.answer<Round>();
  }

  /** Its next answer; undefined, and it is out, where there is none. */
  async answer<Answer extends object>(): Promise<Answer | undefined> {
    const timer = setTimeout(() => this.#process.kill(), 1000 * LIMIT_S);
    let line: IteratorResult<string>;
    // What a library prints besides is passed over.
    do line = await this.#lines.next();
    while (!line.done && !line.value.startsWith('{'));
    clearTimeout(timer);
    const answer = (line.done ? { failure: await this.#lastWords() } : JSON.parse(line.value)) as Answer & {
      failure?: string;
    };
    this.failure = answer.failure;
    return this.failure === undefined ? answer : undefined;
  }

  async #lastWords(): Promise<string> {
    await this.#closed;
    if (this.#process.killed) return `gave no answer within ${LIMIT_S} s`;
    const lines = this.#stderr.trim().split('\n').reverse();
    return (lines.find((line) => /Error:/.test(line)) ?? lines[0]) || 'ended without an answer';
  }

  end(): void {
    this.#process.kill();
  }
}
