// Color where a terminal has it, and nowhere else.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { colored } from '../../../src/node/cli/color.js';

test('a terminal with colors gets them; a pipe, a file and a terminal without get the text', () => {
  const terminal = (has: boolean) => ({ isTTY: true, hasColors: () => has });
  assert.is(colored('red', 'so', terminal(true)), '\x1b[31mso\x1b[39m');
  assert.is(colored('red', 'so', terminal(false)), 'so');
  assert.is(colored('red', 'so', { isTTY: false, hasColors: () => true }), 'so');
  assert.is(colored('bold', 'so', { isTTY: undefined as never }), 'so');
});

test.run();
