// Heat maps of test images: Grad-CAM where the network has a layer that keeps places apart, else saliency.
import { takeExamples, type Examples } from '../../../data/dataset.js';
import { gradCam, saliency } from '../../../understanding/index.js';
import type { Model } from '../../../model/model.js';
import type { Answer } from './judgment.js';
import { imageOf, imagePng, overlayPng } from './pictures.js';

export interface ExplainedAnswer extends Answer {
  /** Data URIs of the image, and of the image with what speaks for the predicted class. */
  readonly image: string;
  readonly explained: string;
}

export interface Explanations {
  /** Grad-CAM's layer, or null for saliency. */
  readonly layer: string | null;
  readonly answers: readonly ExplainedAnswer[];
}

export async function explain(model: Model, test: Examples, answers: readonly Answer[]): Promise<Explanations> {
  const isSpatial = model.layers.some(
    ({ outputShape: [height = 0, width = 0, ...others] }) => others.length === 1 && height * width > 1,
  );
  let layer: string | null = null;
  const explained: ExplainedAnswer[] = [];
  for (const answer of answers) {
    const { x } = takeExamples(test, Uint32Array.of(answer.example));
    const { heatmap, ...more } = isSpatial ? await gradCam(model, x) : await saliency(model, x);
    if ('layer' in more) ({ layer } = more);
    const image = imageOf(test.x, answer.example);
    const [, rows, columns] = heatmap.shape as [number, number, number];
    explained.push({ ...answer, image: imagePng(image), explained: overlayPng(image, heatmap.data, [rows, columns]) });
  }
  return { layer, answers: explained };
}
