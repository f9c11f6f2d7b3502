// The sections of a report, each from what it shows.
import { formatCount, formatPercent } from '../../../base/table.js';
import { formatBatchShape } from '../../../base/shape.js';
import type { Tensor } from '../../../base/tensor.js';
import type { AverageFigures, ClassReport } from '../../../metrics/index.js';
import type { Model } from '../../../model/model.js';
import type { EpochRecord } from '../../../recipes/records.js';
import { epochPoints } from '../../../plots/epochPoints.js';
import { plotModel } from '../../../understanding/index.js';
import { commandLine } from '../../commandLine.js';
import { lineChart, reliabilityDiagram, type Series } from './charts.js';
import type { ExplainedAnswer, Explanations } from './explanations.js';
import { facts, Html, html, nothing, table, type Section } from './html.js';
import type { Answer, Calibration } from './judgment.js';
import { filterPng } from './pictures.js';

/** A matrix of more classes is wider than any page; a model of more layers is taller than two. */
const [MOST_COLUMNS, MOST_LAYERS] = [25, 12];
const [MOST_CONFUSIONS, MOST_FILTERS] = [20, 64];
/** The share of a row at which a wrong cell is fully shaded, as in drawConfusionMatrix(). */
const FULL_WRONG_SHARE = 0.1;

export function curvesSection(epochs: readonly EpochRecord[]): Section {
  const isValidated = epochs.some(({ valLoss }) => valLoss !== undefined);
  const series = (training: 'loss' | 'accuracy', validation: 'valLoss' | 'valAccuracy'): Series[] => [
    { name: 'training', points: epochPoints(epochs, training) },
    ...(isValidated ? [{ name: 'validation', points: epochPoints(epochs, validation) }] : []),
  ];
  const rows = epochs.map(({ epoch, loss, accuracy, valLoss, valAccuracy, seconds }) => [
    String(epoch),
    loss.toFixed(4),
    formatPercent(accuracy),
    ...(isValidated ? [valLoss?.toFixed(4) ?? '', valAccuracy === undefined ? '' : formatPercent(valAccuracy)] : []),
    seconds.toFixed(1),
  ]);
  const validationHeads = isValidated ? ['Validation loss', 'Validation accuracy'] : [];
  const heads = ['Epoch', 'Loss', 'Accuracy', ...validationHeads, 'Seconds'];
  const loss = lineChart({
    ...{ title: 'Loss', xTitle: 'epoch', series: series('loss', 'valLoss'), least: 0 },
    format: (value) => String(Number(value.toPrecision(3))),
  });
  const accuracy = lineChart({
    ...{ title: 'Accuracy', xTitle: 'epoch', series: series('accuracy', 'valAccuracy'), most: 1 },
    format: (share) => `${Number((100 * share).toFixed(2))} %`,
  });
  return {
    id: 'curves',
    title: 'Curves',
    content: html`<p class="quiet">
        The training's figures are means over steps in which the weights change and dropout is
        on${isValidated ? "; the validation's are from its end" : ''}.
      </p>
      <div class="pair">
        <figure>${loss}</figure>
        <figure>${accuracy}</figure>
      </div>
      <details>
        <summary>All figures</summary>
        ${table(
          'Figures of each epoch',
          heads.map((head) => ({ head })),
          rows,
        )}
      </details> `,
  };
}

export function confusionSection(counts: Tensor<Int32Array>, classNames: readonly string[]): Section {
  const { length } = classNames;
  const at = (truth: number, predicted: number): number => counts.data[truth * length + predicted]!;
  const confusions = Array.from(counts.data, (count, i) => ({
    count,
    truth: Math.floor(i / length),
    predicted: i % length,
  }))
    .filter(({ count, truth, predicted }) => count > 0 && truth !== predicted)
    .sort((a, b) => b.count - a.count);
  const rows = confusions
    .slice(0, MOST_CONFUSIONS)
    .map(({ truth, predicted, count }) => [classNames[truth]!, classNames[predicted]!, formatCount(count)]);
  const frequent = table(
    confusions.length > rows.length
      ? `The ${rows.length} most frequent of ${formatCount(confusions.length)} kinds of mistakes`
      : 'Mistakes by their kind',
    [{ head: 'True class', text: true }, { head: 'Predicted', text: true }, { head: 'Images' }],
    rows,
  );
  const none = html`<p>No image is taken for another class.</p>`;
  if (length > MOST_COLUMNS)
    return { id: 'confusion', title: 'Confusion', content: confusions.length === 0 ? none : frequent };
  const cell = (truth: number, predicted: number): Html => {
    const count = at(truth, predicted);
    if (count === 0) return html`<td class="none">·</td>`;
    const total = classNames.reduce((sum, _, i) => sum + at(truth, i), 0);
    const share = count / total;
    const hit = truth === predicted;
    const shade = Math.round(100 * (hit ? share : Math.sqrt(Math.min(1, share / FULL_WRONG_SHARE))));
    return html`<td class="${hit ? 'right' : 'wrong'}${shade > 55 ? ' deep' : ''}" style="--share:${shade}%">
      ${formatCount(count)}
    </td>`;
  };
  const matrix = html`<p class="quiet">Right answers are blue, wrong ones orange, in full at 10 % of the row.</p>
    <div class="scroll" role="region" tabindex="0" aria-label="Confusion matrix">
      <table class="matrix">
        <caption>
          True classes in rows, predicted ones in columns
        </caption>
        <thead>
          <tr>
            <th scope="col" class="text">True class</th>
            ${classNames.map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${classNames.map(
            (name, truth) =>
              html`<tr>
                <th scope="row" class="text">${name}</th>
                ${classNames.map((_, predicted) => cell(truth, predicted))}
              </tr> `,
          )}
        </tbody>
      </table>
    </div> `;
  const list =
    confusions.length === 0
      ? none
      : html`<details>
          <summary>Mistakes by their kind</summary>
          ${frequent}
        </details> `;
  return { id: 'confusion', title: 'Confusion matrix', content: html`${matrix}${list}` };
}

