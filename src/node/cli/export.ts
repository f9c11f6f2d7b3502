// npm run export: a trained model as the files of another program, with smaller weights where asked.
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Option } from 'commander';
import { check } from '../../base/errors.js';
import { listed } from '../../base/listed.js';
import { formatPercent, formatTable } from '../../base/table.js';
import type { Examples } from '../../data/dataset.js';
import { argmax } from '../../metrics/index.js';
import type { Model } from '../../model/model.js';
import type { ClassifierFacts } from '../../images/classifierFacts.js';
import { classifierIn } from '../../data/classifier/facts.js';
import { exporterOf, exporters, type ExportedFiles, type ExportFormat } from '../files/exportModel.js';
import { withFileErrors, writeFileAtomic } from '../files/files.js';
import {
  architectureOption,
  cacheOption,
  checkNew,
  command,
  MODEL_HELP,
  run,
  useVectors,
  vectorsOption,
} from './command.js';
import { besideModel } from './picture.js';
import { openModel } from './runs.js';
import { openTestData } from './testData.js';

interface ExportOptions {
  to: ExportFormat;
  model?: string;
  architecture?: string;
  weights?: string;
  out?: string;
  data?: string;
  vectors?: '128' | '256';
}

const smaller = [...new Set(Object.values(exporters).flatMap(({ weights }): readonly string[] => weights))];

const program = command('export', 'Writes a trained model as a file of Keras, TensorFlow.js, ONNX or PyTorch.')
  .usage('[model] --to <format> [options]')
  .argument('[model]', MODEL_HELP)
  .addOption(
    new Option(
      '--to <format>',
      Object.entries(exporters)
        .map(([name, { summary }]) => `${name}: ${summary}`)
        .join('; '),
    )
      .choices(Object.keys(exporters))
      .makeOptionMandatory(),
  )
  .option('--out <path>', 'the file, or for tfjs and pytorch the folder (default: beside the model)')
  .addOption(
    new Option(
      '--weights <type>',
      'store weights in fewer bits, and test the model before and after (default: float32, which loses nothing)',
    ).choices(smaller),
  )
  .option('--data <path>', 'what to test smaller weights on (default: what the model was trained on)')
  .addOption(architectureOption())
  .addOption(cacheOption())
  .addOption(vectorsOption());

await run<ExportOptions>(
  program,
  async ({ to, weights, out: asked, data, architecture, vectors }) => {
    const exporter = exporterOf(to);
    check(asked !== '', '--out is empty; name a file, or leave it out for one beside the model');
    check(
      weights === undefined || exporter.weights.includes(weights),
      () =>
        `--weights is ${weights}, and ${to} has ${exporter.weights.length > 0 ? exporter.weights.join(', ') : 'float32 alone'}; ${exporter.weights.length > 0 ? 'take one of them' : 'leave it out'}`,
    );
    check(
      data === undefined || weights !== undefined,
      '--data is what smaller weights are tested on, and has no effect without --weights; leave it out',
    );
    useVectors(vectors);
    const opened = await openModel(program.args[0], { architecture });
    const { model, path, facts } = opened;
    const out = asked ?? besideModel(path, exporter.name);
    // What could be wrong with the data is told before anything is written.
    const test = weights === undefined ? null : (await openTestData(opened, { data })).dataset.test;
    const whole = await exporter.write(model, 'float32', facts);
    const files = weights === undefined ? whole : await exporter.write(model, weights, facts);
    const isFolder = files.size > 1;
    const written = new Map([...files].map(([name, content]) => [isFolder ? join(out, name) : out, content]));
    check(
      [out, ...written.keys()].every((file) => resolve(file) !== resolve(path)),
      `${out} is the model that is read; name another place with --out`,
    );
    for (const file of written.keys()) await checkNew(file);
    if (isFolder) await withFileErrors('write', out, () => mkdir(out, { recursive: true }));
    try {
      for (const [file, content] of written) await writeFileAtomic(file, content);
    } catch (error) {
      // A part of a model is none, and would be in the way of the next try.
      for (const file of written.keys()) await rm(file, { force: true });
      throw error;
    }
    if (!test) console.log(`Model: ${path}`);
    for (const [file, content] of written) console.log(`Wrote ${file} (${formatBytes(content.length)})`);
    const unsaid = exporter.keepsFacts ? [] : readingOf(classifierIn(facts, path));
    if (unsaid.length > 0) console.log(`Note: ${out} does not say ${unsaid.join(', nor ')}`);
    if (!test) return;

    const again = await exporter.again!(model, files);
    const rows = [
      ['float32', formatBytes(bytesOf(whole)), formatPercent(await accuracyOn(test, model))],
      [weights!, formatBytes(bytesOf(files)), formatPercent(await accuracyOn(test, again))],
    ];
    console.log(formatTable(['Weights', 'Size', 'Accuracy'], rows));
  },
  'files',
);

/** What a file of another program has no place for: how pictures are read, and what classes are called. */
function readingOf({ input, pictures, classNames }: ClassifierFacts): readonly string[] {
  const ways = { stretch: 'stretched', crop: 'cut to its proportions', pad: 'laid on a background' };
  return [
    ...(pictures === 'prepareDigit' ? ['that drawings of digits are prepared as those of MNIST'] : []),
    ...(input && pictures !== 'prepareDigit'
      ? [
          `how pictures are read: ${input.imageSize.join(' × ')} pixels, ${input.colorMode}, ${input.interpolation}${input.antialias ? '' : ' without antialias'}, ${ways[input.aspectRatio]}`,
        ]
      : []),
    ...(classNames?.some((name, i) => name !== String(i))
      ? [`what its ${classNames.length} classes are called: ${listed(classNames)}`]
      : []),
  ];
}

function bytesOf(files: ExportedFiles): number {
  return [...files.values()].reduce((sum, { length }) => sum + length, 0);
}

/** '1.72 MB' */
function formatBytes(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(2)} MB`;
}

/** The share of the test images whose most probable class is theirs. */
async function accuracyOn({ x, y }: Examples, model: Model): Promise<number> {
  const { data, shape } = await model.predict(x);
  const classes = shape[1]!;
  let right = 0;
  for (const [i, label] of y.entries()) if (argmax(data, i * classes, classes) === label) right++;
  return right / y.length;
}
