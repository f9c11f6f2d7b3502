// TensorFlow.js in the training question in Node, on its WebAssembly backend or the one in plain JavaScript.
import { dirname } from 'node:path';
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { compete, readExamples } from '../../build/bench/contestant.js';
import { prepareTfJs } from './tfJsTraining.js';

await compete(async (task) => {
  if (task.backend === 'wasm') {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  } else {
    await import('@tensorflow/tfjs-backend-cpu');
  }
  await tf.setBackend(task.backend);
  return prepareTfJs(task, readExamples(task));
});
