// The bytes of a .safetensors file → model. A file holds data only: layers come from an allow-list, nothing is looked up by name or run.
import { checkHost, type HostOptions } from '../model/compile.js';
import { check, WasmCnnError } from '../base/errors.js';
import { checkFitState, type CallbackState, type FitState } from '../training/fitState.js';
import { deserializeLayer } from '../layers/deserialize.js';
import type { Layer, SymbolicTensor } from '../layers/layer.js';
import { input, model as functional } from '../model/functional.js';
import { MOST_LAYERS, type Model } from '../model/model.js';
import { sequential } from '../model/sequential.js';
import { checkOptions, isRecord } from '../base/options.js';
import { deserializeLoss, type SavedLoss } from '../losses/index.js';
import { deserializeMetric, type SavedMetric } from '../metrics/index.js';
import { logNames } from '../training/trainer.js';
import { makeOptimizer } from '../optimizers/index.js';
import { readSafetensors, takeTensor, type SafetensorsFile } from './safetensors.js';
import { CHECKSUM, checksumOf } from './checksum.js';
import { fromExactJson } from './exactJson.js';
import { bytesOfLater, isLater, modelBytes, type LaterBytes, type ModelBytes } from './modelBytes.js';
import { CALLBACK, CHAIN_FORMAT, GRAPH_FORMAT, type CompileConfig, type ModelConfig } from './save.js';

/** How the model is to run, which a file cannot know: as compile() takes it. */
export interface LoadOptions extends HostOptions {
  /** What errors call the file; default 'the model file'. */
  readonly name?: string;
}

/** More than toExactJson() nests. Deeper ones would meet the end of the stack, in JSON.stringify() of a sentence for one. */
const DEEPEST = 250;

export interface LoadedModel {
  readonly model: Model;
  /** What was given to saveModel, or undefined. */
  readonly facts: unknown;
}

/**
 * The model of a file that model.save() made; compiled, with its optimizer's state, if it was saved so. A file that was saved while fit
 * was under way is a checkpoint: fit(x, y, { resume: true }) goes on from there. Of bytes the model comes at once; of a Response, a Blob
 * or a File, whose bytes come later, it is to be awaited.
 */
export function loadModel(given: ModelBytes, options?: LoadOptions): LoadedModel;
export function loadModel(given: LaterBytes, options?: LoadOptions): Promise<LoadedModel>;
export function loadModel(
  given: ModelBytes | LaterBytes,
  options: LoadOptions = {},
): LoadedModel | Promise<LoadedModel> {
  checkOptions(options, ['name', 'workers', 'numerics', 'background', 'wasm'], 'loadModel');
  checkHost(options, 'loadModel');
  const { name: who = 'the model file' } = options;
  return isLater(given)
    ? bytesOfLater(given, who).then((bytes) => modelOf(modelBytes(bytes, who), who, options))
    : modelOf(modelBytes(given, who), who, options);
}

function modelOf(bytes: Uint8Array, who: string, { name: _, ...run }: LoadOptions): LoadedModel {
  const file = readSafetensors(bytes, who);
  checkContents(file, who);
  const format = file.metadata.get('format');
  check(
    format === CHAIN_FORMAT || format === GRAPH_FORMAT,
    () =>
      `${who}: its format is ${JSON.stringify(format)}, this version reads '${CHAIN_FORMAT}' and '${GRAPH_FORMAT}'; it was not saved by wasm-cnn`,
  );
  const config = parse(file.metadata.get('model'), 'model', who) as ModelConfig;
  const model = build(config, who);
  describe(who, 'model', () => model.inputScale.restore(config.inputRange));
  model.wasm = run.wasm;
  if (run.background !== undefined) model.background = run.background;
  check(
    4 * model.countParams() <= bytes.length,
    () =>
      `${who}: its description needs ${model.countParams()} parameters, more than its ${bytes.length} bytes hold; it is damaged`,
  );
  model.setWeights(model.parameters.map(({ name, shape }) => ({ data: takeTensor(file, name, shape, who), shape })));
  const compile = file.metadata.get('compile');
  if (compile !== undefined) {
    const { optimizer, loss, lossWeights, metrics, step, batchSize } = parse(compile, 'compile', who) as CompileConfig;
    const slots = describe(who, 'compile', () => {
      check(isRecord(optimizer) && isRecord(optimizer.config), 'optimizer is no object with className and config');
      check(Array.isArray(metrics), 'metrics is no list');
      model.compile({
        optimizer: makeOptimizer(optimizer.className, optimizer.config),
        ...(Array.isArray(loss)
          ? {
              loss: (loss as (SavedLoss | null)[]).map((each) => each && deserializeLoss(each)),
              ...(lossWeights && { lossWeights }),
              metrics: metrics.map((each) => (Array.isArray(each) ? each.map(deserializeMetric) : [])),
            }
          : {
              loss: deserializeLoss(loss as SavedLoss),
              metrics: (metrics as readonly SavedMetric[]).map(deserializeMetric),
            }),
        batchSize,
        ...run,
      });
      return model.optimizerSlots;
    });
    for (const [slot, values] of slots) {
      for (const { name, shape, offset } of model.parameters.filter(({ role }) => role === 'weight'))
        values.set(takeTensor(file, `${name}/${slot}`, shape, who), offset);
    }
    describe(who, 'compile', () => model.restoreOptimizer(step, slots));
    const fit = file.metadata.get('fit');
    if (fit !== undefined) {
      const state = fitState(parse(fit, 'fit', who), file, model, who);
      model.fitState = () => state;
    }
  }
  checkNothingElse(file, model, who);
  const facts = file.metadata.get('facts');
  if (facts === undefined) return { model, facts };
  const written = parseJson(facts, 'facts', who);
  return { model, facts: describe(who, 'facts', () => fromExactJson(written)) };
}

