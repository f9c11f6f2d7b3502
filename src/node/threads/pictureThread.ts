// The script of a thread that decodes pictures, in Node. It is given the decoders' WebAssembly as the starting thread has compiled it.
import { parentPort, workerData } from 'node:worker_threads';
import { decodingThread, type DecodingRequest } from '../../data/imageFolder/decodingThreads.js';
import type { CodecMessage, GivenCodecs } from './decodingThreads.js';

const decode = decodingThread((reply, transfer) => parentPort!.postMessage(reply, transfer));
const codecs = workerData as GivenCodecs;

parentPort!.on('message', (message: DecodingRequest | CodecMessage) => {
  if ('codec' in message) codecs[message.codec] = message.module;
  else void decode(message);
});
