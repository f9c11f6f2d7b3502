// Modules in the sources: the text gives the bytes of the file, for both kinds of memory, and means nothing to what it passes through.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { moduleBytes } from '../../src/engine/moduleText.js';
import { coreModule } from '../../src/engine/modules/core.generated.js';
import { moreModule } from '../../src/engine/modules/more.generated.js';
import { enableFused } from '../../src/node/threads/fused.js';
import { fusedModule } from '../../src/node/threads/fusedKernels.generated.js';
import { wideModule } from '../../src/node/threads/wideKernels.generated.js';

enableFused();

const texts = { core: coreModule, more: moreModule, fused: fusedModule, wide: wideModule };

test('fused: the bytes of the files, but for what they say of themselves', () => {
  for (const [i, file] of ['fused', 'fusedShared'].entries()) {
    const bytes = Buffer.from(moduleBytes(fusedModule, i === 1));
    const whole = readFileSync(new URL(`../../wasm/${file}.wasm`, import.meta.url));
    assert.ok(bytes.equals(whole.subarray(0, bytes.length)), file);
  }
});

for (const [name, module] of Object.entries(texts)) {
  test(`${name}: a module for either kind of memory`, () => {
    for (const shared of [false, true]) {
      const bytes = moduleBytes(module, shared);
      assert.ok(WebAssembly.validate(bytes), `shared: ${shared}`);
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared });
      new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
    }
  });

  test(`${name}: printable ASCII that means nothing in strings, templates and pages`, () =>
    assert.match(module.text, /^[^\u0000-\u001f'"\\`$<\u007f-\uffff]+$/));

  test(`${name}: gzip makes hardly more of the text than of the bytes`, () => {
    const [text, bytes] = [module.text, moduleBytes(module, false)].map((data) => gzipSync(data, { level: 9 }).length);
    // The table of frequent bytes takes 150.
    assert.ok(text! < 1.01 * bytes! + 150, `${text} for ${bytes}`);
  });
}

test.run();
