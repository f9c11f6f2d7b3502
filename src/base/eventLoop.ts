// Yields to the event loop during long computations, so that timers, signals, clicks and progress bars keep working.

/** Longest computation without a yield. */
const INTERVAL_MS = 20;

interface Channel {
  readonly port1: { onmessage: (() => void) | null; close(): void };
  readonly port2: { postMessage(message: null): void };
}

/** What a host may have. */
interface Host {
  readonly setImmediate?: (callback: () => void) => unknown;
  readonly MessageChannel?: new () => Channel;
  readonly setTimeout?: (callback: () => void, milliseconds: number) => unknown;
  readonly performance?: { now(): number };
}

/** Milliseconds, or NaN in a host without a clock: every comparison with that is false. */
export const now = (): number => (globalThis as Host).performance?.now() ?? NaN;

/** Calls back after the events that wait in the host's event loop. setTimeout would wait four milliseconds in a browser, a fifth of the work. */
function soon(callback: () => void): void {
  const { setImmediate, MessageChannel, setTimeout } = globalThis as Host;
  if (setImmediate) return void setImmediate(callback);
  // Without timers there is no event loop to wait for.
  if (!MessageChannel) return void (setTimeout ? setTimeout(callback, 0) : callback());
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    // An open port would keep Deno from ending.
    port1.close();
    callback();
  };
  port2.postMessage(null);
}

/** Returns a function to call in long loops; await its result if there is one. It yields once `intervalMs` have passed. */
export function makeYield(intervalMs = INTERVAL_MS): () => Promise<void> | undefined {
  let last = now();
  return () => {
    if (now() - last < intervalMs) return undefined;
    return new Promise((resolve) =>
      soon(() => {
        last = now();
        resolve();
      }),
    );
  };
}
