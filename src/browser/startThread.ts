// Starts the scripts that run in Web Workers.

/** Scripts of this folder. Each stands in a `new Worker(new URL(…))` of its own: bundlers look for these words. */
const scripts = {
  workerThread: () => new Worker(new URL('./workerThread.js', import.meta.url), { type: 'module' }),
  trainingThread: () => new Worker(new URL('./trainingThread.js', import.meta.url), { type: 'module' }),
};

/** Runs a script in a thread; `message` gets what it posts. Calls `ended` when it fails, with the reason in a few words. */
export function startThread(script: keyof typeof scripts, message: (data: never) => void, ended: (reason: string) => void): Worker {
  const thread = tryToStart(script);
  thread.addEventListener('message', ({ data }) => message(data as never));
  thread.addEventListener('error', ({ message: reason }) => ended(reason || `${script}.js could not be loaded`));
  return thread;
}

/** A browser refuses a script of another origin (a CDN, say), but not one of the page's own that imports it. */
function tryToStart(script: keyof typeof scripts): Worker {
  try {
    return scripts[script]();
  } catch {
    // Not in one expression, or bundlers warn that they cannot tell which file this is.
    const here = import.meta.url;
    const own = new Blob([`import ${JSON.stringify(new URL(`./${script}.js`, here))};`], { type: 'text/javascript' });
    return new Worker(URL.createObjectURL(own), { type: 'module' });
  }
}
