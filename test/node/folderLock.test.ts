// folderLock: one process at a time, and what a dead one left is taken over.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lockFolder, unlockFolder } from '../../src/node/folderLock.js';
import { refuses } from './refuses.js';
import { temporaryFolder } from './temporaryFolder.js';

const module = new URL('../../src/node/folderLock.js', import.meta.url).href;
/** The program of a process that locks a folder, says so, and does what is asked. */
const program = (then: string): string => `import { lockFolder } from '${module}'; await lockFolder(process.argv[1]); console.log('locked'); ${then}`;
const node = (then: string, folder: string): string[] => ['--input-type=module', '-e', program(then), folder];

test('a lock names its process, holds for that process, and goes with it', async () => {
  const folder = temporaryFolder();
  await lockFolder(folder);
  await lockFolder(folder);
  assert.is(parseInt(readFileSync(join(folder, 'lock'), 'utf8'), 10), process.pid);
  unlockFolder(folder);
  assert.equal(readdirSync(folder), []);
  const { stdout } = spawnSync(process.execPath, node('', folder), { encoding: 'utf8' });
  assert.is(stdout, 'locked\n');
  assert.equal(readdirSync(folder), [], 'the process removed it when it ended');
});

test('a living process refuses with its pid, a killed one is taken over, with its temporary files', async () => {
  const folder = temporaryFolder();
  const child = spawn(process.execPath, node('setTimeout(() => {}, 20000);', folder));
  await once(child.stdout, 'data');
  const path = join(folder, 'lock');
  await refuses(lockFolder(folder), `${folder} is in use by process ${child.pid}, which is still running; wait for it, choose another folder, or remove ${path} if that process has nothing to do with it`);
  for (const name of ['model.wasm-cnn-01234567.tmp', 'model.01234567.tmp', 'mine.tmp', 'model']) writeFileSync(join(folder, name), '');
  child.kill('SIGKILL');
  await once(child, 'exit');
  await lockFolder(folder);
  assert.is(parseInt(readFileSync(path, 'utf8'), 10), process.pid);
  assert.equal(readdirSync(folder).sort(), ['lock', 'mine.tmp', 'model', 'model.01234567.tmp']);
  unlockFolder(folder);
});

test('a pid that another process has now is no lock, nor is one that was never written', async () => {
  for (const text of [`${process.ppid} 1`, `${process.pid} 1`, '999999999 5', 'nonsense', '-1', '']) {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'lock'), text);
    await lockFolder(folder);
    assert.is(parseInt(readFileSync(join(folder, 'lock'), 'utf8'), 10), process.pid, text);
    assert.equal(readdirSync(folder), ['lock']);
  }
});

test('of many that find a dead lock at the same time, one gets it', async () => {
  for (let round = 0; round < 3; round++) {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'lock'), '999999999 5');
    const outcomes = await Promise.all(Array.from({ length: 6 }, async () => {
      const child = spawn(process.execPath, node('setTimeout(() => {}, 1500);', folder));
      const [code] = await once(child, 'exit');
      return code;
    }));
    assert.equal(outcomes.filter((code) => code === 0).length, 1, outcomes.join(' '));
  }
});

test('a lock that was removed is made again', async () => {
  const folder = temporaryFolder();
  await lockFolder(folder);
  rmSync(join(folder, 'lock'));
  await lockFolder(folder);
  assert.equal(readdirSync(folder), ['lock']);
  unlockFolder(folder);
});

test('where there is no folder', async () => {
  const folder = join(temporaryFolder(), 'none');
  await refuses(lockFolder(folder), `cannot write ${join(folder, 'lock')}: the folder ${folder} does not exist; create it or choose another`);
});

test.run();
