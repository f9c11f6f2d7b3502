// train --recipe NAME: what it takes of the recipe, resumes and verifies by it, and options that contradict it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { recipes } from '../../../src/recipes/index.js';
import { digits, historyOf, killed, refused, run, succeeds, work } from './commandLine.js';

const { quick, best } = recipes;
const short = ['--data', digits, '--recipe', 'best', '--threads', '1'];

test('the recipe best is killed in mid-epoch, resumed on other threads, verified and evaluated', async () => {
  await killed('best', '--recipe', 'best', '--epochs', '2');
  refused(
    run('train', '--resume', 'best', '--recipe', 'quick'),
    '--recipe is quick, but best was started with best; leave it out, or start a new run',
  );
  succeeds(run('train', '--resume', 'best', '--recipe', 'best', '--threads', '3'));
  const { model, settings, resumedAt } = historyOf('best');
  assert.equal(
    [model.name, settings.recipe, settings.epochs, settings.learningRate, resumedAt.length],
    ['best', 'best', 2, best.learningRate, 1],
  );
  succeeds(run('verify', 'best', '--threads', '2'));
  succeeds(run('evaluate', '--model', 'best'));
  succeeds(run('predictSamples', '--model', 'best', '--out', 'best.png'));
});

test('a plan by a recipe has its network, its epochs and its learning rate', () => {
  const plan = run('train', ...short, '--plan');
  succeeds(plan);
  for (const part of ['randomAffine', 'smoothLabels']) assert.match(plan.stdout, part);
  const { epochs } = best.usual('', 120);
  assert.match(plan.stdout, `Learning rate of ${4 * epochs} steps\n${best.learningRate} │`);
  assert.match(plan.stdout, `From epoch ${Math.floor(0.6 * epochs) + 1} on the weights are averaged`);
  assert.not.match(run('train', ...short, '--plan', '--early-stopping', '3').stdout, 'averaged');
  // 10 of 120 images are held out.
  const small = run('train', ...short, '--plan', '--batch-size', '10');
  assert.match(small.stdout, `Learning rate of ${11 * epochs} steps\n`);
});

test('options that the recipe fixes, and unknown recipes, are refused', () => {
  refused(
    run('train', ...short, '--network', 'reference'),
    '--network is reference, but --recipe best has a network of its own; leave one of them out',
  );
  refused(run('train', '--recipe', 'beast'), "--recipe must be one of quick, best, got 'beast'");
  succeeds(run('train', '--data', digits, '--epochs', '1', '--out', 'named'));
  const file = join(work, 'named/history.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"recipe": "quick"', '"recipe": "beast"'));
  refused(run('verify', 'named'), "there is no recipe 'beast' (did you mean 'best'?); there is quick, best");
});

test('--help lists the recipes and their options', () => {
  const { stdout } = run('train', '--help');
  const help = stdout.replace(/\s+/g, ' ');
  for (const part of ['--recipe <name>', `quick, ${quick.summary}`, best.summary, '0.007 by quick'])
    assert.match(help, part);
});

test.run();
