// Threads that decode pictures; any host starts them. They give the pixels that the calling thread gives, which takes over where there are
// none.
import { WasmCnnError } from '../../base/errors.js';
import { isError } from '../../base/options.js';
import { warnOnce } from '../../base/warnings.js';
import type { ImageInput } from '../../images/imageInput.js';
import { thisThread, type PictureDecoder } from './pictureReader.js';

export interface DecodingRequest {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly who: string;
  readonly input: ImageInput;
}

export type DecodingReply =
  | { readonly id: number; readonly pixels: Uint8Array }
  /** What a user is told, or an error that none should see. */
  | { readonly id: number; readonly sentence: string }
  | { readonly id: number; readonly failure: string };

/** A thread in which decodingThread() gets what is posted. */
export interface DecodingThread {
  post(request: DecodingRequest, transfer: ArrayBuffer[]): void;
  /** Whether the host shall wait for it before it ends. */
  hold?(isHeld: boolean): void;
  terminate(): void;
}

/** Starts one; throws where the host refuses. Calls `ended` when the thread is gone, with the reason in a few words. */
export type StartDecoding = (
  replied: (reply: DecodingReply) => void,
  ended: (reason: string) => void,
) => DecodingThread;

/** What a thread does with each request. */
export function decodingThread(
  reply: (reply: DecodingReply, transfer: ArrayBuffer[]) => void,
): (request: DecodingRequest) => Promise<void> {
  return async ({ id, bytes, who, input }) => {
    try {
      const pixels = await thisThread.decode(bytes, who, input);
      reply({ id, pixels }, [pixels.buffer as ArrayBuffer]);
    } catch (error) {
      if (error instanceof WasmCnnError) reply({ id, sentence: error.message }, []);
      else reply({ id, failure: isError(error) ? error.message : String(error) }, []);
    }
  };
}

/** A thread takes about as long to start as these take to decode. */
const HANDFUL = { pictures: 48, bytes: 1 << 20 };
/** Threads end after so long without a picture; they start again. */
const IDLE_MS = 3000;
/** Pictures that wait in a thread, so that it need not wait for the next. */
const AHEAD = 2;

interface Waiting extends Omit<DecodingRequest, 'id'> {
  resolve(pixels: Uint8Array | Promise<Uint8Array>): void;
  reject(error: Error): void;
}

interface Running {
  readonly thread: DecodingThread;
  readonly waiting: Map<number, Waiting>;
}

export class DecodingThreads implements PictureDecoder {
  readonly atOnce: number;
  readonly #start: StartDecoding;
  readonly #most: number;
  readonly #running = new Set<Running>();
  /** What the calling thread has decoded since there were threads. */
  #own = { pictures: 0, bytes: 0 };
  #isHelpless = false;
  #ids = 0;
  #idle = 0;

  /** Decodes on at most `most` threads. */
  constructor(start: StartDecoding, most: number) {
    this.#start = start;
    this.#most = most;
    this.atOnce = most * (1 + AHEAD);
  }

  /** How many there are now. */
  get count(): number {
    return this.#running.size;
  }

  async decode(bytes: Uint8Array, who: string, input: ImageInput): Promise<Uint8Array> {
    const own = this.#own;
    const isHandful = own.pictures < HANDFUL.pictures && own.bytes < HANDFUL.bytes;
    if (this.#isHelpless || isHandful) {
      own.pictures++;
      own.bytes += bytes.length;
      return thisThread.decode(bytes, who, input);
    }
    const running = this.#next();
    if (!running) return thisThread.decode(bytes, who, input);
    return new Promise((resolve, reject) => {
      if (running.waiting.size === 0) running.thread.hold?.(true);
      const id = this.#ids++;
      running.waiting.set(id, { bytes, who, input, resolve, reject });
      // The bytes stay here, for a thread that ends; and a view would take all of what it is a view of with it.
      const copy = bytes.slice();
      running.thread.post({ id, bytes: copy, who, input }, [copy.buffer]);
    });
  }

  /** The thread with the fewest pictures; null where none can be started. */
  #next(): Running | null {
    const [free] = [...this.#running].sort((a, b) => a.waiting.size - b.waiting.size);
    if (free && (free.waiting.size === 0 || this.#running.size >= this.#most)) return free;
    try {
      return this.#begin();
    } catch (error) {
      this.#give(isError(error) ? error.message : String(error));
      return null;
    }
  }

  #begin(): Running {
    const waiting = new Map<number, Waiting>();
    const thread = this.#start(
      (reply) => {
        const done = waiting.get(reply.id);
        waiting.delete(reply.id);
        if (waiting.size === 0) this.#rest(running);
        if (!done) return;
        if ('pixels' in reply) done.resolve(reply.pixels);
        else done.reject('sentence' in reply ? new WasmCnnError(reply.sentence) : new Error(reply.failure));
      },
      (reason) => {
        if (!this.#running.delete(running)) return;
        thread.terminate();
        this.#give(reason);
        for (const { bytes, who, input, resolve } of waiting.values()) resolve(thisThread.decode(bytes, who, input));
        waiting.clear();
      },
    );
    const running = { thread, waiting };
    this.#running.add(running);
    thread.hold?.(false);
    return running;
  }

  /** The calling thread continues alone. */
  #give(reason: string): void {
    this.#isHelpless = true;
    warnOnce(`pictures are decoded in the calling thread, to the same pixels, as one for them ended (${reason})`);
  }

  #rest({ thread }: Running): void {
    thread.hold?.(false);
    if ([...this.#running].some(({ waiting }) => waiting.size > 0)) return;
    const idle = ++this.#idle;
    const ids = this.#ids;
    const timer = setTimeout(() => {
      if (idle !== this.#idle || ids !== this.#ids) return;
      this.end();
    }, IDLE_MS);
    (timer as { unref?(): void }).unref?.();
  }

  /** Ends the threads; they start again for the next pictures. What they had not done is done in the calling thread. */
  end(): void {
    for (const running of this.#running) {
      this.#running.delete(running);
      running.thread.terminate();
      for (const { bytes, who, input, resolve } of running.waiting.values())
        resolve(thisThread.decode(bytes, who, input));
    }
    this.#own = { pictures: 0, bytes: 0 };
  }
}
