// Starts the scripts that run in Web Workers.

/**
 * Runs `script`.js of this folder in a thread; `message` gets what it posts. Calls `ended` when it fails, with the reason in a few words.
 * `start` makes the worker, in a `new Worker(new URL(…))` of the caller's own: bundlers look for these words, and follow them, so that no
 * script may start itself by way of what it imports.
 */
export function startThread(
  script: string,
  start: () => Worker,
  message: (data: never) => void,
  ended: (reason: string) => void,
): Worker {
  const thread = tryToStart(script, start);
  thread.addEventListener('message', ({ data }) => message(data as never));
  thread.addEventListener('error', ({ message: reason }) => ended(reason || unloaded(script)));
  return thread;
}

/** The browser says why on its console only. */
function unloaded(script: string): string {
  const isolated = globalThis.crossOriginIsolated
    ? 'come with the header Cross-Origin-Embedder-Policy like the page, '
    : '';
  return `${script}.js could not be loaded: it must be there, ${isolated}and be allowed by the page's Content-Security-Policy, if it has one, in worker-src`;
}

/** A browser refuses a script of another origin (a CDN, say), but not one of the page's own that imports it. */
function tryToStart(script: string, start: () => Worker): Worker {
  try {
    return start();
  } catch {
    // Not in one expression, or bundlers warn that they cannot tell which file this is.
    const here = import.meta.url;
    const own = new Blob([`import ${JSON.stringify(new URL(`./${script}.js`, here))};`], { type: 'text/javascript' });
    return new Worker(URL.createObjectURL(own), { type: 'module' });
  }
}
