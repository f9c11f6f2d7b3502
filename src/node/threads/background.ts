// fit in a thread of its own, in Node.
import { makeBackground } from '../../training/background/background.js';
import { checkArguments } from '../../base/options.js';
import { coreModule } from '../../engine/modules/core.generated.js';
import { moreModule } from '../../engine/modules/more.generated.js';
import type { Background } from '../../training/executor.js';
import { trainingThread } from './trainingThread.generated.js';
import { startThread } from './workers.js';

/**
 * For compile({ background: background() }): while fit trains, the calling thread is free. For a service that answers meanwhile; where
 * there is nothing to answer, fit without it is as fast, and yields to the event loop between steps.
 *
 * @example
 * ```ts
 * import { layers, sequential } from 'wasm-cnn';
 * import { background } from 'wasm-cnn/node';
 *
 * const model = sequential({ inputShape: [2], layers: [layers.dense({ units: 3 })] });
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError', background: background() });
 * ```
 */
export function background(): Background {
  checkArguments(arguments, 0, 'background', 'how many threads it has, compile({ workers }) says');
  return makeBackground((replied, ended) => {
    const thread = startThread(trainingThread, { kernels: { coreModule, moreModule } }, ended);
    thread.on('message', replied);
    return {
      post: (request, transfer) => thread.postMessage(request, transfer),
      terminate: () => void thread.terminate(),
    };
  });
}
