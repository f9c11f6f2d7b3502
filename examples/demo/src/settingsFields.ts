// The fields of a run: epochs, learning rate, seed.
import type { RunSettings } from 'wasm-cnn/recipes';
import { find } from './page/element.js';
import { onNumber } from './page/numberField.js';
import type { Source } from './data/source.js';
import { batchSizeFor, epochsFor } from './training/settings.js';

const epochs = find('epochs', HTMLInputElement);
const learningRate = find('learning-rate', HTMLInputElement);
const seed = find('seed', HTMLInputElement);

export function readSettings(source: Source | null): RunSettings {
  return {
    epochs: epochs.valueAsNumber,
    batchSize: batchSizeFor(source),
    learningRate: learningRate.valueAsNumber,
    seed: seed.valueAsNumber,
    numerics: 'exact',
    earlyStopping: null,
  };
}

export function showSettings(settings: RunSettings): void {
  epochs.value = String(settings.epochs);
  learningRate.value = String(settings.learningRate);
  seed.value = String(settings.seed);
}

/** A small set takes more epochs, unless the person has chosen how many. */
export function suggestEpochs(source: Source): void {
  if (epochs.value === epochs.defaultValue) epochs.value = String(epochsFor(source, epochs.valueAsNumber));
}

/** They are those of the run while it is under way. */
export function lockSettings(locked: boolean): void {
  for (const input of [epochs, learningRate, seed]) input.disabled = locked;
}

/** Another seed or learning rate makes another network. */
export function onSettings(changed: () => void, refused: (sentence: string) => void): void {
  onNumber(epochs, 'epochs', { changed, refused });
  onNumber(learningRate, 'learning rate', { changed, refused });
  onNumber(seed, 'seed', { changed, refused });
}
