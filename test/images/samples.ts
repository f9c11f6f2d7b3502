// Small pictures of every kind, with the pixels that Pillow finds in them (recordSamples.py).
import { readFileSync } from 'node:fs';

export interface Sample {
  readonly file: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly pixels: Uint8Array;
}

type Recorded = Record<string, { [K in keyof Sample]: Sample[K] extends Uint8Array ? string : Sample[K] }>;

const recorded = JSON.parse(
  readFileSync(new URL('../../../test/images/samples.json', import.meta.url), 'utf8'),
) as Recorded;
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

export const samples: ReadonlyMap<string, Sample> = new Map(
  Object.entries(recorded).map(([name, { file, pixels, ...rest }]) => [
    name,
    { file: bytesOf(file), pixels: bytesOf(pixels), ...rest },
  ]),
);
