// The script of a worker thread in Node.
import { parentPort, workerData } from 'node:worker_threads';
import { makeWorker } from '../engine/workers.js';

parentPort!.on('message', makeWorker(workerData));
