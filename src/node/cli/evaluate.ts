// npm run evaluate: loss, accuracy, confusion matrix, precision and recall of a trained model on the test images.
import { dirname, join } from 'node:path';
import { check } from '../../errors.js';
import { classFigures, confusionMatrix } from '../../metrics/confusion.js';
import { standardError } from '../../metrics/index.js';
import { drawConfusionMatrix } from '../../plots/confusionMatrix.js';
import { formatCount, formatPercent, formatTable } from '../../table.js';
import type { Tensor } from '../../tensor.js';
import { openCanvas } from '../canvas.js';
import { writeFileAtomic } from '../files.js';
import { openDataset } from '../openDataset.js';
import { command, run } from './command.js';
import { openModel } from './runs.js';

interface EvaluateOptions {
  model?: string;
  data?: string;
  out?: string;
}

const program = command('npm run evaluate --', 'Tests a trained model: loss, accuracy, confusion matrix, precision and recall of each class.')
  .option('--model <file>', 'a model.safetensors or the folder it lies in (default: the newest in runs/)')
  .option('--data <folder>', "the four IDX files, gzipped or not; or 'builtin' (default: MNIST_DIR, data/mnist, download)")
  .option('--out <file>', 'the picture (default: confusion-matrix.png beside the model)');

await run<EvaluateOptions>(program, async (options) => {
  const { model, path } = await openModel(options.model);
  check(model.plan !== null, `${path}: the model was saved without its optimizer and loss; train it again, or save it with includeOptimizer`);
  const { name, source, test } = await openDataset({ data: options.data });
  console.log(`Model: ${path}`);
  console.log(`Data: ${source}: ${formatCount(test.y.length)} test images`);
  const { loss, accuracy } = (await model.evaluate(test.x, test.y)) as { loss: number; accuracy: number };
  console.log(`Test: loss ${loss.toFixed(4)}, accuracy ${formatPercent(accuracy)} ± ${formatPercent(standardError(accuracy, test.y.length))} (standard error)\n`);

  const counts = confusionMatrix(test.y, await model.predict(test.x));
  console.log(`Confusion matrix: rows are true classes, columns are predicted ones\n${confusionTable(counts)}\n`);
  const rows = classFigures(counts).map(({ precision, recall, count }, c) => [String(c), formatPercent(precision), formatPercent(recall), formatCount(count)]);
  console.log(formatTable(['Class', 'Precision', 'Recall', 'Images'], rows));

  const { createCanvas, toPng } = await openCanvas();
  const out = options.out ?? join(dirname(path), 'confusion-matrix.png');
  await writeFileAtomic(out, toPng(drawConfusionMatrix(createCanvas, counts, { title: `Confusion matrix on ${name}` })));
  console.log(`Wrote ${out}`);
});

function confusionTable({ data, shape }: Tensor): string {
  const classes = shape[0]!;
  const names = Array.from({ length: classes }, (_, c) => String(c));
  return formatTable(['', ...names], names.map((name, i) => [name, ...Array.from(data.subarray(i * classes, (i + 1) * classes), (n) => (n === 0 ? '·' : String(n)))]));
}
