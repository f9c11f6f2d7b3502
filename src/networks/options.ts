import { checkOptions } from '../base/options.js';
import type { ModelBytes } from '../formats/modelBytes.js';
import type { Shape } from '../base/shape.js';

export interface NetworkOptions {
  /** [height, width, channels]; each network says its default. */
  readonly inputShape?: Shape;
  /** Default 10, unless the network says another. */
  readonly classes?: number;
  /** Seed for initialization and dropout. Default 0. */
  readonly seed?: number;
}

export const NETWORK_OPTIONS = ['inputShape', 'classes', 'seed'];

/** Images of `usualShape` and 10 classes unless told; throws where an option is not known. `who`: the network, for that error. */
export function withDefaults(
  given: NetworkOptions,
  who: string,
  usualShape: Shape,
): { inputShape: Shape; classes: number; seed: number | undefined } {
  checkOptions(given, NETWORK_OPTIONS, who);
  const { inputShape = usualShape, classes = 10, seed } = given;
  return { inputShape, classes, seed };
}

/** A network that others have trained on ImageNet: images of [224, 224, 3] and 1000 classes by default. */
export interface PretrainableOptions extends NetworkOptions {
  /** Whether the network ends with its classes' probabilities; else it ends with its last feature maps. Default true. */
  readonly includeTop?: boolean;
  /** What a network without a top returns: the mean ('avg') or the maximum ('max') of each feature map. Default null, the maps as they are. */
  readonly pooling?: 'avg' | 'max' | null;
  /**
   * A file of weights: of this network's save(), or made by `npm run weights`. The last layer keeps its first weights where the file's has another
   * number of classes; everything else must fit.
   */
  readonly weights?: ModelBytes;
}