export function classesSection(report: ClassReport): Section {
  const row = (name: string, { precision, recall, f1Score }: AverageFigures, count: number): readonly string[] => [
    name,
    ...[precision, recall, f1Score].map((share) => formatPercent(share)),
    formatCount(count),
  ];
  const columns = [{ head: 'Class', text: true }, ...['Precision', 'Recall', 'F1', 'Images'].map((head) => ({ head }))];
  const rows = [
    ...report.classes.map((each) => row(each.name, each, each.count)),
    row('Mean over classes', report.macro, report.count),
    row('Weighted mean', report.weighted, report.count),
  ];
  return {
    id: 'classes',
    title: 'Classes',
    content: html`<p class="quiet">
        Precision: of the images recognized as this class, the share that truly are. Recall: of the images of this
        class, the share that is recognized. F1: their harmonic mean.
      </p>
      ${table('Each class of the test images', columns, rows)}`,
  };
}

export function calibrationSection({ bins, error, confidence, accuracy }: Calibration): Section {
  const range = (i: number): string => `${formatPercent(i / bins.length)} to ${formatPercent((i + 1) / bins.length)}`;
  const rows = bins.flatMap(({ count, confidence: mean, accuracy: right }, i) =>
    count === 0 ? [] : [[range(i), formatCount(count), formatPercent(mean), formatPercent(right)]],
  );
  const told = `Reliability diagram: expected calibration error ${formatPercent(error)}, mean confidence ${formatPercent(confidence)}, accuracy ${formatPercent(accuracy)}`;
  const surer = confidence > accuracy ? 'surer than it is right' : 'less sure than it is right';
  return {
    id: 'calibration',
    title: 'Calibration',
    content: html`<div class="pair">
      <figure>${reliabilityDiagram(bins, told)}</figure>
      <div>
        <p>
          Of all answers of which the model is, say, 80 % sure, 80 % should be right: the bars should reach the dotted
          line. Dashed outlines show what is missing, or too much; pale bars stand for fewer than 20 images.
        </p>
        <p>
          The expected calibration error is <strong>${formatPercent(error)}</strong>: the mean distance, by the number
          of images, in ${bins.length} equal parts. On average the model is ${formatPercent(confidence)} sure and
          ${formatPercent(accuracy)} right, so it is ${surer}.
        </p>
        <details>
          <summary>All parts</summary>
          ${table(
            'Answers by confidence',
            [{ head: 'Confidence', text: true }, { head: 'Images' }, { head: 'Mean confidence' }, { head: 'Right' }],
            rows,
          )}
        </details>
      </div>
    </div> `,
  };
}

/** Above a row of cards: what is laid over the images. */
function key(layer: string | null): Html {
  return layer === null
    ? html`The second picture shows its saliency: orange are the pixels that move the predicted class' score most.`
    : html`The second picture shows Grad-CAM of layer <code>${layer}</code>: orange is where the network saw signs of
        the predicted class.`;
}

function cards(answers: readonly ExplainedAnswer[], classNames: readonly string[]): Html {
  return html`<div class="cards">
    ${answers.map(({ name, truth, predicted, confidence, chance, loss, image, explained }) => {
      const [own, other] = [classNames[truth]!, classNames[predicted]!];
      const wrong = truth !== predicted;
      const title = wrong ? `${own} taken for ${other}` : own;
      const alt = `${name} of class ${own}${wrong ? `, taken for ${other}` : ', recognized'}`;
      return html`<figure>
        <div class="images">
          <img src="${image}" alt="${alt}" /><img src="${explained}" alt="The same with what speaks for ${other}" />
        </div>
        <figcaption>
          <strong>${title}</strong>${formatPercent(confidence)}
          sure${wrong ? html`, true class ${formatPercent(chance)}` : nothing}<br />loss ${loss.toFixed(2)}, ${name}
        </figcaption>
      </figure> `;
    })}
  </div> `;
}

