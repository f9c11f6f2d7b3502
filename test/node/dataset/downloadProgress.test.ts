// A download as a person sees it: bars on a terminal, lines elsewhere.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { downloadProgress } from '../../../src/node/dataset/downloadProgress.js';

const name = 't10k-images-idx3-ubyte';

test('bars on a terminal, with notes above them', () => {
  const { stream, written } = terminal(true);
  const handlers = process.listenerCount('SIGINT');
  const progress = downloadProgress(undefined, stream);
  progress.note('a note before any bar');
  assert.is(written(), 'a note before any bar\n');
  const update = progress.begin(name);
  update(500_000, 1_600_000);
  progress.note('a note beside a bar');
  assert.is(process.listenerCount('SIGINT'), handlers, 'Ctrl-C still stops the program');
  update(1_600_000, undefined);
  progress.done(name, 1_600_000);
  progress.stop();
  assert.match(written(), /a note beside a bar\n/);
  assert.match(written(), /  t10k-images-idx3-ubyte  █{30} 100%  1\.6 MB/);
  assert.not.match(written(), '\x1b[?7l', 'line wrapping stays on');
});

test('no bar where no byte came', () => {
  const { stream, written } = terminal(true);
  const progress = downloadProgress(undefined, stream);
  progress.begin(name);
  progress.stop();
  assert.is(written(), '');
});

test('lines where stderr is no terminal, and for a caller who takes them', () => {
  for (const isTTY of [false, true]) {
    const { stream, written } = terminal(isTTY);
    const taken: string[] = [];
    const progress = downloadProgress(isTTY ? (line) => taken.push(line) : undefined, stream);
    progress.note('a note');
    progress.begin(name)(4500, 4542);
    progress.done(name, 4542);
    progress.stop();
    const lines = ['a note', '  t10k-images-idx3-ubyte: 4.5 kB'];
    assert.equal([taken, written()], isTTY ? [lines, ''] : [[], `${lines.join('\n')}\n`]);
  }
});

function terminal(isTTY: boolean): { stream: NodeJS.WriteStream; written: () => string } {
  let text = '';
  const stream = { isTTY, columns: 100, write: (words: string) => (text += words) };
  return { stream: stream as unknown as NodeJS.WriteStream, written: () => text };
}

test.run();
