// Plain data, as a file holds it → model. Layers come from an allow-list, nothing is looked up by name or run.
import { check } from '../base/errors.js';
import { isRecord } from '../base/options.js';
import { describing, takeTensor, type CompileConfig, type ModelArchive, type ModelConfig } from '../formats/archive.js';
import { weightsOf } from '../graph/variable.js';
import { checkWeights } from '../graph/weights.js';
import { checkWhole } from '../base/shape.js';
import { deserializeLayer } from '../layers/deserialize.js';
import { deserializeLoss } from '../losses/deserialize.js';
import type { SavedLoss } from '../losses/index.js';
import { deserializeMetric } from '../metrics/deserialize.js';
import type { SavedMetric } from '../metrics/index.js';
import { deserializeOptimizer } from '../optimizers/index.js';
import { checkFitState } from '../training/fitState.js';
import { resumption } from '../training/resume.js';
import type { CompileOptions, HostOptions } from './compile.js';
import { checkLayers, connectBranches, type MakeLayer } from './connect.js';
import { input, model as functional } from './functional.js';
import type { Model } from './model.js';
import { restoreOptimizer } from './restoreOptimizer.js';
import { sequential } from './sequential.js';

/** The model that the archive describes, with its weights; compiled, with its optimizer's state, if it was. `who` names it in errors. */
export function unpack(archive: ModelArchive, who: string, run: HostOptions): Model {
  const { model: config, tensors, compile, fit } = archive;
  const model = describing(who, 'model', () => buildModel(config));
  describing(who, 'model', () => model.inputScale.restore(config.inputRange));
  model.wasm = run.wasm;
  model.predictsWith = { workers: run.background ? undefined : run.workers, numerics: run.numerics };
  if (run.background !== undefined) model.background = run.background;
  const held = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
  check(
    model.countParams() <= held,
    () => `${who}: its description needs ${model.countParams()} parameters, its tensors hold ${held}; it is damaged`,
  );
  const weights = model.parameters.map(({ name, shape }) => ({ data: takeTensor(archive, name, shape, who), shape }));
  checkWeights(weights, model.parameters, who);
  model.setWeights(weights);
  if (compile !== undefined) {
    const slots = describing(who, 'compile', () => {
      model.compile({ ...compileOptions(compile), ...run });
      return model.optimizerSlots;
    });
    for (const [slot, values] of slots) {
      for (const { name, shape, offset } of weightsOf(model.parameters))
        values.set(takeTensor(archive, `${name}/${slot}`, shape, who), offset);
    }
    describing(who, 'compile', () => {
      restoreOptimizer(model, compile.step, slots);
      model.epochsBegun = checkWhole(compile.epochs ?? 0, 'epochs', 0);
    });
    if (fit !== undefined) {
      describing(who, 'fit', () => checkFitState(fit, model.training()));
      model.fitState = () => fit;
      model.resume = resumption;
    }
  }
  checkNothingElse(archive, model, who);
  return model;
}

function compileOptions({ optimizer, loss, lossWeights, metrics, batchSize }: CompileConfig): CompileOptions {
  check(isRecord(optimizer) && isRecord(optimizer.config), 'optimizer is no object with className and config');
  check(Array.isArray(metrics), 'metrics is no list');
  const made = { optimizer: deserializeOptimizer(optimizer.className, optimizer.config), batchSize };
  if (!Array.isArray(loss)) {
    const own = (metrics as readonly SavedMetric[]).map(deserializeMetric);
    return { ...made, loss: deserializeLoss(loss as SavedLoss), metrics: own };
  }
  return {
    ...made,
    loss: (loss as (SavedLoss | null)[]).map((each) => each && deserializeLoss(each)),
    ...(lossWeights && { lossWeights }),
    metrics: metrics.map((each) => (Array.isArray(each) ? each.map(deserializeMetric) : [])),
  };
}

/** Builds the model with its initial weights, not compiled; the config may be anything. */
export function buildModel(config: ModelConfig): Model {
  checkLayers(config);
  return config.calls === undefined ? buildChain(config) : buildBranches(config);
}

const makeLayer: MakeLayer = ({ className, name, config }) => deserializeLayer(className, { ...config, name });

function buildChain({ name, inputShape, inputName, seed, layers }: ModelConfig): Model {
  check(Array.isArray(inputShape), 'inputShape is missing');
  const model = sequential({ name, seed, ...(inputName === undefined && { inputShape }) });
  if (inputName !== undefined) model.add(input({ shape: inputShape, name: inputName }));
  // One by one, so that too many end at the first that is too much.
  for (const layer of layers) model.add(makeLayer(layer));
  return model;
}

function buildBranches(config: ModelConfig): Model {
  const { name, seed, calls } = config;
  const model = functional({ name, ...connectBranches(config, makeLayer), seed });
  check(model.topology.calls.length === calls!.length, 'a call is needed for no output');
  return model;
}

/** A tensor without a place belongs to another model, or to something that is lost. */
function checkNothingElse({ tensors }: ModelArchive, model: Model, who: string): void {
  const slots = [...model.optimizerSlots.keys()].map((slot) => `/${slot}`);
  const known = new Set(
    model.parameters.flatMap(({ name, role }) => ['', ...(role === 'weight' ? slots : [])].map((slot) => name + slot)),
  );
  for (const name of tensors.keys()) {
    check(
      known.has(name),
      () => `${who}: the tensor '${name}' belongs to nothing in its description; it is a file of another model`,
    );
  }
}
