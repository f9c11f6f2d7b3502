// Memory that the system refuses in the middle of a run.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refusedMemory } from '../../../src/node/cli/refusedMemory.js';
import { digits, historyOf, refused, run, runWithFault, stepsIn } from './commandLine.js';

const options = ['--data', digits, '--epochs', '1', '--batch-size', '5', '--checkpoint-every', '5', '--threads', '1'];

test('memory that is refused while a run trains is one sentence; the last checkpoint resumes bit-identically', () => {
  assert.is(run('train', ...options, '--out', 'memory-whole').status, 0);
  // Five arrays of that size are made before the training, and one for each checkpoint.
  const outcome = runWithFault('allocate 8 refused', 'train', ...options, '--out', 'memory');
  const [step] = stepsIn('memory').slice(-1);
  assert.ok(step! > 0 && step! < 22, `the checkpoint of step ${step}`);
  refused(
    outcome,
    new RegExp(
      `^the model cannot be saved: needs \\d+ bytes of memory, which this machine refuses; close other programs; the last good checkpoint is memory/checkpoint-${step}\\.safetensors\n$`,
    ),
  );
  assert.is(run('train', '--resume', 'memory').status, 0);
  assert.is(historyOf('memory').weightsSha256, historyOf('memory-whole').weightsSha256);
});

test('any other RangeError is our own fault, and shows its stack', () => {
  for (const error of [new RangeError('Maximum call stack size exceeded'), new Error('allocation failed'), null])
    assert.is(refusedMemory(error), error);
});

test.run();
