// npm run evaluate: loss, accuracy, confusion matrix, precision and recall of a trained model on the test images.
import { classFigures, confusionMatrix } from '../../metrics/confusion.js';
import { standardError } from '../../metrics/index.js';
import { drawConfusionMatrix } from '../../plots/confusionMatrix.js';
import { formatCount, formatPercent, formatTable } from '../../base/table.js';
import type { Tensor } from '../../base/tensor.js';
import type { HostOptions } from '../../model/compile.js';
import type { Model } from '../../model/model.js';
import { workers } from '../threads/workers.js';
import {
  cacheOption,
  command,
  modelAsked,
  run,
  threadsOption,
  useVectors,
  vectorsOption,
  withModel,
} from './command.js';
import { besideModel, checkOut, showPicture, type Draw } from './picture.js';
import { withProbabilities } from './probabilities.js';
import { openModel } from './runs.js';
import { openTestData } from './testData.js';

interface EvaluateOptions {
  model?: string;
  architecture?: string;
  data?: string;
  skipBroken?: true;
  out?: string;
  threads: number;
  vectors?: '128' | '256';
}

const program = withModel(
  command('evaluate', 'Tests a trained model: loss, accuracy, confusion matrix, precision and recall of each class.'),
)
  .option(
    '--data <path>',
    "a folder or a file of images with labels, or 'builtin' (default: what the model was trained on)",
  )
  .option('--out <file>', 'the picture (default: confusion-matrix.png beside the model)')
  .option('--skip-broken', 'leave out pictures and rows of a CSV that cannot be read, and list them')
  .addOption(cacheOption())
  .addOption(threadsOption())
  .addOption(vectorsOption());

/** A table of more columns is wider than any terminal. */
const MOST_COLUMNS = 25;
const MOST_MISTAKES = 20;

await run<EvaluateOptions>(program, async (options) => {
  useVectors(options.vectors);
  await checkOut(options.out);
  const how = { workers: workers(options.threads) };
  const given = await openModel(modelAsked(program, options.model), { architecture: options.architecture, ...how });
  const opened = given.model.compiled ? given : withProbabilities(given);
  const { model, path } = opened;
  const {
    dataset: { name, test },
    classNames,
    suffix,
  } = await openTestData(opened, options);
  if (!model.plan) compileToTest(model, path, how);
  const { loss, accuracy } = (await model.evaluate(test.x, test.y)) as { loss: number; accuracy: number };
  console.log(
    `Test: loss ${loss.toFixed(4)}, accuracy ${formatPercent(accuracy)} ± ${formatPercent(standardError(accuracy, test.y.length))} (standard error)\n`,
  );

  const counts = confusionMatrix(test.y, await model.predict(test.x));
  console.log(
    classNames.length <= MOST_COLUMNS
      ? `Confusion matrix: rows are true classes, columns are predicted ones\n${confusionTable(counts, classNames)}\n`
      : mistakesTable(counts, classNames),
  );
  const rows = classFigures(counts).map(({ precision, recall, count }, c) => [
    numbered(classNames)[c]!,
    formatPercent(precision),
    formatPercent(recall),
    formatCount(count),
  ]);
  console.log(formatTable(['Class', 'Precision', 'Recall', 'Images'], rows));

  const out = options.out ?? besideModel(path, `confusion-matrix${suffix}.png`);
  const title = `Confusion matrix on ${name}`;
  const draw: Draw = (create) => drawConfusionMatrix(create, counts, { title, classNames });
  await showPicture({ path: out, isAsked: options.out !== undefined }, draw);
});

/** A model that was saved without its loss, as those of other programs often are. */
function compileToTest(model: Model, path: string, how: HostOptions): void {
  model.compile({ loss: 'categoricalCrossentropy', optimizer: 'sgd', metrics: ['accuracy'], ...how });
  console.log(`Note: ${path} holds no loss; categoricalCrossentropy is taken`);
}

/** Table of the most frequent confusions, in place of the matrix of many classes. */
function mistakesTable({ data }: Tensor, classNames: readonly string[]): string {
  const { length } = classNames;
  const names = numbered(classNames);
  const mistakes = Array.from(data, (count, i) => ({ count, truth: Math.floor(i / length), predicted: i % length }))
    .filter(({ count, truth, predicted }) => count > 0 && truth !== predicted)
    .sort((a, b) => b.count - a.count);
  if (mistakes.length === 0) return 'No image is taken for another class\n';
  const rows = mistakes
    .slice(0, MOST_MISTAKES)
    .map(({ count, truth, predicted }) => [names[truth]!, names[predicted]!, formatCount(count)]);
  const rest = mistakes.length - rows.length;
  return `Most frequent mistakes${rest > 0 ? `, of ${formatCount(mistakes.length)} kinds` : ''}\n${formatTable(['True class', 'Predicted', 'Images'], rows, [0, 1])}\n`;
}

/** '5 Sandal', or '5' where that is its name. */
function numbered(classNames: readonly string[]): string[] {
  return classNames.map((name, c) => (name === String(c) ? name : `${c} ${name}`));
}

function confusionTable({ data }: Tensor, classNames: readonly string[]): string {
  const { length } = classNames;
  const rows = numbered(classNames).map((name, i) => [
    name,
    ...Array.from(data.subarray(i * length, (i + 1) * length), (n) => (n === 0 ? '·' : String(n))),
  ]);
  return formatTable(['', ...classNames.keys()].map(String), rows);
}
