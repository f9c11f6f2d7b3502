// The chart of a learning rate that npm run train -- --plan prints.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { schedules } from '../../../src/index.js';
import { drawSchedule } from '../../../src/node/cli/drawSchedule.js';

test('a rise and a fall', () => {
  const drawn = drawSchedule(schedules.linearDecay({ peak: 0.5, totalSteps: 16, warmupSteps: 4 }), 16);
  assert.equal(drawn.split('\n'), [
    'Learning rate of 16 steps',
    '0.5 │   ██▃',
    '    │   ███▅',
    '    │  ██████▃',
    '    │  ███████▅',
    '    │ ██████████▃',
    '    │ ███████████▅',
    '    │██████████████▃',
    '  0 │███████████████▅',
    '    └────────────────',
    '     1             16',
  ]);
});

test.run();
