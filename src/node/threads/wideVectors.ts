// 256-bit vectors: V8 runs two of the kernels' 128-bit operations as one where the processor has AVX2. Each lane is rounded as before, so
// no bit changes. There is a build of the kernels for it. The flag is an experiment of V8's, so it is believed only after it was compared.
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { makeYield } from '../../base/eventLoop.js';
import { warn } from '../../base/warnings.js';
import { registerBuild, registeredBuild, unregisterBuild } from '../../engine/registeredBuilds.js';
import { wideModule } from './wideKernels.generated.js';
import * as layers from '../../layers/index.js';
import { sequential } from '../../model/sequential.js';

/** Width of the vectors that kernels are compiled to, in bits. */
export type Vectors = 128 | 256;

/** Whether this Node and its processor have them; only a comparison shows whether they are right. */
export function hasWideVectors(): boolean {
  const { variables } = process.config as { variables: Record<string, unknown> };
  return process.arch === 'x64' && variables['v8_enable_wasm_simd256_revec'] === 1 && hasAvx2();
}

/** Where the system does not tell it is taken as true: V8 asks the processor, too, and stays at 128 bits without it. */
function hasAvx2(): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return /^flags\s*:.*\bavx2\b/m.test(readFileSync('/proc/cpuinfo', 'latin1'));
  } catch {
    return true;
  }
}

/**
 * Has V8 compile WebAssembly to vectors of 256 bits where it can: official Node 22 and later on x64 with AVX2. Training is faster
 * and bit-identical. It sets an experimental flag of V8 for the whole process and its workers, and counts for what is compiled
 * afterwards: call it before anything of wasm-cnn. Returns the width from now on; 128 too if a short training
 * on each width ends with different weights, of which it warns.
 */
export async function enableWideVectors(): Promise<Vectors> {
  if (!hasWideVectors()) return 128;
  if (registeredBuild('exact')) return 256;
  const narrow = await trainedWeights();
  setFlagsFromString('--experimental-wasm-revectorize');
  registerBuild({ numerics: 'exact', module: wideModule });
  if ((await trainedWeights()) === narrow) return 256;
  unregisterBuild('exact');
  setFlagsFromString('--no-experimental-wasm-revectorize');
  warn("this Node's vectors of 256 bits compute other bits than those of 128, so they stay off");
  return 128;
}

/** Weights of a network that calls most kernels, on sizes that fill no vector; after so many steps that V8 has optimized what takes the time. */
async function trainedWeights(): Promise<string> {
  const model = sequential({
    inputShape: [9, 11, 3],
    layers: [
      layers.conv2d({ filters: 9, kernelSize: 3, padding: 'same', activation: 'relu' }),
      layers.conv2d({ filters: 11, kernelSize: 3, padding: 'same', useBias: false }),
      layers.batchNormalization(),
      layers.activation({ activation: 'relu' }),
      layers.depthwiseConv2d({ kernelSize: 3, activation: 'relu6' }),
      layers.maxPooling2d(),
      layers.flatten(),
      layers.dense({ units: 5, activation: 'softmax' }),
    ],
  });
  model.compile({
    optimizer: 'adam',
    loss: 'categoricalCrossentropy',
    background: null,
    batchSize: 17,
  });
  const data = Uint8Array.from({ length: 17 * 9 * 11 * 3 }, (_, i) => (i * 167) % 256);
  const labels = Array.from({ length: 17 }, (_, i) => i % 5);
  const pause = makeYield();
  for (let i = 0; i < 60; i++) {
    await model.trainOnBatch({ data, shape: [17, 9, 11, 3] }, labels);
    await pause();
  }
  return model
    .getWeights()
    .map(({ data: values }) => new Uint32Array(values.buffer, values.byteOffset, values.length).join())
    .join();
}
