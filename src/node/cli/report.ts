// npm run report: one HTML file of a finished run, to be looked at without anything else.
import { createHash } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import { check } from '../../base/errors.js';
import { formatCount, formatPercent } from '../../base/table.js';
import { countsOf, dataWarnings, formatPixels } from '../../data/summary.js';
import type { Model } from '../../model/model.js';
import { classReport, confusionMatrix, standardError } from '../../metrics/index.js';
import { workers } from '../threads/workers.js';
import { cacheOption, command, run, threadsOption, useVectors, vectorsOption, whole } from './command.js';
import { exists, readBytes, writeFileAtomic } from '../files/files.js';
import { explain } from './report/explanations.js';
import { html, page, tilesOf, type Section, type Tile } from './report/html.js';
import { answersOf, calibrationOf, mistakesOf } from './report/judgment.js';
import { besideModel } from './picture.js';
import { reportedRun } from './report/record.js';
import {
  calibrationSection,
  classesSection,
  confusionSection,
  curvesSection,
  dataSection,
  filtersSection,
  mistakesSection,
  modelSection,
  recognizedSection,
  settingsSection,
  type ReportedData,
} from './report/sections.js';
import { withProbabilities } from './probabilities.js';
import { HISTORY_FILE, newestFinished, openModel } from './runs.js';
import { splitRunData, trainedOn } from './runData.js';
import { openTestData } from './testData.js';
import { weightsSha256 } from './training.js';

interface ReportOptions {
  data?: string;
  skipBroken?: true;
  mistakes: number;
  out?: string;
  threads: number;
  vectors?: '128' | '256';
}

/** Most classes that are shown as recognized. */
const MOST_RECOGNIZED = 20;
const FIRST_LINE = '<!doctype html>';

const program = command(
  'report',
  'Writes one HTML file about a finished run: curves, confusion, mistakes, filters, calibration, data, settings and hashes.',
)
  .usage('[run] [options]')
  .argument('[run]', 'the folder of a finished run, or a model file (default: the newest in runs/)')
  .option('--out <file>', 'the page (default: report.html beside the model)')
  .option('--mistakes <n>', 'how many mistakes are shown, the worst first', whole(0), 24)
  .option(
    '--data <path>',
    "a folder or a file of images with labels, or 'builtin' (default: what the model was trained on)",
  )
  .option('--skip-broken', 'leave out pictures and rows of a CSV that cannot be read, and list them')
  .addOption(cacheOption())
  .addOption(threadsOption())
  .addOption(vectorsOption());

