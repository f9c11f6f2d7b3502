// The README's example is a program: it runs as it stands, on a small data set.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { builtinDigits } from '../../src/data/digits.js';
import { loadModel } from '../../src/index.js';
import { idxFile } from '../data/craftIdx.js';
import { temporaryFolder } from './temporaryFolder.js';

test("the README's example runs, from the package's own name", () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const [, code] = readme.match(/```js\n([\s\S]*?)```/)!;
  const folder = temporaryFolder();
  const { train, test: held } = builtinDigits({ trainCount: 200, testCount: 50 });
  for (const [name, part, count] of [['train', train, 200], ['t10k', held, 50]] as const) {
    writeFileSync(join(folder, `${name}-images-idx3-ubyte`), idxFile([count, 28, 28], part.x.data));
    writeFileSync(join(folder, `${name}-labels-idx1-ubyte`), idxFile([count], part.y));
  }
  // Within the package, so that 'wasm-cnn' is the package itself.
  const script = fileURLToPath(new URL('./readmeExample.mjs', import.meta.url));
  writeFileSync(script, `${code}\nconsole.log(JSON.stringify({ history, accuracy, length: data.length, shape }));\n`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { cwd: folder, env: { ...process.env, MNIST_DIR: folder }, encoding: 'utf8' });
  rmSync(script);
  assert.is(stderr, '');
  assert.is(status, 0);
  const { history, accuracy, length, shape } = JSON.parse(stdout.trim().split('\n').at(-1)!);
  assert.equal(Object.keys(history), ['loss', 'accuracy']);
  assert.ok(accuracy >= 0 && accuracy <= 1);
  assert.equal([length, shape], [500, [50, 10]]);
  assert.is(loadModel(readFileSync(join(folder, 'model.safetensors'))).model.countParams(), 54410);
});

test.run();
