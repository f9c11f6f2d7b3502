// --network: one of the networks here, or a file that describes one: JSON with its layers, or an ES module with a function that makes it.
import { basename, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvalidArgumentError } from 'commander';
import { check, WasmCnnError } from '../../base/errors.js';
import { describe, isRecord } from '../../base/options.js';
import { formatShape, sameShape, type Shape } from '../../base/shape.js';
import { decodeUtf8 } from '../../base/decodeUtf8.js';
import type { ModelConfig } from '../../formats/archive.js';
import { loadModel } from '../../model/load.js';
import { Model } from '../../model/model.js';
import { buildModel } from '../../model/unpack.js';
import { networks } from '../../networks/index.js';
import { codeOf, readBytes } from '../files/files.js';
import { TFJS_FILE } from '../files/foreignModel.js';

/** What the data and the options of a run ask of its network. */
export interface NetworkForm {
  /** Shape of one image. */
  readonly inputShape: Shape;
  readonly classes: number;
  readonly seed: number;
  /** Whether a trained model gets a new last layer in any case. */
  readonly isLastNew?: boolean;
}

export type MakeNetwork = (form: NetworkForm) => Model | Promise<Model>;

const FILE = /\.(json|m?js)$/i;
/** Word in place of a number of units or filters. */
const CLASSES = 'classes';
const EXAMPLE = `[{ "className": "Flatten" }, { "className": "Dense", "config": { "units": "${CLASSES}", "activation": "softmax" } }]`;

export const networkNames = Object.keys(networks);

/** For commander: a network's name, or a file's path. */
export function networkOption(text: string): string {
  if (!Object.hasOwn(networks, text) && !FILE.test(text))
    throw new InvalidArgumentError(
      `It must be ${networkNames.join(', ')}, or a .json, .mjs or .js file that describes one.`,
    );
  return text;
}

/** Whether it is such a file, and no model, as the model.json of TensorFlow.js is. */
export function isDescription(path: string): boolean {
  return FILE.test(path) && basename(path) !== TFJS_FILE;
}

export function isNetworkFile(network: string): boolean {
  return !Object.hasOwn(networks, network);
}

/** Reads the file, where it is one; what it makes fits the form that it is given. */
export async function openNetwork(network: string): Promise<MakeNetwork> {
  if (!isNetworkFile(network))
    return ({ inputShape, classes, seed }) => networks[network as keyof typeof networks]({ inputShape, classes, seed });
  const make = /\.json$/i.test(network) ? await readDescription(network) : await importMaker(network);
  return async (form) => {
    try {
      const model = await make(form);
      checkForm(model, form);
      return model;
    } catch (error) {
      if (error instanceof WasmCnnError) throw new WasmCnnError(`${network}: ${error.message}`, { cause: error });
      throw error;
    }
  };
}

async function readDescription(path: string): Promise<MakeNetwork> {
  const text = decodeUtf8(await readBytes(path));
  check(text !== null, `${path}: is no text in UTF-8; save it as such`);
  let described: unknown;
  try {
    described = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new WasmCnnError(`${path}: is no JSON (${(error as Error).message}); write the layers as ${EXAMPLE}`);
  }
  const given = Array.isArray(described) ? { layers: described } : described;
  check(
    isRecord(given) && Array.isArray(given['layers']),
    () =>
      `${path}: has no layers${isRecord(given) && 'class_name' in given ? ', it is a model of Keras' : ''}; write them as ${EXAMPLE}`,
  );
  checkKeys(given, ['name', 'inputShape', 'inputs', 'seed', 'layers', 'calls', 'outputs', 'inputRange'], path);
  for (const [i, layer] of given['layers'].entries()) {
    check(
      isRecord(layer) && typeof layer['className'] === 'string' && isRecord(layer['config'] ?? {}),
      () => `${path}: layer ${i + 1} is no object with className and config; write it as { "className": "Flatten" }`,
    );
    checkKeys(
      layer,
      ['className', 'name', 'config'],
      `${path}: layer ${i + 1}`,
      '; options of a layer stand in its config',
    );
  }
  const description = given as unknown as ModelConfig;
  const name = typeof description.name === 'string' ? description.name : basename(path, extname(path));
  return (form) => buildModel(completed({ ...description, name }, form));
}

