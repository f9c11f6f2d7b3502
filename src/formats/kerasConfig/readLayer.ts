// One layer of a file → the layer of ours, or several in a row. Throws NoCounterpart.
import { LAYERS, readOptions } from './layers.js';
import { isNothing, noCounterpart, numbersOf, type Json } from './json.js';
import type { OurLayer, Reading } from './values.js';

/** They change training alone; what is left out of them is noted. */
const LEFT_OUT =
  /^(GaussianDropout|AlphaDropout|ActivityRegularization|AutoContrast|Equalization|Solarization|CutMix|MixUp|AugMix|RandAugment|Random\w+)$/;

/** None where the layer is left out. */
export function readLayer(className: string, given: Json, reading: Reading): readonly OurLayer[] {
  const { name, notes, after } = reading;
  const made = (kind: string, config: Json, own = name): OurLayer => ({ className: kind, name: own, config });
  if (className === 'Identity') return [];
  if (className === 'Flatten' && given.data_format === 'channels_first')
    return [made('Permute', { dims: [2, 3, 1] }, `${name}.permute`), made('Flatten', {})];
  if (className === 'Rescaling') {
    const perChannel = rescalingOfChannels(given);
    if (perChannel) return [made('Normalization', perChannel)];
  }
  if (className === 'Normalization' && !isNothing(given.mean)) return [normalizationOf(given, made)];
  const isKnown = Object.hasOwn(LAYERS, className);
  // A Dropout with it leaves out whole branches, as in EfficientNet.
  const isOfBranches = className === 'Dropout' && !isNothing(given.noise_shape);
  if (isOfBranches || (LEFT_OUT.test(className) && className !== 'RandomCrop')) {
    try {
      if (isKnown) return [made(className, readOptions(className, given, reading))];
    } catch {
      // What it cannot do here is left out like those that there are not.
    }
    notes.add(`${name} (${className}) is left out; it changes training alone`);
    return [];
  }
  if (!isKnown) return noCounterpart('');
  const config = readOptions(className, given, reading);
  const layer = made(className, { ...config, ...(given.trainable === false && { trainable: false }) });
  // Nothing but what follows it.
  if (className === 'Activation' && config.activation === 'linear' && after.length > 0)
    return after.map((each, i) => (i === after.length - 1 ? { ...each, name } : each));
  return [layer, ...after];
}

/** (x - mean) / √variance for x · scale + offset with a number for each channel. */
function rescalingOfChannels({ scale, offset = 0 }: Json): Json | undefined {
  const [scales, offsets] = [numbersOf(scale), numbersOf(offset)];
  const channels = Math.max(scales?.length ?? 0, offsets?.length ?? 0);
  if (!scales || !offsets || channels <= 1) return undefined;
  if ([scales, offsets].some(({ length }) => length !== 1 && length !== channels) || scales.some((each) => !(each > 0)))
    return noCounterpart('scale and offset');
  const at = (list: readonly number[], c: number): number => list[list.length === 1 ? 0 : c]!;
  const each = Array.from({ length: channels }, (_, c) => [at(scales, c), at(offsets, c)] as const);
  return { mean: each.map(([factor, sum]) => -sum / factor), variance: each.map(([factor]) => 1 / (factor * factor)) };
}

/** One whose mean and variance stand in the file's description; its weights hold none. */
function normalizationOf(given: Json, made: (kind: string, config: Json) => OurLayer): OurLayer {
  const [mean, variance] = [numbersOf(given.mean), numbersOf(given.variance)];
  if (given.invert === true) return noCounterpart('invert');
  if (!mean || !variance || mean.length !== variance.length) return noCounterpart('mean and variance');
  if (mean.length > 1) return made('Normalization', { mean, variance });
  const deviation = Math.max(Math.sqrt(variance[0]!), 1e-7);
  return made('Rescaling', { scale: 1 / deviation, offset: -mean[0]! / deviation });
}
