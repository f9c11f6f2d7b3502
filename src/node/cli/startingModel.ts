// --model of npm run train: a trained model, of any format, whose weights a run starts from.
import { check, WasmCnnError } from '../../base/errors.js';
import { listed } from '../../base/listed.js';
import { formatShape, sameShape, type Shape } from '../../base/shape.js';
import { classifierFor } from '../../data/classifier/facts.js';
import type { ModelConfig } from '../../formats/archive.js';
import { colorModeOf } from '../../images/imageInput.js';
import { loadWeights } from '../../model/loadWeights.js';
import type { Model } from '../../model/model.js';
import { pack } from '../../model/pack.js';
import { buildModel } from '../../model/unpack.js';
import type { OpenDatasetOptions } from '../dataset/openDataset.js';
import { exists } from '../files/files.js';
import { isPretrainedName, pretrainedPath } from '../files/pretrainedSources.js';
import { commandLine } from '../commandLine.js';
import { graphOf, lastCalls } from './fineTune.js';
import type { MakeNetwork } from './networkFile.js';
import { openModel } from './runs.js';

export interface StartingModel {
  /** The file that it is in. */
  readonly path: string;
  /** How many it tells apart; where the data have others, its last layer is a new one. */
  readonly classes: number;
  /** The model's layers and weights for these images and classes. */
  readonly make: MakeNetwork;
  /** The form in which the model takes pictures. */
  readonly pictures: Pick<OpenDatasetOptions, 'imageSize' | 'colorMode' | 'input'>;
}

/** Opens the model file, the run's folder, or what npm run weights has fetched for the network of this name. */
export async function openStartingModel(file: string, architecture?: string): Promise<StartingModel> {
  const { model, path, facts } = await openModel(await fileOf(file), architecture);
  const { inputShape, outputShape } = model;
  const [height = 0, width = 0, channels] = inputShape;
  const [classes = 0] = outputShape;
  check(
    model.topology.inputs.length === 1 && model.topology.outputs.length === 1 && outputShape.length === 1,
    () =>
      `${path} has ${model.topology.inputs.length} inputs and ${model.topology.outputs.length} outputs, the first of ${formatShape(outputShape)}, and one image and a probability for each class are needed to train it on classes`,
  );
  const { input } = classifierFor({ inputShape, classes: Math.max(2, classes) }, facts, path);
  const colorMode = colorModeOf(channels);
  return {
    path,
    classes,
    pictures:
      inputShape.length === 3 && colorMode ? { imageSize: [height, width], colorMode, ...(input && { input }) } : {},
    make: (form) => remade(model, path, form),
  };
}

async function fileOf(file: string): Promise<string> {
  if (!isPretrainedName(file) || (await exists(file))) return file;
  const path = pretrainedPath(file);
  check(
    await exists(path),
    `the weights of ${file} are not on this machine; get them with ${commandLine('weights', file)}`,
  );
  return path;
}

/** The model with its weights, for images of another size and other classes, where there are such. */
function remade(model: Model, path: string, { inputShape, classes, seed }: Parameters<MakeNetwork>[0]): Model {
  const own = model.inputShape;
  const isOwnSize = sameShape(own, inputShape);
  const taken = `${path} takes images ${formatShape(own)}, and these are ${formatShape(inputShape)}`;
  check(
    isOwnSize || (own.length === 3 && inputShape.length === 3 && own[2] === inputShape[2]),
    () => `${taken}; name data of its form with --data`,
  );
  const todo = `name data of its form with --data, or read pictures as such with --image-size ${own[0]}x${own[1]}`;
  const archive = pack(model, { includeOptimizer: false });
  const { config, head } = withClasses(archive.model, classes, path);
  const made = isOwnSize
    ? buildModel({ ...config, seed })
    : resized({ ...config, seed }, inputShape, `${taken}; ${todo}`);
  const { mismatched } = loadWeights(made, archive, { skipMismatch: true, name: path });
  const others = mismatched.filter((layer) => layer !== head);
  check(
    isOwnSize || others.length === 0,
    () => `${taken}; the weights of ${listed(others)} are for that size alone; ${todo}`,
  );
  if (!isOwnSize) console.log(`Note: ${taken}; its weights serve for both`);
  for (const layer of mismatched)
    console.log(
      `Note: ${layer} has first weights of its own, as ${path} tells ${model.outputShape.at(-1)} classes apart`,
    );
  return made;
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

/** Ends in softmax of so many classes. */
function withClasses(given: ModelConfig, classes: number, path: string): { config: ModelConfig; head: string } {
  const graph = graphOf(given);
  const [last, softmax] = lastCalls(graph);
  const { layer: number } = graph.calls[last]!;
  const { name, className, config } = given.layers[number]!;
  const { activation } = config as { activation?: string };
  check(
    className === 'Dense' && (softmax !== undefined || ['softmax', 'linear'].includes(activation!)),
    () =>
      `${path} ends in ${name}, a ${className}, and a dense layer with softmax is needed to train it on classes; give it one, in a file for --network`,
  );
  const changed = { ...config, units: classes, ...(softmax === undefined && { activation: 'softmax' }) };
  const layers = given.layers.map((layer, i) => (i === number ? { ...layer, config: changed } : layer));
  return { config: { ...given, layers }, head: name };
}
