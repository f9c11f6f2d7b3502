// folderLock: one writer at a time, whichever fit, process or container it is, and what a dead one left is taken over.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lockFolder, unlockFolder } from '../../../src/node/files/folderLock.js';
import { thisProcess } from '../../../src/node/files/lockHolder.js';
import { refuses } from '../refuses.js';
import { temporaryFolder } from '../temporaryFolder.js';

const module = new URL('../../../src/node/files/folderLock.js', import.meta.url).href;
/** As the real ones, but short. */
const times = { renewal: 50, look: 100, limit: 1000, settle: 50 };
/** The program of a process that locks a folder, says so, and does what is asked. */
const program = (then: string): string =>
  `import { lockFolder } from '${module}'; await lockFolder(process.argv[1], { times: ${JSON.stringify(times)} }); console.log('locked'); ${then}`;
const node = (then: string, folder: string): string[] => ['--input-type=module', '-e', program(then), folder];
const wait = 'setTimeout(() => {}, 60000);';
const lockIn = (folder: string): Record<string, unknown> => JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'));
const cannotBeSeen = (folder: string, who: string): string =>
  `${folder} is locked by ${who}, which cannot be seen from here; it is taken over unless ${join(folder, 'lock')} is renewed within 1 s`;
const hasRenewed = (folder: string, who: string): string =>
  `${folder} is in use by ${who}, which has just renewed ${join(folder, 'lock')}; wait for it, or choose another folder`;

test('a lock names its process, holds for that process, and goes with it', async () => {
  const folder = temporaryFolder();
  await lockFolder(folder);
  await lockFolder(folder);
  const { id, ...holder } = lockIn(folder);
  assert.equal(holder, thisProcess);
  assert.equal([holder.pid, typeof id], [process.pid, 'string']);
  unlockFolder(folder);
  assert.equal(readdirSync(folder), []);
  const { stdout } = spawnSync(process.execPath, node('', folder), { encoding: 'utf8' });
  assert.is(stdout, 'locked\n');
  assert.equal(readdirSync(folder), [], 'the process removed it when it ended');
});

test('a living process refuses with its pid, a killed one is taken over, with its temporary files', async () => {
  const folder = temporaryFolder();
  const child = spawn(process.execPath, node(wait, folder));
  await once(child.stdout, 'data');
  const path = join(folder, 'lock');
  await refuses(
    lockFolder(folder),
    `${folder} is in use by process ${child.pid}, which is still running; wait for it, choose another folder, or remove ${path} if that process has nothing to do with it`,
  );
  for (const name of ['model.wasm-cnn-01234567.tmp', 'model.01234567.tmp', 'mine.tmp', 'model'])
    writeFileSync(join(folder, name), '');
  child.kill('SIGKILL');
  await once(child, 'exit');
  await lockFolder(folder);
  assert.is(lockIn(folder).pid, process.pid);
  assert.equal(readdirSync(folder).sort(), ['lock', 'mine.tmp', 'model', 'model.01234567.tmp']);
  unlockFolder(folder);
});

test('a process of this machine that is dead is taken over at once: its pid is unused, or another process has it now', async () => {
  const began = performance.now();
  for (const dead of [{ pid: 999999999 }, { pid: process.ppid, start: '1' }, { start: '1' }]) {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'lock'), JSON.stringify({ ...thisProcess, ...dead }));
    await lockFolder(folder, { log: assert.unreachable });
    assert.is(lockIn(folder).pid, process.pid);
    assert.equal(readdirSync(folder), ['lock']);
  }
  assert.ok(performance.now() - began < 5000);
});

test('a process elsewhere is not judged by its pid: refused at the first renewal, taken over when none comes', async () => {
  const judge = async (elsewhere: Partial<typeof thisProcess>): Promise<void> => {
    const folder = temporaryFolder();
    const log: string[] = [];
    // Whether the pid is this process's or none's makes no difference.
    const text = JSON.stringify({ ...thisProcess, pid: elsewhere.host ? process.pid : 999999999, ...elsewhere });
    const { pid, host } = JSON.parse(text);
    writeFileSync(join(folder, 'lock'), text);
    const renewal = setInterval(() => writeFileSync(join(folder, 'lock'), text), 200);
    const taken = lockFolder(folder, { times, log: (line) => log.push(line) });
    await refuses(taken, hasRenewed(folder, `process ${pid} on host ${host}`));
    clearInterval(renewal);
    assert.equal(log, [cannotBeSeen(folder, `process ${pid} on host ${host}`)]);
    await lockFolder(folder, { times, log: () => {} });
    assert.is(lockIn(folder).host, thisProcess.host);
  };
  await Promise.all([{ host: 'other' }, { namespace: 'pid:[1]' }, { boot: 'before' }].map(judge));
});

test('a lock that names no process is taken over when no renewal comes', async () => {
  const takeOver = async (text: string): Promise<void> => {
    const folder = temporaryFolder();
    const log: string[] = [];
    writeFileSync(join(folder, 'lock'), text);
    await lockFolder(folder, { times, log: (line) => log.push(line) });
    assert.equal(log, [cannotBeSeen(folder, 'a process that has not written its name')]);
    assert.is(lockIn(folder).pid, process.pid, text);
  };
  await Promise.all(['', 'nonsense', '12 5', '{}', JSON.stringify({ ...thisProcess, pid: -1 })].map(takeOver));
});