export function mistakesSection(
  { layer, answers }: Explanations,
  all: readonly Answer[],
  classNames: readonly string[],
): Section {
  const shown = answers.length < all.length ? `the ${answers.length} with the highest loss` : 'all of them';
  return {
    id: 'mistakes',
    title: 'Mistakes',
    content:
      all.length === 0
        ? html`<p>Every test image is recognized.</p>`
        : html`<p>
              ${formatCount(all.length)} test ${all.length === 1 ? 'image is' : 'images are'} taken for another class;
              here ${all.length === 1 ? 'it is' : shown}, the worst first. ${key(layer)}
            </p>
            ${cards(answers, classNames)}`,
  };
}

export function recognizedSection({ layer, answers }: Explanations, classNames: readonly string[]): Section {
  return {
    id: 'recognized',
    title: 'Recognized',
    content: html`<p>The first test image of each class that is recognized. ${key(layer)}</p>
      ${cards(answers, classNames)}`,
  };
}

/** Null where the first layer with weights is no convolution of more than one pixel. */
export function filtersSection(model: Model): Section | null {
  const layer = model.layers.find(({ parameters }) => parameters.some(({ role }) => role === 'weight'));
  const kernel = layer?.parameters[0];
  const [height = 0, width = 0, channels = 0, filters = 0] = kernel?.shape ?? [];
  if (!layer || !kernel || layer.layer.className !== 'Conv2D' || height * width < 2) return null;
  const weights = model.getWeights()[model.parameters.findIndex(({ name }) => name === kernel.name)]!;
  const shown = Math.min(filters, MOST_FILTERS);
  const colors =
    channels === 3
      ? 'in the colors of their three channels'
      : channels === 1
        ? 'in gray'
        : `as the mean over their ${channels} channels`;
  return {
    id: 'filters',
    title: 'Filters',
    content: html`<p>
        ${shown < filters ? `The first ${shown} of ${formatCount(filters)}` : `The ${filters}`} filters of
        <code>${layer.name}</code>, ${height} × ${width} pixels, ${colors}: middle gray is 0, white the largest weight
        above it and black the largest below.
      </p>
      <ul class="filters">
        ${Array.from(
          { length: shown },
          (_, i) => html`<li><img src="${filterPng(weights, i)}" alt="Filter ${i}" /><span>${i}</span></li> `,
        )}
      </ul> `,
  };
}

export function modelSection(model: Model): Section {
  const rows = model.layers.map(({ name, layer, outputShape, parameters }) => [
    name,
    layer.className,
    formatBatchShape(outputShape),
    formatCount(parameters.reduce((sum, { size }) => sum + size, 0)),
  ]);
  const columns = [
    { head: 'Layer', text: true },
    { head: 'Kind', text: true },
    { head: 'Output', text: true },
    { head: 'Parameters' },
  ];
  const layers = table(`Layers of ${model.name}`, columns, rows);
  // plotModel escapes what it writes.
  const drawing = html`<div class="model" role="region" tabindex="0" aria-label="Drawing of the model">
    ${new Html(plotModel(model, { showShapes: true, showLayerNames: true, showLayerActivations: true }))}
  </div> `;
  const isLong = rows.length > MOST_LAYERS;
  return {
    id: 'model',
    title: 'Model',
    content: html`<details${isLong ? nothing : html` open`}><summary>Drawing</summary>${drawing}</details>
<details${isLong ? nothing : html` open`}><summary>Layers</summary>${layers}</details>
`,
  };
}

export interface ReportedData {
  /** Name and images of each part, by class. */
  readonly parts: Readonly<Record<string, readonly number[]>>;
  readonly pixels: string;
  readonly warnings: readonly string[];
}

export function dataSection(
  name: string,
  { parts, pixels, warnings }: ReportedData,
  classNames: readonly string[],
): Section {
  const counts = Object.values(parts);
  const sum = (values: readonly number[]): string => formatCount(values.reduce((a, b) => a + b, 0));
  const rows = [
    ...classNames.map((each, i) => [each, ...counts.map((values) => formatCount(values[i]!))]),
    ['All', ...counts.map(sum)],
  ];
  const columns = [{ head: 'Class', text: true }, ...Object.keys(parts).map((part) => ({ head: part }))];
  const odd =
    warnings.length === 0
      ? nothing
      : html`<ul>
          ${warnings.map((warning) => html`<li>${warning}</li>`)}
        </ul> `;
  return {
    id: 'data',
    title: 'Data',
    content: html`<p><strong>${name}</strong>: ${pixels}.</p>
      ${odd}${table('Images of each class', columns, rows)}`,
  };
}

export function settingsSection(
  settings: readonly (readonly [string, string])[],
  hashes: readonly (readonly [string, string])[],
): Section {
  return {
    id: 'settings',
    title: 'Settings and hashes',
    content: html`${settings.length > 0 ? facts('Settings of the run', settings) : nothing}${facts(
        'SHA-256',
        hashes.map(([name, hash]) => [name, html`<code>${hash}</code>`]),
      )}
      <p class="quiet">
        The same data, settings and seed give the same weights on every machine:
        <code>${commandLine('verify', 'RUN')}</code> trains the run again and compares.
      </p> `,
  };
}
