// Every reader that is fuzzed.
import { graphs } from './graphs.js';
import { gzip } from './gzip.js';
import { idx } from './idx.js';
import { bmp, gif, jpeg, webp } from './images.js';
import { model } from './model.js';
import { png } from './png.js';
import { safetensors } from './safetensors.js';
import type { Target } from './target.js';

export const targets = { idx, gzip, png, jpeg, webp, gif, bmp, safetensors, model, graphs } satisfies Record<
  string,
  Target
>;

export type Reader = keyof typeof targets;
