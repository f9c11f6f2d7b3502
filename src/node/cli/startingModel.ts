// --model of npm run train: a trained model, of any format, whose weights a run starts from.
import { check, WasmCnnError } from '../../base/errors.js';
import { unknown } from '../../base/nearest.js';
import { listed } from '../../base/listed.js';
import { formatShape, sameShape, type Shape } from '../../base/shape.js';
import { classifierFor } from '../../data/classifier/facts.js';
import type { ModelConfig } from '../../formats/archive.js';
import { colorModeOf } from '../../images/imageInput.js';
import { loadWeights } from '../../model/loadWeights.js';
import type { Model } from '../../model/model.js';
import { modelConfigOf, pack } from '../../model/pack.js';
import { buildModel } from '../../model/unpack.js';
import type { OpenDatasetOptions } from '../dataset/openDataset.js';
import { exists } from '../files/files.js';
import { isPretrainedName, pretrainedPath, sources } from '../files/pretrainedSources.js';
import { commandLine } from '../commandLine.js';
import { graphOf, lastLayersOf, withSoftmax } from './fineTune.js';
import type { MakeNetwork } from './networkFile.js';
import { openModel } from './runs.js';

type ImageSize = readonly [height: number, width: number];

export interface StartingModel {
  /** The file that it is in. */
  readonly path: string;
  /** How many it tells apart; where the data have another number, its last layer is a new one. */
  readonly classes: number;
  /** What they are called, where its file says so. */
  readonly classNames: readonly string[] | null;
  /** Whether its last layer can be kept: one that returns probabilities or logits. */
  readonly keepsLast: boolean;
  /** The model's layers and weights for these images and classes. */
  readonly make: MakeNetwork;
  /** The form in which the model takes pictures. */
  readonly pictures: Pick<OpenDatasetOptions, 'imageSize' | 'colorMode' | 'input'>;
}

/** Opens the model file, the run's folder, or what npm run weights has fetched for the network of this name. */
export async function openStartingModel(
  file: string,
  {
    architecture,
    imageSize = null,
  }: { architecture?: string | undefined; imageSize?: ImageSize | null | undefined } = {},
): Promise<StartingModel> {
  const { model, path, facts } = await openModel(await fileOf(file), { architecture, openSize: imageSize });
  const { inputShape, outputShape } = model;
  const [height = 0, width = 0, channels] = inputShape;
  const [classes = 0] = outputShape;
  check(
    model.topology.inputs.length === 1 && model.topology.outputs.length === 1 && outputShape.length === 1,
    () =>
      `${path} has ${model.topology.inputs.length} inputs and ${model.topology.outputs.length} outputs, the first of ${formatShape(outputShape)}, and one image and a probability for each class are needed to train it on classes`,
  );
  const { input, classNames } = classifierFor({ inputShape, classes: Math.max(2, classes) }, facts, path);
  const colorMode = colorModeOf(channels);
  return {
    ...{ path, classes, classNames },
    keepsLast: keeps(lastLayersOf(graphOf(modelConfigOf(model))).activation),
    pictures:
      inputShape.length === 3 && colorMode ? { imageSize: [height, width], colorMode, ...(input && { input }) } : {},
    make: (form) => remade(model, path, form),
  };
}

async function fileOf(file: string): Promise<string> {
  if (await exists(file)) return file;
  const isPath = /[./\\]/.test(file) || file === '';
  check(
    isPath || isPretrainedName(file),
    () =>
      `there is no file ${unknown(file, Object.keys(sources))}; ${commandLine('weights')} fetches ${Object.keys(sources).join(' and ')}, and other networks come as files (docs/formats.md)`,
  );
  if (!isPretrainedName(file)) return file;
  for (const type of ['float32', 'float16'] as const) {
    const path = pretrainedPath(file, type);
    if (await exists(path)) return path;
  }
  check(false, `the weights of ${file} are not on this machine; get them with ${commandLine('weights', file)}`);
}

const keeps = (activation: string): boolean => ['softmax', 'linear'].includes(activation);

/** Notes that the last layer is kept although the classes it has learned have other names. */
export function sayOtherClasses({ path, classNames: own }: StartingModel, classNames: readonly string[]): void {
  const areNumbers = classNames.every((name, i) => name === String(i));
  if (!own || areNumbers || own.every((name, i) => name === classNames[i])) return;
  console.log(
    `Note: ${path} tells ${listed(own, 4)} apart, and these are ${listed(classNames, 4)}: its last layer keeps what it has learned; --head-epochs 20 replaces it by a new one`,
  );
}

