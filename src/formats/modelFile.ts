// A model as a .safetensors file: weights, optimizer state and counters as tensors and metadata, the architecture as JSON.
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
import { check, WasmCnnError } from '../base/errors.js';
import type { OwnBytes } from '../base/hostTypes.js';
import { describe, isPlain, isRecord, kindOf } from '../base/options.js';
import type { CallbackState, FitState } from '../training/fitState.js';
import { describing, takeTensor, type CompileConfig, type ModelArchive, type ModelConfig } from './archive.js';
import { CHECKSUM, checksumOf } from './checksum.js';
import { fromExactJson, toExactJson } from './exactJson.js';
import { readSafetensors, writeSafetensors, type NamedTensor, type SafetensorsFile } from './safetensors.js';

/** In the metadata; a reader of another one refuses. */
const CHAIN_FORMAT = 'wasm-cnn 1';
const GRAPH_FORMAT = 'wasm-cnn 2';

/** More than toExactJson() nests. Deeper ones would meet the end of the stack, in JSON.stringify() of a sentence for one. */
const DEEPEST = 250;

/** In a file, a Float32Array of a callback's state: 'callback:name/key', which no layer's weights can be called. */
const CALLBACK = /^callback:([^/]*)\/(.*)$/s;

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

/** Throws one sentence where the bytes are no such file; what its descriptions say is not looked at. */
export function readModelFile(bytes: Uint8Array, who: string): ModelArchive {
  const file = readSafetensors(bytes, who);
  checkContents(file, who);
  const format = file.metadata.get('format');
  check(
    format === CHAIN_FORMAT || format === GRAPH_FORMAT,
    () =>
      `${who}: its format is ${JSON.stringify(format)}, this version reads '${CHAIN_FORMAT}' and '${GRAPH_FORMAT}'; it was not saved by wasm-cnn`,
  );
  const model = parse(file.metadata.get('model'), 'model', who) as ModelConfig;
  const [compile, fit, facts] = ['compile', 'fit', 'facts'].map((key) => file.metadata.get(key));
  const state = fit === undefined ? undefined : fitState(parse(fit, 'fit', who), file, who);
  return {
    model,
    tensors: new Map([...file.tensors].filter(([name]) => !state || placeOf(name, state) === null)),
    compile: compile === undefined ? undefined : (parse(compile, 'compile', who) as CompileConfig),
    fit: state,
    facts: facts === undefined ? undefined : factsOf(facts, who),
  };
}

function factsOf(text: string, who: string): unknown {
  const written = parseJson(text, 'facts', who);
  return describing(who, 'facts', () => fromExactJson(written));
}

/** A file that another tool wrote may have no checksum, and is taken as it is. */
export function checkContents(file: SafetensorsFile, who: string): void {
  const saved = file.metadata.get(CHECKSUM);
  if (saved === undefined) return;
  const now = checksumOf(file);
  check(
    saved === now,
    () =>
      `${who}: its contents are not those that were saved (checksum ${saved}, now ${now}); it is damaged, take an earlier file; or, if a program changed it on purpose, have that program leave the metadata '${CHECKSUM}' out`,
  );
}

/** With the tensors of the callbacks' states back in their places. */
function fitState(saved: object, file: SafetensorsFile, who: string): FitState {
  const { callbacks } = saved as { callbacks: unknown };
  const state = describing(who, 'fit', () => {
    check(isRecord(callbacks), 'callbacks must hold an object each');
    const states = Object.entries(callbacks).map(([name, values]) => [name, fromExactJson(values)]);
    check(
      states.every(([, values]) => isRecord(values)),
      'callbacks must hold an object each',
    );
    return { ...saved, callbacks: Object.fromEntries(states) } as FitState;
  });
  for (const [name, { shape }] of file.tensors) {
    const place = placeOf(name, state);
    if (place)
      Object.defineProperty(place.values, place.key, {
        value: takeTensor(file, name, shape, who),
        enumerable: true,
        writable: true,
        configurable: true,
      });
  }
  return state;
}

/** Where the tensor called so belongs in a callback's state; null where it does not. */
function placeOf(tensor: string, { callbacks }: FitState): { values: CallbackState; key: string } | null {
  const [, name, key] = CALLBACK.exec(tensor) ?? [];
  return name !== undefined && Object.hasOwn(callbacks, name) ? { values: callbacks[name]!, key: key! } : null;
}

function parse(text: string | undefined, key: string, who: string): object {
  const value = parseJson(text ?? '', key, who);
  check(typeof value === 'object' && value !== null, () => missing(key, who));
  check(
    isShallow(value, DEEPEST),
    () => `${who}: its metadata '${key}' is nested more than ${DEEPEST} deep; it was not saved by wasm-cnn`,
  );
  return value;
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.keys(value).every((key) => isShallow(value[key as never], levels - 1));
}

function parseJson(text: string, key: string, who: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new WasmCnnError(missing(key, who));
  }
}

function missing(key: string, who: string): string {
  return `${who}: its metadata '${key}' is missing or no JSON; it is damaged or was not saved by wasm-cnn`;
}