/** A file that another tool wrote may have no checksum, and is taken as it is. */
function checkContents(file: SafetensorsFile, who: string): void {
  const saved = file.metadata.get(CHECKSUM);
  if (saved === undefined) return;
  const now = checksumOf(file);
  check(
    saved === now,
    () =>
      `${who}: its contents are not those that were saved (checksum ${saved}, now ${now}); it is damaged, take an earlier file; or, if a program changed it on purpose, have that program leave the metadata '${CHECKSUM}' out`,
  );
}

function build(config: ModelConfig, who: string): Model {
  return describe(who, 'model', () => {
    const { layers } = config;
    check(Array.isArray(layers), 'layers are missing');
    check(
      layers.every((layer) => typeof layer === 'object' && typeof layer?.config === 'object'),
      'a layer is no object with className, name and config',
    );
    return config.calls === undefined ? buildChain(config) : buildBranches(config);
  });
}

function makeLayer({ className, name, config }: ModelConfig['layers'][number]): Layer {
  return deserializeLayer(className, { ...config, name });
}

function buildChain({ name, inputShape, seed, layers }: ModelConfig): Model {
  check(Array.isArray(inputShape), 'inputShape is missing');
  const model = sequential({ name, inputShape, seed });
  // One by one, so that too many end at the first that is too much.
  for (const layer of layers) model.add(makeLayer(layer));
  return model;
}

function buildBranches({ name, inputs, seed, layers, calls, outputs }: ModelConfig): Model {
  check(
    [inputs, calls, outputs].every((list) => Array.isArray(list) && list.every(isRecord)),
    'inputs, calls or outputs are missing',
  );
  check(calls!.length <= MOST_LAYERS, `a model has at most ${MOST_LAYERS} calls of layers`);
  const tensors: SymbolicTensor[] = inputs!.map((each) => input({ shape: each.shape, name: each.name }));
  const made = layers.map(makeLayer);
  const used = new Set<number>();
  for (const [i, call] of calls!.entries()) {
    const { [call.layer]: layer } = made;
    check(layer !== undefined && Array.isArray(call.inputs), `call ${i} is of no layer, or has no inputs`);
    const given = call.inputs.map((number) => tensors[number]);
    check(
      given.length > 0 && given.every((tensor) => tensor !== undefined),
      `call ${i} takes what no input and no call before it makes: a graph has no cycle`,
    );
    tensors.push(layer.apply(given as SymbolicTensor[]));
    used.add(call.layer);
  }
  check(used.size === layers.length, 'a layer is never called');
  const ends = outputs!.map(({ tensor }) => tensors[tensor]!);
  check(ends.every(Boolean), 'an output is made by no input and no call');
  const model = functional({ name, inputs: tensors.slice(0, inputs!.length), outputs: ends, seed });
  check(model.topology.calls.length === calls!.length, 'a call is needed for no output');
  return model;
}

/** With the tensors of the callbacks' states back in their places. */
function fitState(saved: object, file: SafetensorsFile, { compiled }: Model, who: string): FitState {
  const state = describe(who, 'fit', () => {
    checkFitState(saved, logNames(compiled!));
    const callbacks = Object.entries(saved.callbacks).map(([name, values]) => [name, fromExactJson(values)]);
    check(
      callbacks.every(([, values]) => isRecord(values)),
      'callbacks must hold an object each',
    );
    return { ...saved, callbacks: Object.fromEntries(callbacks) as FitState['callbacks'] };
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

/** Runs `action`; whatever a wrong description makes fail becomes one sentence about the file. */
function describe<T>(who: string, part: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { message, cause } = error as Error;
    throw new WasmCnnError(`${who}: its description ('${part}') does not make a model: ${message}`, { cause });
  }
}

/** A tensor without a place belongs to another model, or to something that is lost. */
function checkNothingElse({ tensors }: SafetensorsFile, model: Model, who: string): void {
  const slots = [...model.optimizerSlots.keys()].map((slot) => `/${slot}`);
  const known = new Set(
    model.parameters.flatMap(({ name, role }) => ['', ...(role === 'weight' ? slots : [])].map((slot) => name + slot)),
  );
  const state = model.fitState?.();
  for (const name of tensors.keys()) {
    check(
      known.has(name) || (state !== undefined && placeOf(name, state) !== null),
      () => `${who}: the tensor '${name}' belongs to nothing in its description; it is a file of another model`,
    );
  }
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
