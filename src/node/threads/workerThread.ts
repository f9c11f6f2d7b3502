// The script of a worker thread in Node.
import { parentPort, workerData } from 'node:worker_threads';
import { makeWorker } from '../../engine/workers.js';

const { receive, end } = makeWorker(workerData);
parentPort!.on('message', receive);
// After an error, too, so that no other thread waits for one that is gone.
process.on('exit', end);
