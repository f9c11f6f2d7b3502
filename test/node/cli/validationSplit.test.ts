// train --validation-split: another share than a twelfth, or no image at all, through a run's whole life.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digits, historyOf, killed, options, refused, run, succeeds, work } from './commandLine.js';

test('with 0 all images are trained on, through a kill, resume, verification and a report', async () => {
  const all = ['--validation-split', '0'];
  const { stdout } = succeeds(run('train', ...options, ...all, '--out', 'at-once'));
  assert.match(stdout, '120 images to train, none held out for validation, 40 to test');
  assert.match(stdout, /^Epoch 4\/4 \| loss [\d.]+ \| accuracy [\d.]+ % \| [\d.]+ s \| /m);
  await killed('all', ...all);
  refused(
    run('train', '--resume', 'all', '--validation-split', '0.2'),
    '--validation-split is 0.2, but all was started with 0; leave it out, or start a new run',
  );
  succeeds(run('train', '--resume', 'all'));
  const { settings, weightsSha256, epochs, dataset } = historyOf('all');
  assert.is(settings.validationSplit, 0);
  assert.is(dataset.trainCount, 120);
  assert.equal(Object.keys(epochs[0]), ['epoch', 'loss', 'accuracy', 'seconds', 'samplesPerSecond', 'curve']);
  assert.is(weightsSha256, historyOf('at-once').weightsSha256);
  succeeds(run('verify', 'all'));
  succeeds(run('report', 'all', '--out', 'report.html'));
  const report = readFileSync(join(work, 'report.html'), 'utf8');
  assert.match(report, 'Training images');
  assert.not.match(report, /[Vv]alidation/);
});

test('a share of its own is held out, of built-in digits as well', () => {
  const { stdout } = succeeds(run('train', ...options, '--validation-split', '0.25', '--out', 'quarter'));
  assert.match(stdout, '90 images to train, 30 held out for validation, 40 to test');
  succeeds(run('verify', 'quarter'));
  const plan = run('train', '--data', digits, '--validation-split', '0', '--batch-size', '10', '--plan');
  assert.match(plan.stdout, /Learning rate of \d+ steps/);
});

test('an invalid share, or one that leaves nothing to validate on, is refused', () => {
  for (const share of ['1', '-0.1', 'half', ''])
    refused(
      run('train', ...options, '--validation-split', share),
      `--validation-split must be a number of at least 0 and below 1, got '${share}'`,
    );
  refused(
    run('train', ...options, '--validation-split', '0', '--early-stopping', '2'),
    '--early-stopping looks at the validation loss, and with --validation-split 0 there is none; leave one of them out',
  );
});

test.run();
