// fit in a thread of its own, in a browser.
import { makeBackground } from '../training/background/background.js';
import type { Background } from '../training/executor.js';
import { startThread } from './startThread.js';

const startTraining = (): Worker => new Worker(new URL('./trainingThread.js', import.meta.url), { type: 'module' });

/**
 * For compile({ background: background() }), which a page's models have by themselves: the page stays free while they train.
 *
 * @example
 * ```ts
 * import { layers, sequential } from 'wasm-cnn';
 * import { background } from 'wasm-cnn/browser';
 *
 * const model = sequential({ inputShape: [2], layers: [layers.dense({ units: 3 })] });
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError', background: background() });
 * ```
 */
export function background(): Background {
  return makeBackground((answered, ended) => {
    const thread = startThread('trainingThread', startTraining, answered, ended);
    return { post: (order, transfer) => thread.postMessage(order, transfer), terminate: () => thread.terminate() };
  });
}
