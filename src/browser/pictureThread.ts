// The script of a thread that decodes pictures, in a browser.
import { decodingThread } from '../data/imageFolder/decodingThreads.js';

const decode = decodingThread((reply, transfer) => postMessage(reply, { transfer }));
addEventListener('message', ({ data }) => void decode(data));
