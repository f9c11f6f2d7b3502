// A little of what npm run test:long does at length.
import { test } from 'uvu';
import { killRuns } from './kills.js';

test('kill -9 at any moment and at each call of a write costs no more than the steps after the last checkpoint, and no bit', async () => {
  await killRuns(7, 1);
});

test.run();
