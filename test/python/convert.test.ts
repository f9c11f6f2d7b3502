// src/formats/torch/convert.py: what torch.save() writes, in both forms, bit for bit; and pickles that are programs are not run. The first half runs
// where a Python has torch and safetensors (PYTORCH_PYTHON, or python3), the second wherever there is one.
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../node/temporaryFolder.js';

const python = process.env.PYTORCH_PYTHON ?? process.env.PYTHON ?? 'python3';
const has = (modules: string): boolean => spawnSync(python, ['-c', `import ${modules}`]).status === 0;
const [isPresent, hasTorch] = [has('sys'), has('torch, safetensors.torch')];
const at = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const folder = temporaryFolder();

function run(script: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(python, [at(script), ...args], { encoding: 'utf8' });
}

const convert = (name: string) =>
  run('src/formats/torch/convert.py', join(folder, name), join(folder, `${name}.safetensors`));

(hasTorch ? test : test.skip)('tensors of all types, views of others, in both forms and as scripts wrap them', () => {
  const { status, stdout, stderr } = run('test/python/convert.py', 'save', folder);
  assert.is(status, 0, stderr);
  const names = stdout.trim().split('\n');
  assert.is(names.length, 4);
  for (const name of names) assert.equal([convert(name).stderr, name], ['', name]);
  const compared = run('test/python/convert.py', 'compare', folder);
  assert.is(compared.status, 0, compared.stderr);
});

(isPresent ? test : test.skip)('a pickle that is a program is refused before it runs, and no file is written', () => {
  const made = run('test/python/convert.py', 'hostile', folder);
  assert.is(made.status, 0, made.stderr);
  for (const name of ['hostile.zip.pth', 'hostile.pth']) {
    const { status, stderr } = convert(name);
    assert.is(status, 1);
    assert.match(
      stderr,
      /: it holds (posix|nt)\.system, and only tensors are read; save model\.state_dict\(\) instead of the model or the optimizer\n$/,
    );
    assert.not.ok(existsSync(join(folder, 'ran')), 'it ran');
    assert.not.ok(existsSync(join(folder, `${name}.safetensors`)));
  }
  assert.match(convert('none.zip.pth').stderr, /: it holds no state dict; save model\.state_dict\(\)\n$/);
  writeFileSync(join(folder, 'text.pth'), 'hello');
  assert.match(convert('text.pth').stderr, /text\.pth: it is damaged or no file of torch\.save\(\) \(.*\)\n$/);
});

test.run();
