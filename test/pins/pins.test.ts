// Programs and weights are those of pins.json. Where a change moves them on purpose, its commit says which and why, and records them anew:
//   npm run build && node build/test/pins/record.js
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makePins, type Pins } from './pins.js';

const recorded = JSON.parse(readFileSync(new URL('../../../test/pins/pins.json', import.meta.url), 'utf8')) as Record<
  string,
  Pins
>;

test('the kernel calls of every program, and the weights after 20 steps', async () => {
  const found = await makePins();
  assert.equal(Object.keys(found), Object.keys(recorded));
  for (const [name, pins] of Object.entries(found)) assert.equal(pins, recorded[name], name);
});

test.run();
