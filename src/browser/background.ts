// fit in a thread of its own, in a browser.
import { makeBackground } from '../training/background/background.js';
import type { Background } from '../training/executor.js';
import { startThread } from './startThread.js';

const startTraining = (): Worker => new Worker(new URL('./trainingThread.js', import.meta.url), { type: 'module' });

/** For compile({ background: background() }), which a page's models have by themselves: the page stays free while they train. */
export function background(): Background {
  return makeBackground((answered, ended) => {
    const thread = startThread('trainingThread', startTraining, answered, ended);
    return { post: (order, transfer) => thread.postMessage(order, transfer), terminate: () => thread.terminate() };
  });
}
