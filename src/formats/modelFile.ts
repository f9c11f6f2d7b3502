// A model out of a .safetensors file; what it holds stands in writeModelFile.ts. A page that only saves does not load this.
import { check, WasmCnnError } from '../base/errors.js';
import { isRecord } from '../base/options.js';
import type { CallbackState, FitState } from '../training/fitState.js';
import { describing, takeTensor, type CompileConfig, type ModelArchive, type ModelConfig } from './archive.js';
import { checkContents } from './checkContents.js';
import { fromExactJson } from './exactJson.js';
import { readSafetensors } from './safetensors.js';
import { CHAIN_FORMAT, GRAPH_FORMAT } from './writeModelFile.js';
import type { SafetensorsFile } from './writeSafetensors.js';

export { writeModelFile } from './writeModelFile.js';

/** More than toExactJson() nests. Deeper ones would meet the end of the stack, in JSON.stringify() of a sentence for one. */
const DEEPEST = 250;

/** Name of a Float32Array of a callback's state in a file: 'callback:name/key', which no layer's weights can have. */
const CALLBACK = /^callback:([^/]*)\/(.*)$/s;

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

/** The fit state with the tensors of the callbacks' states back in their places. */
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

/** Place of the tensor of this name in a callback's state; null where it has none. */
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
