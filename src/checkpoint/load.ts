// The bytes of a .safetensors file → model. A file holds data only: layers come from an allow-list, nothing is looked up by name or run.
import { check, WasmCnnError } from '../errors.js';
import { deserializeLayer } from '../layers/index.js';
import { sequential, type Sequential } from '../model.js';
import { makeOptimizer } from '../optimizers/index.js';
import { readSafetensors, takeTensor } from '../safetensors.js';
import { FORMAT, type CompileConfig, type ModelConfig } from './save.js';

export interface LoadedModel {
  readonly model: Sequential;
  /** What was given to saveModel, or undefined. */
  readonly facts: unknown;
}

/** The model of a file that saveModel made; compiled, with its optimizer's state, if it was saved so. `who` names the file in errors. */
export function loadModel(bytes: Uint8Array, who = 'the model file'): LoadedModel {
  const file = readSafetensors(bytes, who);
  const format = file.metadata.get('format');
  check(format === FORMAT, () => `${who}: its format is ${JSON.stringify(format)}, this version reads '${FORMAT}'; it was not saved by wasm-cnn`);
  const config = parse(file.metadata.get('model'), 'model', who) as ModelConfig;
  const model = build(config, who);
  check(4 * model.countParams() <= bytes.length, () => `${who}: its description needs ${model.countParams()} parameters, more than its ${bytes.length} bytes hold; it is damaged`);
  model.setWeights(model.parameters.map(({ name, shape }) => ({ data: takeTensor(file, name, shape, who), shape })));
  const compile = file.metadata.get('compile');
  if (compile !== undefined) {
    const { optimizer, loss, metrics, step, batchSize } = parse(compile, 'compile', who) as CompileConfig;
    const slots = describe(who, 'compile', () => {
      model.compile({ optimizer: makeOptimizer(optimizer.className, optimizer.config), loss, metrics, batchSize });
      return new Map([...model.optimizerSlots].map(([slot, values]) => [slot, values.slice()]));
    });
    for (const [slot, values] of slots) {
      for (const parameter of model.parameters) values.set(takeTensor(file, `${parameter.name}/${slot}`, parameter.shape, who), parameter.offset);
    }
    describe(who, 'compile', () => model.restoreOptimizer(step, slots));
  }
  const facts = file.metadata.get('facts');
  return { model, facts: facts === undefined ? undefined : parse(facts, 'facts', who) };
}

function build({ name, inputShape, seed, layers }: ModelConfig, who: string): Sequential {
  return describe(who, 'model', () => {
    check(Array.isArray(inputShape) && Array.isArray(layers), 'inputShape or layers is missing');
    check(layers.every((layer) => typeof layer === 'object' && typeof layer?.config === 'object'), 'a layer is no object with className, name and config');
    return sequential({ name, inputShape, seed, layers: layers.map((layer) => deserializeLayer(layer.className, { ...layer.config, name: layer.name })) });
  });
}

/** Runs `action`; whatever a wrong description makes fail becomes one sentence about the file. */
function describe<T>(who: string, part: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new WasmCnnError(`${who}: its description ('${part}') does not make a model: ${(error as Error).message}`);
  }
}

function parse(text: string | undefined, key: string, who: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    value = undefined;
  }
  check(typeof value === 'object' && value !== null, () => `${who}: its metadata '${key}' is missing or no JSON; it is damaged or was not saved by wasm-cnn`);
  return value;
}
