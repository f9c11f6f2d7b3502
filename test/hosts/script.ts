// The trainings as a script, for hosts that run files and have Node's worker_threads. Its argument and what it prints are JSON.
import { workers } from '../../src/node/workers.js';
import { trainOnce, type Trained, type Training } from './training.js';

const trained: Trained[] = [];
for (const training of JSON.parse(process.argv[2]!) as Training[]) trained.push(await trainOnce(training, workers));
console.log(JSON.stringify(trained));
