// Lets the host's event loop run now and then: timers, signals, clicks and progress bars must not wait for the end of a long work.

/** Work goes on for so long without a pause. */
const INTERVAL_MS = 20;

interface Channel {
  readonly port1: { onmessage: (() => void) | null; close(): void };
  readonly port2: { postMessage(message: null): void };
}

/** What a host may have; all of them have setTimeout. */
interface Host {
  readonly setImmediate?: (callback: () => void) => unknown;
  readonly MessageChannel?: new () => Channel;
}

/** Calls back after what waits in the host's event loop. setTimeout would wait four milliseconds in a browser, a fifth of the work. */
function soon(callback: () => void): void {
  const { setImmediate, MessageChannel } = globalThis as Host;
  if (setImmediate) return void setImmediate(callback);
  if (!MessageChannel) return void setTimeout(callback, 0);
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    // An open port would keep Deno from ending.
    port1.close();
    callback();
  };
  port2.postMessage(null);
}

/** To be called, and awaited if it gives anything, wherever a long work may pause. */
export function makePause(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < INTERVAL_MS) return undefined;
    return new Promise((resolve) =>
      soon(() => {
        last = performance.now();
        resolve();
      }),
    );
  };
}
