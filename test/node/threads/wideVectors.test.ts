// Vectors of 256 bits: where there are any, and that asking for them in vain is refused.
import { existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { installed } from '../../hosts/host.js';
import { digits, historyOf, refused, run, sources, succeeds, work } from '../cli/commandLine.js';

const isWide = (process.config.variables as unknown as Record<string, unknown>)['v8_enable_wasm_simd256_revec'] === 1;
const training = ['--data', digits, '--epochs', '1', '--threads', '2'];

/** The same run by another Node, on vectors of `bits`. */
function trainedBy(node: string, bits: string): void {
  const script = `${sources}train.js`;
  const folder = `by-${bits}`;
  const { status, stderr } = spawnSync(node, [script, ...training, '--vectors', bits, '--out', folder], {
    cwd: work,
    encoding: 'utf8',
  });
  assert.equal([status, stderr], [0, '']);
  assert.is(historyOf(folder).vectors, Number(bits));
}

test('a Node without them says so, and trains on vectors of 128 bits', () => {
  if (isWide) return;
  refused(
    run('train', ...training, '--vectors', '256'),
    '--vectors is 256, which takes an official Node 22 or later on an x64 processor with AVX2; leave it out',
  );
  succeeds(run('train', ...training, '--out', 'usual'));
  assert.is(historyOf('usual').vectors, 128);
});

const newer = installed('node-24', 'bin/node');
(process.arch === 'x64' && existsSync(newer) ? test : test.skip)('a newer Node has them, and the same bits', () => {
  for (const bits of ['128', '256']) trainedBy(newer, bits);
  assert.is(historyOf('by-256').weightsSha256, historyOf('by-128').weightsSha256);
  const { status, stdout } = spawnSync(newer, [`${sources}verify.js`, 'by-128', '--data', digits], {
    cwd: work,
    encoding: 'utf8',
  });
  assert.is(status, 0);
  assert.match(stdout, 'vectors of 256 bits');
});

test.run();
