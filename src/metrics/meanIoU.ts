// Intersection over union of masks, averaged over the classes.  https://keras.io/api/metrics/segmentation_metrics/
import { check } from '../base/errors.js';
import { checkNumber } from '../base/options.js';
import { checkWhole, formatBatchShape, sizeOf } from '../base/shape.js';
import { argmax, hasClasses } from './accuracy.js';
import { metricName, register, type Metric, type MetricOptions } from './metric.js';
import { usualThreshold } from './precision.js';

/** Options of {@link meanIoU}. */
export interface MeanIoUOptions extends MetricOptions {
  /** How many classes there are; may be left out, as the output says it: its last axis, or 2 for yes and no. */
  numClasses?: number;
  /** Outputs above it mean yes, where the loss is of yes and no. Default: a probability of ½, which is 0 of logits. */
  threshold?: number;
}

/**
 * Mean, over the classes that are in a target or an output, of what is both of the class and taken for it in what is either.
 *
 * @example
 * ```js
 * import { layers, metrics, sequential } from 'wasm-cnn';
 *
 * const model = sequential({ inputShape: [3], layers: [layers.softmax()] });
 * model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: [metrics.meanIoU()] });
 * const x = { data: Float32Array.of(2, 1, 0, 0, 3, 1), shape: [2, 3] };
 * await model.evaluate(x, [0, 2]); // { meanIoU: 0.333 }
 * ```
 */
export function meanIoU(options: MeanIoUOptions = {}): Metric {
  const name = metricName(options, ['numClasses', 'threshold'], 'meanIoU');
  const { numClasses, threshold } = options;
  if (numClasses !== undefined) checkWhole(numClasses, "meanIoU's numClasses", 2);
  if (threshold !== undefined) checkNumber(threshold, Number.isFinite, "meanIoU's threshold must be a finite number");
  return {
    className: 'MeanIoU',
    name,
    direction: 'max',
    make: meanIoU,
    on(judged) {
      const { shape, loss } = judged;
      const what = `${loss.name} on ${formatBatchShape(shape)}`;
      const ofClasses = hasClasses(judged);
      check(
        ofClasses || loss.targets === 'binary',
        () =>
          `the metric '${name}' compares masks of classes, or of yes and no, and ${what} has none; use meanAbsoluteError`,
      );
      check(
        !ofClasses || threshold === undefined,
        () =>
          `the metric '${name}' has a threshold, and ${what} has classes, of which the largest output is the one; leave it out`,
      );
      const columns = ofClasses ? shape.at(-1)! : 1;
      const classes = ofClasses ? columns : 2;
      check(
        numClasses === undefined || numClasses === classes,
        () => `the metric '${name}' has numClasses ${numClasses}, and ${what} has ${classes}; leave it out`,
      );
      const least = ofClasses ? 0 : (threshold ?? usualThreshold(judged, name));
      const classAt = (values: Float32Array, at: number, yes: number): number =>
        ofClasses ? argmax(values, at, columns) : values[at]! > yes ? 1 : 0;
      const size = sizeOf(shape);
      return {
        // For each class: intersection, predicted, actual.
        size: 3 * classes,
        add(counts, outputs, targets, at) {
          for (let i = at; i < at + size; i += columns) {
            const [taken, is] = [classAt(outputs, i, least), classAt(targets, i, 0.5)];
            if (taken === is) counts[3 * is]!++;
            counts[3 * taken + 1]!++;
            counts[3 * is + 2]!++;
          }
        },
        figures(counts) {
          let [sum, found] = [0, 0];
          for (let c = 0; c < counts.length; c += 3) {
            const union = counts[c + 1]! + counts[c + 2]! - counts[c]!;
            if (union > 0) [sum, found] = [sum + counts[c]! / union, found + 1];
          }
          return [found === 0 ? 0 : sum / found];
        },
      };
    },
    getConfig: () => ({
      ...(numClasses !== undefined && { numClasses }),
      ...(threshold !== undefined && { threshold }),
      name,
    }),
  };
}

register({ meanIoU });