await run<ReportOptions>(
  program,
  async (options) => {
    useVectors(options.vectors);
    const asked = program.args[0] ?? (await newestFinished());
    check(asked !== '', "the run is empty; name a run's folder, or leave it out for the newest in runs/");
    const opened = withProbabilities(await openModel(asked, { workers: workers(options.threads) }));
    const { model, path } = opened;
    const out = options.out ?? besideModel(path, 'report.html');
    await checkPage(out);
    const { dataset, classNames, suffix } = await openTestData(opened, options);
    const { test } = dataset;
    check(test.y.length > 0, `${dataset.name} has no test images; name data that has some with --data`);
    const isOwn = suffix === '';
    const history = join(dirname(path), HISTORY_FILE);
    const ran = reportedRun(opened.facts, (await exists(history)) ? parsed(await readBytes(history)) : null);

    const predictions = await model.predict(test.x);
    const answers = answersOf(test, predictions);
    check(
      predictions.data.every((value) => value >= 0 && value <= 1.001),
      `${path} gives scores and no probabilities; end the network with activation: 'softmax'`,
    );
    const counts = confusionMatrix(test.y, predictions);
    const report = classReport(counts, classNames);
    const mistakes = mistakesOf(answers);
    const explainedMistakes = await explain(model, test, mistakes.slice(0, options.mistakes));
    const right = classNames
      .slice(0, MOST_RECOGNIZED)
      .flatMap((_, label) => answers.find(({ truth, predicted }) => truth === label && predicted === label) ?? []);
    const recognized = await explain(model, test, right);
    const calibration = calibrationOf(answers);
    const hashes: [string, string][] = [
      [`Weights (${formatCount(model.countParams())} parameters)`, weightsSha256(model)],
      [`Model file ${basename(path)}`, sha256(await readBytes(path))],
      [`Data ${dataset.name}`, dataset.sha256],
    ];
    const filters = filtersSection(model);
    const sections: Section[] = [
      ...(ran.epochs.length > 0 ? [curvesSection(ran.epochs)] : []),
      confusionSection(counts, classNames),
      classesSection(report),
      mistakesSection(explainedMistakes, mistakes, classNames),
      ...(right.length > 0 ? [recognizedSection(recognized, classNames)] : []),
      calibrationSection(calibration),
      ...(filters ? [filters] : []),
      modelSection(model),
      // The split takes over the memory of the training images, so it comes last.
      dataSection(dataset.name, reportedData(), classNames),
      settingsSection([...compiledAs(model), ...ran.settings], hashes),
    ];

    function reportedData(): ReportedData {
      const learned = trainedOn(opened.facts);
      const pixels = formatPixels(test.x.shape);
      const tested = { 'Test images': countsOf(test, classNames.length) };
      if (!isOwn || !learned || ran.seed === null) return { parts: tested, pixels, warnings: [] };
      const settings = { seed: ran.seed, validationSplit: learned.validationSplit };
      const { train, validation } = splitRunData(dataset, settings, learned.drawnCount, learned.read);
      return {
        parts: {
          'Training images': countsOf(train, classNames.length),
          ...(validation && { 'Validation images': countsOf(validation, classNames.length) }),
          ...tested,
        },
        pixels,
        warnings: dataWarnings({ train, ...(validation && { validation }), test }, classNames),
      };
    }

    const title = `${model.name} on ${dataset.name}${ran.seed === null ? '' : `, seed ${ran.seed}`}`;
    const loss = answers.reduce((sum, each) => sum + each.loss, 0) / answers.length;
    const tiles: readonly Tile[] = [
      [
        'Test accuracy',
        formatPercent(report.accuracy),
        `± ${formatPercent(standardError(report.accuracy, test.y.length))} (standard error)`,
      ],
      ['Mistakes', formatCount(mistakes.length), `of ${formatCount(test.y.length)} images`],
      ['Test loss', loss.toFixed(4), 'cross-entropy'],
      ['Calibration error', formatPercent(calibration.error), 'expected'],
      ['Parameters', formatCount(model.countParams()), `${model.layers.length} layers`],
      ...(ran.epochs.length > 0
        ? [['Epochs', String(ran.epochs.length), ran.seconds === null ? '' : duration(ran.seconds)] as const]
        : []),
    ];
    const lead = html`<p class="quiet">
        ${formatCount(test.y.length)} test images, ${classNames.length}
        classes${isOwn ? '' : '; the model was trained on other data'}
      </p>
      ${tilesOf(tiles)}`;
    await writeFileAtomic(out, Buffer.from(page(title, lead, sections)));
    console.log(`Wrote ${out}`);
  },
  'files',
);

/** What the model file says of how it was trained, beside its numbers. */
function compiledAs({ compiled }: Model): [string, string][] {
  if (!compiled) return [];
  const losses = compiled.outputs.flatMap((output) => (output ? [output.loss.name] : []));
  return [
    ['Optimizer', compiled.optimizer.className],
    ['Loss', losses.join(', ')],
  ];
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What is no JSON says nothing. */
function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  return whole < 7200 ? `${Math.round(whole / 60)} min` : `${(whole / 3600).toFixed(1)} h`;
}

/** Refuses an --out that would take the place of anything but an earlier page of HTML. */
async function checkPage(out: string): Promise<void> {
  check(out !== '', '--out is empty, expected the file of a page; leave it out for report.html beside the model');
  check(
    await exists(dirname(resolve(out))),
    () => `--out is ${out}, and there is no folder ${dirname(out)}; make it first`,
  );
  if (!(await exists(out))) return;
  const head = Buffer.from((await readBytes(out)).subarray(0, FIRST_LINE.length)).toString('latin1');
  check(head.toLowerCase() === FIRST_LINE, `${out} is no page of HTML and would be lost; name another file with --out`);
}
