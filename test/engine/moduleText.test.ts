// Modules in the sources: the text gives the bytes of the file, for both kinds of memory, and means nothing to what it passes through.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { moduleBytes } from '../../src/engine/moduleText.js';
import { exactModule } from '../../src/engine/modules/exact.generated.js';
import { fusedModule } from '../../src/node/threads/fusedKernels.generated.js';
import { enableFused } from '../../src/node/threads/fused.js';

enableFused();

const texts = { release: exactModule, fused: fusedModule };
const files = { release: ['release', 'shared'], fused: ['fused', 'fusedShared'] };

for (const [name, module] of Object.entries(texts)) {
  test(`${name}: the bytes of the files, but for what they say of themselves`, () => {
    for (const [i, file] of files[name as keyof typeof files].entries()) {
      const bytes = Buffer.from(moduleBytes(module, i === 1));
      const whole = readFileSync(new URL(`../../wasm/${file}.wasm`, import.meta.url));
      assert.ok(bytes.equals(whole.subarray(0, bytes.length)), file);
      assert.ok(WebAssembly.validate(bytes.subarray()), file);
    }
  });

  test(`${name}: printable ASCII that means nothing in strings, templates and pages`, () =>
    assert.match(module.text, /^[^\u0000-\u001f'"\\`$<\u007f-\uffff]+$/));

  test(`${name}: gzip makes hardly more of the text than of the bytes`, () => {
    const [text, bytes] = [module.text, moduleBytes(module, false)].map((data) => gzipSync(data, { level: 9 }).length);
    assert.ok(text! < 1.02 * bytes!, `${text} for ${bytes}`);
  });
}

test.run();
