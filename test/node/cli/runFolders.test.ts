// Where a run writes: into a folder of its own, and over nothing that lies there.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digits, filesIn, reaches, refused, run, start, work } from './commandLine.js';

const short = ['--data', digits, '--epochs', '1', '--batch-size', '32'];

function contentOf(folder: string): [string, Buffer][] {
  return filesIn(folder).map((name) => [name, readFileSync(join(work, folder, name))]);
}

function folderOf(name: string, files: Record<string, string>): void {
  mkdirSync(join(work, name));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(work, name, file), text);
}

test('a finished run is not overwritten', () => {
  assert.is(run('train', ...short, '--out', 'finished').status, 0);
  const before = contentOf('finished');
  refused(
    run('train', ...short, '--seed', '2', '--out', 'finished'),
    'finished holds model.safetensors, training.png, history.json, which a new run does not overwrite; choose another folder with --out, or move them away',
  );
  assert.equal(contentOf('finished'), before);
});

test("other programs' files are neither overwritten nor removed, and what has another name does not matter", () => {
  const own = {
    'history.json': '{"mine":1}',
    'model.safetensors': 'another tool',
    'thesis.docx.deadbeef.tmp': 'draft',
    'checkpoint-7.safetensors': 'another tool',
  };
  folderOf('own', own);
  refused(
    run('train', ...short, '--out', 'own'),
    'own holds model.safetensors, history.json, which a new run does not overwrite; choose another folder with --out, or move them away',
  );
  folderOf('checkpoint', { 'checkpoint-7.safetensors': 'another tool' });
  refused(
    run('train', ...short, '--out', 'checkpoint'),
    'checkpoint holds checkpoint-7.safetensors; resume that run with --resume checkpoint, or choose another folder with --out',
  );
  refused(run('train', '--resume', 'checkpoint'), /^checkpoint\/checkpoint-7\.safetensors: /);
  assert.equal(
    contentOf('own').map(([name, bytes]) => [name, bytes.toString()]),
    Object.entries(own).sort(),
  );
  assert.equal(filesIn('checkpoint'), ['checkpoint-7.safetensors']);
  folderOf('swept', { 'definition.json': '{}' });
  refused(
    run('train', ...short, '--out', 'swept'),
    'swept holds the results of a sweep, which a run of its own would mix with; choose another folder with --out',
  );
  refused(run('train', ...short, '--out', 'own/history.json'), /^cannot write own\/history\.json: .*choose another/);
  folderOf('locked', { lock: 'of another program\n' });
  refused(
    run('train', ...short, '--out', 'locked'),
    'locked holds a file lock of another program; choose another folder, or move it away',
  );
  assert.equal(
    contentOf('locked').map(([name, bytes]) => [name, bytes.toString()]),
    [['lock', 'of another program\n']],
  );
  mkdirSync(join(work, 'piped'));
  spawnSync('mkfifo', [join(work, 'piped/lock')]);
  refused(
    run('train', ...short, '--out', 'piped'),
    /piped\/lock is no lock of this program; choose another folder, or move it away\n$/,
  );
  const notes = {
    'notes.txt': 'buy milk',
    'picture.png': 'no',
    'thesis.docx.deadbeef.tmp': 'draft',
    'history.json.bak': '',
  };
  folderOf('notes', notes);
  assert.is(run('train', ...short, '--out', 'notes').status, 0);
  for (const [name, text] of Object.entries(notes)) assert.is(readFileSync(join(work, 'notes', name), 'utf8'), text);
  assert.ok(filesIn('notes').includes('model.safetensors'));
});

test('runs that begin in one second, or after the clock was set back, have folders of their own', () => {
  // Other tests may have left some.
  rmSync(join(work, 'runs'), { recursive: true, force: true });
  const still =
    'const { Date: Real } = globalThis; globalThis.Date = class extends Real { constructor(...given) { super(...(given.length > 0 ? given : [1e12])); } };';
  process.env.NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(still)}`;
  for (const expected of [[''], ['', '-2'], ['', '-2', '-3']]) {
    assert.is(run('train', ...short).status, 0);
    assert.equal(
      filesIn('runs'),
      expected.map((number) => `2001-09-09T01-46-40-digits${number}`),
    );
    for (const name of filesIn('runs')) assert.ok(filesIn(join('runs', name)).includes('history.json'));
  }
  delete process.env.NODE_OPTIONS;
});

test('a run that another process finishes while its lock is waited for is not resumed', async () => {
  const interrupted = start('train', ...short, '--epochs', '50', '--checkpoint-every', '3', '--out', 'elsewhere');
  await reaches(3, 'elsewhere');
  interrupted.process.kill('SIGINT');
  await interrupted.ended;
  const lock = join(work, 'elsewhere/lock');
  writeFileSync(lock, JSON.stringify({ pid: 7, start: '', host: 'another', boot: '', namespace: '' }));
  const resumed = start('train', '--resume', 'elsewhere');
  await new Promise((resolve) => resumed.process.stderr!.once('data', resolve));
  writeFileSync(join(work, 'elsewhere/history.json'), '{}');
  rmSync(lock);
  const { status, stderr } = await resumed.ended;
  assert.is(status, 1);
  assert.match(stderr, /\nelsewhere is finished, there is nothing to resume; start a new run\n$/);
});

test.run();
