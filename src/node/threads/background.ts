// fit in a thread of its own, in Node.
import { makeBackground } from '../../training/background/background.js';
import { checkArguments } from '../../base/options.js';
import * as kernels from '../../engine/kernels.generated.js';
import type { Background } from '../../training/executor.js';
import { trainingThread } from './trainingThread.generated.js';
import { startThread } from './workers.js';

/**
 * For compile({ background: background() }): while fit trains, the calling thread is free. For a service that answers meanwhile; where
 * nobody waits, fit without it is as fast, and pauses for the event loop between two steps.
 */
export function background(): Background {
  checkArguments(arguments, 0, 'background', 'how many threads it has, compile({ workers }) says');
  return makeBackground((answered, ended) => {
    const thread = startThread(trainingThread, { kernels: { ...kernels } }, ended);
    thread.on('message', answered);
    return { post: (order, transfer) => thread.postMessage(order, transfer), terminate: () => void thread.terminate() };
  });
}
