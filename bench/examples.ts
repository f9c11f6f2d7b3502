// What networks train on in the bench: MNIST, and for those that take color its digits enlarged, in colors on colored ground.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dataset } from '../src/data/dataset.js';
import type { TrainingTask } from './contestant.js';

interface Setup {
  /** Its name in tables. */
  readonly title: string;
  /** [height, width, channels] */
  readonly shape: readonly [number, number, number];
  readonly batchSize: number;
  /** At most that many. */
  readonly count: number;
}

const gray = { shape: [28, 28, 1], batchSize: 128, count: 12_800 } as const;

export const setups = {
  reference: { title: 'reference network', ...gray },
  classic: { title: 'classic network', ...gray },
  strided: { title: 'strided network', ...gray },
  resnet20: { title: 'ResNet-20', shape: [32, 32, 3], batchSize: 128, count: 12_800 },
  mobileNetV2: { title: 'MobileNetV2-0.35', shape: [96, 96, 3], batchSize: 32, count: 1_280 },
} as const satisfies Record<string, Setup>;

/** Names in src/networks. */
export type NetworkName = keyof typeof setups;

const SIDE = 28;

/** Writes whole batches as files of plain bytes. */
export function writeExamples(
  { x, y }: Dataset['train'],
  network: NetworkName,
  folder: string,
  { shape, batchSize, count: most }: Setup = setups[network],
): Pick<TrainingTask, 'network' | 'shape' | 'batchSize' | 'images' | 'labels'> {
  const count = Math.floor(Math.min(most, y.length) / batchSize) * batchSize;
  const [images, labels] = ['images', 'labels'].map((name) => join(folder, `${network}-${count}-${name}`)) as [
    string,
    string,
  ];
  const digits = (x.data as Uint8Array).subarray(0, SIDE * SIDE * count);
  writeFileSync(images, shape[2] === 1 ? digits : colored(digits, count, shape));
  writeFileSync(labels, y.subarray(0, count));
  return { network, shape, batchSize, images, labels };
}

/** [count, height, width, channels] of digits [count, 28, 28], each with two colors of its own. */
export function colored(digits: Uint8Array, count: number, [height, width, channels]: Setup['shape']): Uint8Array {
  const scale = Math.floor(height / SIDE);
  const margin = (height - scale * SIDE) >> 1;
  const images = new Uint8Array(count * height * width * channels);
  let at = 0;
  for (let image = 0; image < count; image++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const [y, x] = [row, column].map((position) => Math.floor((position - margin) / scale)) as [number, number];
        const inside = y >= 0 && y < SIDE && x >= 0 && x < SIDE;
        const ink = inside ? digits[(image * SIDE + y) * SIDE + x]! / 255 : 0;
        for (let channel = 0; channel < channels; channel++) {
          const ground = 20 + ((image * 37 + channel * 71) % 100);
          const color = 150 + ((image * 53 + channel * 29) % 100);
          images[at++] = Math.round(ground + ink * (color - ground));
        }
      }
    }
  }
  return images;
}
