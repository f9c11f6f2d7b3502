// The script of a thread that makes the steps of a fit, in Node.
import { parentPort } from 'node:worker_threads';
import { trainingThread } from '../../training/background/trainingThread.js';
import { workers } from './workers.js';

parentPort!.on(
  'message',
  trainingThread(workers, (answer, transfer) => parentPort!.postMessage(answer, transfer)),
);
