// What a network must fit: the shape of the images, and how many classes there are.
import type { Model } from 'wasm-cnn';

export interface Form {
  readonly inputShape: readonly [height: number, width: number, channels: number];
  readonly classes: number;
}

/** The built-in digits and MNIST. */
export const digitsForm: Form = { inputShape: [28, 28, 1], classes: 10 };

/** The form that a model of images and classes takes and gives. */
export function formOfModel({ inputShape, outputShape }: Model): Form {
  return { inputShape: inputShape as unknown as Form['inputShape'], classes: outputShape[0]! };
}

export function isSameForm(a: Form, b: Form): boolean {
  return a.inputShape.join() === b.inputShape.join() && a.classes === b.classes;
}

/** '28 × 28 gray pixels' */
export function formatImages([height, width, channels]: Form['inputShape']): string {
  const kind: Record<number, string> = { 1: 'gray', 3: 'color', 4: 'transparent color' };
  return `${height} × ${width} ${kind[channels] ?? `${channels}-channel`} pixels`;
}
