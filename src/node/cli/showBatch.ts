// What augmentation makes of the images that a run's first step trains on, as a picture.
import { check } from '../../base/errors.js';
import { formatCount } from '../../base/table.js';
import { sizeOf } from '../../base/shape.js';
import type { Tensor } from '../../base/tensor.js';
import type { Model } from '../../model/model.js';
import { drawAugmentedBatch } from '../../plots/augmentedBatch.js';
import { augmentedBatch, augments } from '../../training/augmentedBatch.js';
import { copyExamples, epochOrder } from '../../training/batches.js';
import { askedPicture, showPicture } from './picture.js';
import type { RunData } from './runData.js';

/** Images shown, from the beginning of the batch. */
const SHOWN = 36;

/** Writes a PNG to `folder`: images of the first batch, and what step 1 trains on. */
export async function showBatch(model: Model, { train, facts: { name } }: RunData, folder: string): Promise<void> {
  check(
    augments(model),
    () =>
      `--show-batch shows what augmentation makes of a batch, and the network '${model.name}' has none; give --network a file of one that begins with e.g. a RandomAffine layer`,
  );
  const [count = 0, ...shape] = train.x.shape;
  const { batchSize } = model.plan!;
  const n = Math.min(SHOWN, batchSize, count);
  const order = epochOrder(count, model.seed, 0, true);
  const x = { data: new Uint8Array(n * sizeOf(shape)), shape: [n, ...shape] };
  copyExamples(x.data, train.x.data, sizeOf(shape), order, 0, n);
  const labels = Uint32Array.from(order.subarray(0, n), (example) => train.y[example]!);
  const augmented = augmentedBatch(model, x, labels);
  const title = `${model.name} on ${name}: ${formatCount(n)} of the first batch of ${formatCount(batchSize)}, seed ${model.seed}`;
  const pixels = toBytes(augmented, model.inputScale.raw ? 1 : 255);
  await showPicture(await askedPicture(folder, 'batch', name), (create) =>
    drawAugmentedBatch(create, x, pixels, { title }),
  );
}

function toBytes({ data, shape }: Tensor<Float32Array>, scale: number): Tensor<Uint8Array> {
  return { data: Uint8Array.from(data, (value) => Math.min(Math.max(Math.round(value * scale), 0), 255)), shape };
}
