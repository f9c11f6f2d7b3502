#!/usr/bin/env node
// npx wasm-cnn COMMAND: the commands of this project where the package is installed.
import { unknown } from '../../base/nearest.js';
import { VERSION } from '../../base/version.js';
import { startedByNpx } from '../commandLine.js';

/** What each does, and its module. */
const commands: Record<string, readonly [summary: string, load: () => Promise<unknown>]> = {
  train: ['train a network on pictures, from scratch or from a trained model', () => import('./train.js')],
  evaluate: ['loss, accuracy and confusion matrix of a trained model', () => import('./evaluate.js')],
  'predict-samples': ['what a trained model says of test images, or of your own', () => import('./predictSamples.js')],
  report: ['one HTML page about a finished run', () => import('./report.js')],
  verify: ['train a finished run again and compare every bit', () => import('./verify.js')],
  sweep: ['compare hyperparameters, seeds and folds, here or on many machines', () => import('./sweep.js')],
  trial: ['one setting of a sweep', () => import('./trial.js')],
  export: ['write a model for Keras, TensorFlow.js, ONNX or PyTorch', () => import('./export.js')],
  import: ['read a model of Keras, TensorFlow.js, ONNX or PyTorch', () => import('./import.js')],
  weights: ['fetch weights that were trained on ImageNet', () => import('./weights.js')],
  profile: ['time each kernel of a training step', () => import('./profile.js')],
};

const HELP = `Usage: npx wasm-cnn <command> [options]

${Object.entries(commands)
  .map(([name, [summary]]) => `  ${name.padEnd(17)}${summary}`)
  .join('\n')}

npx wasm-cnn <command> --help shows the options of one.`;

// `help train` is `train --help`.
if (process.argv[2] === 'help' && process.argv.length > 3) process.argv.splice(2, 2, process.argv[3]!, '--help');
const [name = ''] = process.argv.splice(2, 1);
// As after `npm run train`.
if (process.argv[2] === '--') process.argv.splice(2, 1);
startedByNpx();
if (Object.hasOwn(commands, name)) await commands[name]![1]();
else if (['--version', '-V', '-v'].includes(name)) console.log(VERSION);
else if (['', 'help', '--help', '-h'].includes(name)) console.log(HELP);
else {
  const begun = Object.keys(commands).find((each) => each.startsWith(name));
  console.error(
    `there is no command ${begun ? `'${name}' (did you mean '${begun}'?)` : unknown(name, Object.keys(commands))}; npx wasm-cnn --help lists them`,
  );
  process.exitCode = 1;
}
