// The script of a thread that makes the steps of a fit, in a browser.
import { trainingThread } from '../training/background/trainingThread.js';
import { webWorkers } from './workers.js';

const receive = trainingThread(webWorkers, (answer, transfer) => postMessage(answer, { transfer }));
addEventListener('message', ({ data }) => void receive(data));
