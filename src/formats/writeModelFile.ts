// A model as a .safetensors file, written; modelFile.ts reads it: weights, optimizer state and counters as tensors and metadata, the architecture as JSON.
// While fit is under way the file is a checkpoint: it holds where fit is, too.
//
//   tensors    conv2d/kernel, conv2d/bias, …          and with the optimizer  conv2d/kernel/m, conv2d/kernel/v, …
//              batchNormalization/movingMean, …  statistics, which have neither
//              callback:earlyStopping/weights, …      Float32Arrays in the state of a callback
//   metadata   format   'wasm-cnn 1', or 'wasm-cnn 2' of a model whose layers are no chain
//              model    { name, inputShape, inputName?, seed, layers: [{ className, name, config }], inputRange: { low, high, mean } }
//                       no chain: { name, inputs: [{ name, shape }], seed, layers, calls: [{ layer, inputs }], outputs: [{ name, tensor }] }
//              compile  { optimizer, loss, metrics: [metric, …], step, batchSize }, each { className, config }     where it was compiled
//              fit      a FitState, its callbacks' states as exactJson.ts writes them             where fit is under way
//              facts    whatever the caller adds, see exactJson.ts
//              checksum see checksum.ts
import { check } from '../base/errors.js';
import type { OwnBytes } from '../base/hostTypes.js';
import { describe, isPlain, kindOf } from '../base/options.js';
import type { FitState } from '../training/fitState.js';
import type { ModelArchive } from './archive.js';
import { CHECKSUM, checksumOf } from './checksum.js';
import { toExactJson } from './exactJson.js';
import { writeSafetensors, type NamedTensor } from './writeSafetensors.js';

/** Format in the metadata; a reader refuses any other. */
export const CHAIN_FORMAT = 'wasm-cnn 1';
export const GRAPH_FORMAT = 'wasm-cnn 2';

/** Moves the Float32Arrays in the callbacks' states to the tensors; what is left is JSON. */
function takeTensors(state: FitState, tensors: Map<string, NamedTensor>): FitState {
  const callbacks = Object.entries(state.callbacks).map(([name, values]) => {
    check(
      isPlain(values),
      () =>
        `the model cannot be saved: the state of the callback '${name}' is ${describe(values)}, a plain object is needed; keep that in one`,
    );
    const isTensor = ([, data]: [string, unknown]): boolean =>
      kindOf(data) === 'Float32Array' && (data as Float32Array).every(Number.isFinite);
    const entries = Object.entries(values);
    for (const [key, data] of entries.filter(isTensor))
      tensors.set(`callback:${name}/${key}`, { shape: [(data as Float32Array).length], data: data as Float32Array });
    return [name, toExactJson(Object.fromEntries(entries.filter((entry) => !isTensor(entry))), `${name}.state`)];
  });
  return { ...state, callbacks: Object.fromEntries(callbacks) };
}

export function writeModelFile({ model, tensors: own, compile, fit, facts }: ModelArchive): OwnBytes {
  const tensors = new Map(own);
  const metadata = new Map([
    ['format', model.calls ? GRAPH_FORMAT : CHAIN_FORMAT],
    ['model', JSON.stringify(model)],
  ]);
  if (compile) metadata.set('compile', JSON.stringify(compile));
  if (fit) metadata.set('fit', JSON.stringify(takeTensors(fit, tensors)));
  if (facts !== undefined) metadata.set('facts', JSON.stringify(toExactJson(facts, 'facts')));
  metadata.set(CHECKSUM, checksumOf({ tensors, metadata }));
  return writeSafetensors({ tensors, metadata });
}