function checkKeys(
  described: Readonly<Record<string, unknown>>,
  known: readonly string[],
  who: string,
  where = '',
): void {
  const unknown = Object.keys(described).find((key) => !known.includes(key));
  check(unknown === undefined, () => `${who} has ${unknown}, and may have ${known.join(', ')}${where}`);
}

/** The description completed from the data: the shape of the images, the number of classes, and the seed of the run. */
function completed(description: ModelConfig, { inputShape, classes, seed }: NetworkForm): ModelConfig {
  const { layers, inputShape: own, inputs } = description;
  const shapes = [own, ...(Array.isArray(inputs) ? inputs.map((input) => input?.shape) : [])];
  for (const shape of shapes)
    check(
      shape === undefined || (Array.isArray(shape) && sameShape(shape, inputShape)),
      () =>
        `its input shape is ${JSON.stringify(shape)}, and the images are ${formatShape(inputShape)}; leave it out, or choose data of its form`,
    );
  const filled = (config: object = {}): object =>
    Object.fromEntries(Object.entries(config).map(([key, value]) => [key, value === CLASSES ? classes : value]));
  return {
    ...description,
    seed,
    layers: layers.map((layer) => ({ ...layer, config: filled(layer.config) })),
    ...(Array.isArray(inputs) ? { inputs: inputs.map((input) => ({ ...input, shape: inputShape })) } : { inputShape }),
  };
}

async function importMaker(path: string): Promise<MakeNetwork> {
  await readBytes(path);
  let module: { default?: unknown };
  try {
    module = await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    const todo =
      codeOf(error) === 'ERR_MODULE_NOT_FOUND'
        ? 'what it imports must be found from its own folder: put it into this project, or install wasm-cnn beside it'
        : 'it must be an ES module, ending in .mjs or in a package of "type": "module"';
    throw new WasmCnnError(`${path}: cannot be loaded (${firstLine(error)}); ${todo}`, { cause: error });
  }
  const make = module.default;
  check(
    typeof make === 'function',
    () =>
      `${path}: its default export must be a function that makes a model, ({ inputShape, classes, seed }) => sequential({ … }), got ${describe(make)}`,
  );
  return async (form) => {
    const made: unknown = await called(make as (form: NetworkForm) => unknown, form);
    if (made instanceof Model) return made;
    check(
      isRecord(made) && typeof made['save'] === 'function',
      () => `its function must return a model, as sequential() or model() of wasm-cnn make it, got ${describe(made)}`,
    );
    // Made by another copy of wasm-cnn.
    return loadModel((made as unknown as Model).save({ includeOptimizer: false })).model;
  };
}

async function called(make: (form: NetworkForm) => unknown, form: NetworkForm): Promise<unknown> {
  try {
    return await make({ ...form, inputShape: [...form.inputShape] });
  } catch (error) {
    // Another copy's is no WasmCnnError of this one.
    throw new WasmCnnError(`its function fails: ${firstLine(error)}`, { cause: error });
  }
}

function checkForm(model: Model, { inputShape, classes, seed }: NetworkForm): void {
  const { inputs, layers, calls, outputs } = model.topology;
  check(
    inputs.length === 1 && outputs.length === 1,
    () => `its network has ${inputs.length} inputs and ${outputs.length} outputs, and one each is needed`,
  );
  check(
    sameShape(model.inputShape, inputShape),
    () =>
      `its network takes ${formatShape(model.inputShape)}, and the images are ${formatShape(inputShape)}; give it the inputShape that it is called with`,
  );
  check(
    sameShape(model.outputShape, [classes]),
    () =>
      `its network gives ${formatShape(model.outputShape)}, and the data have ${classes} classes; end it with as many units: "units": "${CLASSES}" in JSON, units: classes in a module`,
  );
  // The commands train by categoricalCrossentropy, which takes probabilities.
  const { layer, name } = layers[calls[outputs[0]!.tensor - inputs.length]!.layer]!;
  const { activation } = layer.getConfig();
  check(
    typeof activation !== 'string' || activation === 'softmax',
    () =>
      `its network ends in ${name}, of which the activation is ${activation}, and probabilities of the classes are needed; end it with softmax: "activation": "softmax" in JSON, activation: 'softmax' in a module`,
  );
  check(
    model.seed === seed,
    () => `its network has the seed ${model.seed}, and the run's is ${seed}; give it the seed that it is called with`,
  );
}

function firstLine(error: unknown): string {
  return String((error as Error | null)?.message ?? error).split('\n', 1)[0]!;
}
