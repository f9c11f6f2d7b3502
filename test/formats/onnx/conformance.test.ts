// The onnx package's own tests: each passes or is refused, as docs/formats.md lists them. Runs where there is its wheel, and is skipped elsewhere.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { conformance, sectionIn, sectionOf } from './conformanceTable.js';
import { NO_WHEEL, wheel } from './wheel.js';

if (wheel === undefined) console.log(`ONNX's own tests skipped: ${NO_WHEEL}`);
const testWithWheel = wheel === undefined ? test.skip : test;

testWithWheel('every test of ONNX passes or is refused, as docs/formats.md has it', async () => {
  const page = readFileSync(new URL('../../../../docs/formats.md', import.meta.url), 'utf8');
  assert.is(sectionIn(page), sectionOf(await conformance()));
});

test.run();