/** The model with its weights, for images of another size and other classes, where there are such. */
function remade(
  model: Model,
  path: string,
  { inputShape, classes, seed, isLastNew }: Parameters<MakeNetwork>[0],
): Model {
  const own = model.inputShape;
  const isOwnSize = sameShape(own, inputShape);
  const taken = `${path} takes images ${formatShape(own)}, and these are ${formatShape(inputShape)}`;
  check(
    isOwnSize || (own.length === 3 && inputShape.length === 3 && own[2] === inputShape[2]),
    () => `${taken}; name data of its form with --data`,
  );
  const todo = `name data of its form with --data, or read pictures as such with --image-size ${own[0]}x${own[1]}`;
  const archive = pack(model, { includeOptimizer: false });
  const { config, head, activation } = withClasses(archive.model, classes, path);
  const made = isOwnSize
    ? buildModel({ ...config, seed })
    : resized({ ...config, seed }, inputShape, `${taken}; ${todo}`);
  // Layers have the names that they had.
  const { mismatched } = loadWeights(made, archive, { byName: true, skipMismatch: true, name: path });
  const others = mismatched.filter((layer) => layer !== head);
  const why = mismatched.includes(head)
    ? `${path} ${model.outputShape[0] === 1 ? 'tells yes from no' : `tells ${model.outputShape[0]} classes apart`}`
    : !keeps(activation)
      ? `that of ${path} ends in ${activation}, which gives no probabilities of classes`
      : isLastNew
        ? '--head-epochs asks for it'
        : null;
  if (why !== null) renew(made, head);
  check(
    isOwnSize || others.length === 0,
    () => `${taken}; the weights of ${listed(others)} are for that size alone; ${todo}`,
  );
  if (!isOwnSize) console.log(`Note: ${taken}; its weights serve for both`);
  if (why !== null) console.log(`Note: the layer ${head} starts with new weights, as ${why}`);
  return made;
}

/** Gives the layer the first weights that it has in a model of this seed. */
function renew(model: Model, layer: string): void {
  const fresh = buildModel(modelConfigOf(model)).getWeights();
  model.setWeights(
    model.getWeights().map((tensor, i) => (model.parameters[i]!.name.startsWith(`${layer}/`) ? fresh[i]! : tensor)),
  );
}

function resized(config: ModelConfig, shape: Shape, sentence: string): Model {
  const inputs = config.inputs?.map((input) => ({ ...input, shape }));
  try {
    return buildModel({ ...config, ...(inputs ? { inputs } : { inputShape: shape }) });
  } catch (error) {
    const { message } = error as Error;
    throw new WasmCnnError(`${sentence} (${message})`, { cause: error });
  }
}

/** Ends in softmax of so many classes. `activation`: what it ended in. */
function withClasses(
  given: ModelConfig,
  classes: number,
  path: string,
): { config: ModelConfig; head: string; activation: string } {
  const graph = graphOf(given);
  const { calls, layers: last, activation, activated } = lastLayersOf(graph);
  const { className = 'nothing', name = path } = last[0] ?? {};
  const count = { Dense: 'units', Conv2D: 'filters' }[className];
  check(
    count !== undefined,
    () =>
      `${path} ends in ${name}, a ${className}, and a last layer is needed that gives a number for each class, a dense one or a convolution, to train it on classes; put one behind it in an .mjs file, for --network`,
  );
  const config = last[0]!.config as Readonly<Record<string, unknown>>;
  const own = config[count];
  const isAlone = last.length === 1;
  const layers = [...given.layers];
  for (const [i, layer] of last.entries()) {
    const options = layer.config as { readonly targetShape?: readonly number[] };
    const { targetShape } = options;
    const changed = {
      ...(i === 0 && { [count]: classes }),
      ...(targetShape && { targetShape: targetShape.map((size) => (size === own ? classes : size)) }),
      ...(isAlone && { activation: 'softmax' }),
      ...(!isAlone && i === activated && !keeps(activation) && i === 0 && { activation: 'linear' }),
    };
    const isOff = !isAlone && i === activated && !keeps(activation) && i > 0;
    layers[graph.calls[calls[i]!]!.layer] = isOff
      ? { className: 'Activation', name: layer.name, config: { activation: 'linear' } }
      : { ...layer, config: { ...options, ...changed } };
  }
  const made = { ...given, layers };
  return { config: isAlone || activation === 'softmax' ? made : withSoftmax(made), head: name, activation };
}
