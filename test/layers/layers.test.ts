// What holds of every layer: its class name, its line in the docs, and that a file's description makes it again.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WasmCnnError } from '../../src/index.js';
import * as classes from '../../src/layers/classes.js';
import { deserializeLayer } from '../../src/layers/deserialize.js';
import * as layers from '../../src/layers/index.js';
import { networks, toModel } from '../model/networks.js';

test('layers and classes.ts hold the same functions, and docs/layers.md lists them all', () => {
  assert.equal(new Set(Object.values(classes)), new Set<unknown>(Object.values(layers)));
  const docs = readFileSync(new URL('../../../docs/layers.md', import.meta.url), 'utf8');
  const rows = docs.split('\n').flatMap((line) => /^\| (`[^|]*`) \|/.exec(line)?.[1]!.split(', ') ?? []);
  const missing = Object.keys(layers).filter((name) => !rows.includes(`\`${name}\``));
  assert.equal(missing, []);
});

test('a description that went through JSON makes the same layer again', () => {
  for (const network of networks)
    for (const { layer } of toModel(network, 1).layers) {
      const config = layer.getConfig();
      const read = deserializeLayer(layer.className, JSON.parse(JSON.stringify(config)) as object);
      assert.equal(read.getConfig(), config, `${layer.className} of ${network.name}`);
      assert.is(read.kind, layer.kind);
    }
});

test('what classes.ts does not hold is no layer', () => {
  for (const name of ['constructor', '__proto__', 'flatten', 'default', ''])
    assert.throws(
      () => deserializeLayer(name, {}),
      (error: Error) => error instanceof WasmCnnError && error.message.startsWith(`there is no layer '${name}'`),
    );
});

test.run();
