// The script of a thread that makes the steps of a fit, in a browser.
import { trainingThread } from '../background/trainingThread.js';
import { workers } from './workers.js';

const receive = trainingThread(workers, (answer, transfer) => postMessage(answer, { transfer }));
addEventListener('message', ({ data }) => void receive(data));
