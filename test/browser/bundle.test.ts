// build/browser: pages without a bundler have this folder alone.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const folder = fileURLToPath(new URL('../../browser/', import.meta.url));

test('its scripts import one another and nothing else', () => {
  const names = readdirSync(folder);
  assert.ok(names.includes('wasm-cnn.js'));
  for (const name of names) {
    const text = readFileSync(`${folder}${name}`, 'utf8');
    for (const [, path] of text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+)"/g))
      assert.ok(names.includes(path!.replace(/^\.\//, '')), `${name} imports ${path}`);
  }
});

test.run();
