// The loop: fast-check makes rows of bytes, which become decisions and these networks; each is compared with PyTorch. The first that is not
// the same is made smaller and shown as code.
import fc from 'fast-check';
import { collectGarbage } from '../engine/garbage.js';
import { Decisions } from '../fuzz/decisions.js';
import { compare, type Distances } from './compare.js';
import { asCode, networkOf } from './network.js';
import { PyTorchEnded, type PyTorch } from './pytorch.js';

export interface DifferentialReport {
  readonly networks: number;
  /** Those whose gradients were not compared: every batch had a ReLU or a pool on the edge. */
  readonly onTheEdge: number;
  /** The worst distance as a part of what is allowed. */
  readonly worst: Distances;
  /** How many networks had a layer of each kind. */
  readonly layers: ReadonlyMap<string, number>;
}

/** A network takes some 40 decisions. */
const decisionBytes = fc.uint8Array({ minLength: 128, maxLength: 128 });

/** The same seed makes the same networks. Throws at the first that differs from PyTorch. */
export async function compareNetworks(networks: number, seed: number, pytorch: PyTorch): Promise<DifferentialReport> {
  const worst: Distances = { probabilities: 0, loss: 0, gradients: 0, weights: 0 };
  const layers = new Map<string, number>();
  let [compared, onTheEdge] = [0, 0];
  let ended: PyTorchEnded | null = null;
  const property = fc.asyncProperty(decisionBytes, async (bytes) => {
    if (ended) return;
    const network = networkOf(new Decisions(bytes));
    const comparison = await compare(network, pytorch).catch((error: Error) => {
      error.message += `\n${asCode(network)}`;
      if (!(error instanceof PyTorchEnded)) throw error;
      ended = error;
      return null;
    });
    if (!comparison) return;
    compared++;
    if (comparison.onTheEdge) onTheEdge++;
    for (const key of Object.keys(worst) as (keyof Distances)[])
      worst[key] = Math.max(worst[key], comparison.distances[key]);
    for (const call of new Set(network.layers.map((layer) => layer.call)))
      layers.set(call, (layers.get(call) ?? 0) + 1);
    // Forgotten memories are V8's to free, which it does too late.
    if (compared % 32 === 0) collectGarbage();
  });
  const { failed, errorInstance, numRuns, numShrinks } = await fc.check(property, {
    seed,
    numRuns: networks,
    unbiased: true,
  });
  if (ended) throw ended;
  if (failed)
    throw new Error(
      `seed ${seed}, network ${numRuns}, made smaller ${numShrinks} times: ${(errorInstance as Error).message}`,
    );
  return { networks: compared, onTheEdge, worst, layers };
}
