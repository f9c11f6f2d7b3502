// Which learning rate a run should have, as a sentence and a picture.
import { formatCount, formatRate } from '../../base/table.js';
import type { Model } from '../../model/model.js';
import { findLearningRate } from '../../understanding/index.js';
import { askedPicture, showPicture, type Draw } from './picture.js';
import type { RunData } from './runData.js';

/** Tries rates on the training images, says which is best, and writes a PNG to `folder`. The model stays as it is. */
export async function showLearningRate(
  model: Model,
  { train, facts: { name } }: RunData,
  folder: string,
): Promise<void> {
  const found = await findLearningRate(model, train.x, train.y);
  const { learningRates, suggestion, lowest } = found;
  console.log(
    `Tried ${formatCount(learningRates.length)} learning rates from ${formatRate(learningRates[0]!)} to ${formatRate(learningRates.at(-1)!)} in batches of ${formatCount(model.plan!.batchSize)}`,
  );
  console.log(
    suggestion === null
      ? `The loss falls clearly at none of them: keep the usual learning rate, or look at the data`
      : `The loss falls most steeply at ${formatRate(suggestion)} and is lowest at ${formatRate(lowest)}: try --learning-rate ${formatRate(suggestion)}${lowest / 3 > suggestion ? `, or more up to ${formatRate(lowest / 3)}` : ''}`,
  );
  const title = `Learning rate: ${model.name} on ${name}`;
  const draw: Draw = async (createCanvas) => {
    // With Chart.js, which is not loaded before.
    const { drawLearningRate } = await import('../../plots/learningRate.js');
    return drawLearningRate(createCanvas, found, { title });
  };
  await showPicture(await askedPicture(folder, 'learning-rate', name), draw);
}
