// --model of npm run train: a trained model, of any format, whose weights a run starts from.
import { check } from '../../base/errors.js';
import { formatShape, sameShape } from '../../base/shape.js';
import { classifierIn } from '../../data/classifier/facts.js';
import type { ModelConfig } from '../../formats/archive.js';
import { colorModeOf } from '../../images/imageInput.js';
import { loadWeights } from '../../model/loadWeights.js';
import { pack } from '../../model/pack.js';
import { buildModel } from '../../model/unpack.js';
import type { OpenDatasetOptions } from '../dataset/openDataset.js';
import type { MakeNetwork } from './networkFile.js';
import { openModel } from './runs.js';

export interface StartingModel {
  /** The file that it is in. */
  readonly path: string;
  /** The model's layers and weights for these images and classes; the last layer is a new one where there are others. */
  readonly make: MakeNetwork;
  /** The form in which the model takes pictures. */
  readonly pictures: Pick<OpenDatasetOptions, 'imageSize' | 'colorMode'>;
}

/** Opens the model file, or the run's folder. */
export async function openStartingModel(file: string, architecture?: string): Promise<StartingModel> {
  const { model, path, facts } = await openModel(file, architecture);
  const [height = 0, width = 0, channels] = model.inputShape;
  const colorMode = colorModeOf(channels);
  classifierIn(facts, path);
  return {
    path,
    pictures: model.inputShape.length === 3 && colorMode ? { imageSize: [height, width], colorMode } : {},
    make({ inputShape, classes, seed }) {
      check(
        sameShape(model.inputShape, inputShape),
        () =>
          `${path} takes images ${formatShape(model.inputShape)}, and these are ${formatShape(inputShape)}; name data of its form with --data`,
      );
      const archive = pack(model, { includeOptimizer: false });
      const made = buildModel({ ...withClasses(archive.model, classes, path), seed });
      const { mismatched } = loadWeights(made, archive, { skipMismatch: true, name: path });
      for (const layer of mismatched)
        console.log(
          `Note: ${layer} has first weights of its own, as ${path} tells ${model.outputShape.at(-1)} classes apart`,
        );
      return made;
    },
  };
}

/** Ends in softmax of so many classes. */
function withClasses(config: ModelConfig, classes: number, path: string): ModelConfig {
  const layers = config.layers.map((layer) => ({ ...layer, config: { ...layer.config } as Record<string, unknown> }));
  const isSoftmax = ({ className, config: { activation } }: (typeof layers)[number]): boolean =>
    className === 'Softmax' || (className === 'Activation' && activation === 'softmax');
  const ends = layers.filter((layer) => !isSoftmax(layer));
  const head = ends.at(-1);
  check(
    config.calls === undefined || config.outputs!.length === 1,
    () => `${path} has several outputs, and one is needed to train it on classes`,
  );
  check(
    head?.className === 'Dense' &&
      (ends.length < layers.length || ['softmax', 'linear'].includes(head.config['activation'] as string)),
    () =>
      `${path} ends in ${head ? `${head.name}, a ${head.className}` : 'softmax alone'}, and a dense layer with softmax is needed to train it on classes; give it one, in a file for --network`,
  );
  head.config['units'] = classes;
  if (ends.length === layers.length) head.config['activation'] = 'softmax';
  return { ...config, layers };
}
