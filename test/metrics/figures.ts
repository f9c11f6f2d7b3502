// What a metric says of examples, as a session would count them.
import type { Judged, Metric } from '../../src/metrics/index.js';

/** Figures of all examples, whose outputs and targets follow one another. */
export function figuresOf(
  metric: Metric,
  judged: Judged,
  outputs: Float32Array,
  targets: Float32Array,
): readonly number[] {
  const counted = metric.on(judged);
  const size = judged.shape.reduce((a, b) => a * b, 1);
  const count = outputs.length / size;
  if (typeof counted === 'function') {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += counted(outputs, targets, i * size);
    return [sum / count];
  }
  const counts = new Array<number>(counted.size).fill(0);
  for (let i = 0; i < count; i++) counted.add(counts, outputs, targets, i * size);
  return counted.figures(counts);
}