test('a lock is renewed while it is held, and a thread of the same process is another holder', async () => {
  const folder = temporaryFolder();
  const thread = new Worker(
    `import('${module}').then(({ lockFolder }) => lockFolder(${JSON.stringify(folder)}, { times: ${JSON.stringify(times)} })).then(() => { require('node:worker_threads').parentPort.postMessage('locked'); setInterval(() => {}, 1000); })`,
    { eval: true },
  );
  await once(thread, 'message');
  await refuses(
    lockFolder(folder, { times, log: () => {} }),
    hasRenewed(folder, `process ${process.pid} on host ${thisProcess.host}`),
  );
  await thread.terminate();
  await lockFolder(folder, { times, log: () => {} });
});

const unshare = ['--pid', '--fork', '--mount-proc'];
const hasContainers = spawnSync('unshare', [...unshare, 'true']).status === 0;
// Needs root, or user namespaces; elsewhere it is skipped.
(hasContainers ? test : test.skip)(
  'a process in another container is refused and refuses, and is taken over when it is dead',
  async () => {
    const folder = temporaryFolder();
    const inside = spawn('unshare', [...unshare, '--kill-child', process.execPath, ...node(wait, folder)]);
    await once(inside.stdout, 'data');
    const { pid, host, namespace } = lockIn(folder);
    assert.equal([host, namespace === thisProcess.namespace], [thisProcess.host, false]);
    assert.ok((pid as number) < 10, `its own pid ${pid}`);
    await refuses(lockFolder(folder, { times, log: () => {} }), hasRenewed(folder, `process ${pid} on host ${host}`));
    inside.kill('SIGKILL');
    await once(inside, 'exit');
    await lockFolder(folder, { times, log: () => {} });
    const other = spawn('unshare', [...unshare, process.execPath, ...node(wait, folder)]);
    let stderr = '';
    other.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = await once(other, 'close');
    assert.is(code, 1);
    assert.match(stderr, `WasmCnnError: ${hasRenewed(folder, `process ${process.pid} on host ${thisProcess.host}`)}\n`);
  },
);

test('two trainings of one process: the second is refused while the first is under way', async () => {
  const folder = temporaryFolder();
  const [one, other]: { fitState: unknown }[] = [{ fitState: {} }, { fitState: {} }];
  const sentence = `${folder} is in use by another fit of this process, which is under way; wait for it, or choose another folder`;
  const outcomes = await Promise.allSettled([
    lockFolder(folder, { training: one }),
    lockFolder(folder, { training: other }),
  ]);
  assert.equal(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  await lockFolder(folder, { training: one });
  await lockFolder(folder);
  await refuses(lockFolder(folder, { training: other }), sentence);
  one!.fitState = null;
  await lockFolder(folder, { training: other });
  one!.fitState = {};
  await refuses(lockFolder(folder, { training: one }), sentence);
  unlockFolder(folder);
});

test('what the process has locked for itself, its first training takes over', async () => {
  const folder = temporaryFolder();
  await lockFolder(folder);
  await lockFolder(folder, { training: { fitState: {} } });
  await refuses(
    lockFolder(folder, { training: { fitState: {} } }),
    `${folder} is in use by another fit of this process, which is under way; wait for it, or choose another folder`,
  );
});

test('if many find a dead lock at the same time, one gets it', async () => {
  for (let round = 0; round < 3; round++) {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'lock'), JSON.stringify({ ...thisProcess, pid: 999999999 }));
    const children = Array.from({ length: 6 }, () => spawn(process.execPath, node(wait, folder)));
    const codes: unknown[] = [];
    // The one that gets it stays until the others were refused.
    await new Promise<void>((resolve) => {
      for (const child of children) child.once('exit', (code) => codes.push(code) === children.length - 1 && resolve());
    });
    assert.equal(codes, [1, 1, 1, 1, 1]);
    for (const child of children) child.kill('SIGKILL');
  }
});

test('a lock that another process has taken meanwhile is not removed, and the save is refused', async () => {
  const folder = temporaryFolder();
  await lockFolder(folder);
  const theirs = JSON.stringify({ ...thisProcess, pid: process.ppid, start: '' });
  writeFileSync(join(folder, 'lock'), theirs);
  await refuses(
    lockFolder(folder),
    `${folder} is in use by process ${process.ppid}, which is still running; wait for it, choose another folder, or remove ${join(folder, 'lock')} if that process has nothing to do with it`,
  );
  unlockFolder(folder);
  assert.is(readFileSync(join(folder, 'lock'), 'utf8'), theirs);
});

test('a lock that was removed is made again', async () => {
  const folder = temporaryFolder();
  await lockFolder(folder);
  rmSync(join(folder, 'lock'));
  await lockFolder(folder);
  assert.equal(readdirSync(folder), ['lock']);
  unlockFolder(folder);
});

test('without a folder', async () => {
  const folder = join(temporaryFolder(), 'none');
  await refuses(
    lockFolder(folder),
    `cannot write ${join(folder, 'lock')}: the folder ${folder} does not exist; create it or choose another`,
  );
});

test('anything but a lock is refused at once, and stays', async () => {
  const makers: ((path: string) => void)[] = [
    (path) => spawnSync('mkfifo', [path]),
    (path) => symlinkSync('nowhere', path),
    (path) => symlinkSync('/dev/zero', path),
    (path) => mkdirSync(path),
    (path) => writeFileSync(path, 'x'.repeat(5000)),
  ];
  for (const make of makers) {
    const folder = temporaryFolder();
    const path = join(folder, 'lock');
    make(path);
    await refuses(
      lockFolder(folder, { times }),
      `${path} is no lock of this program; choose another folder, or move it away`,
    );
    assert.equal(readdirSync(folder), ['lock']);
  }
});

test.run();
