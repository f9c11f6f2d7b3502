// TensorFlow.js on a page in the training question, on one of its backends; says what draws WebGL there.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-webgl';
import { competeOnPage } from '../../build/bench/page.js';
import { prepareTfJs } from './tfJsTraining.js';

function rendererOfWebGL() {
  const gl = document.createElement('canvas').getContext('webgl2');
  if (!gl) throw new Error('this browser has no WebGL 2 here');
  const names = gl.getExtension('WEBGL_debug_renderer_info');
  return gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
}

await competeOnPage(async (task, examples) => {
  setWasmPaths('/tfjs/');
  const renderer = task.backend === 'webgl' ? rendererOfWebGL() : undefined;
  if (!(await tf.setBackend(task.backend)))
    throw new Error(`this browser has not what the ${task.backend} backend needs`);
  const { ready, round } = await prepareTfJs(task, examples);
  return { ready: { ...ready, renderer }, round };
});
