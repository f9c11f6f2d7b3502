// The script of a worker thread in Node.
import { parentPort, workerData } from 'node:worker_threads';
import { makeWorker } from '../../engine/workers.js';

const { receive, end } = makeWorker(workerData);
parentPort!.on('message', receive);
// After an error, too, so that nobody waits for a thread that is no more.
process.on('exit', end);
