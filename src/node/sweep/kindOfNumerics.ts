// What tells the bits of fused kernels apart, in the identity of a sweep's trials.
import { sha256Of } from '../../base/sha256.js';
import * as layers from '../../layers/index.js';
import { sequential } from '../../model/sequential.js';
import { weightsBytes } from '../../recipes/identity.js';
import type { SweepDefinition } from '../../sweep/plan.js';
import { enableFused } from '../threads/fused.js';

/** Fused kernels have other bits on another kind of processor: what a step of a small network becomes tells which kind this is. */
export async function kindOfNumerics(numerics: SweepDefinition['numerics'] = 'exact'): Promise<string> {
  if (numerics === 'exact') return numerics;
  enableFused();
  const model = sequential({
    inputShape: [8, 8, 3],
    seed: 1,
    layers: [layers.conv2d({ filters: 8, kernelSize: 3 }), layers.flatten(), layers.dense({ units: 2 })],
  });
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', numerics, background: null });
  const data = Float32Array.from({ length: 192 }, (_, i) => (i % 13) / 13);
  const targets = { data: Float32Array.of(0.3, 0.7), shape: [1, 2] };
  await model.trainOnBatch({ data, shape: [1, 8, 8, 3] }, targets);
  return `${numerics} ${(await sha256Of(weightsBytes(model)))!.slice(0, 12)}`;
}
