// The same bits in the Node that runs the tests: on any number of threads, in the debug build. npm run test:hosts trains the same with each
// of V8's compilers, and in other hosts.
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { builtinDigits } from '../../src/data/index.js';
import * as images from '../../src/images/index.js';
import * as wasmCnn from '../../src/index.js';
import { workers } from '../../src/node/threads/workers.js';
import { readBuild } from '../assembly/guardedMemory.js';
import { thisNode } from './hosts.js';
import { report, type HostResult } from './report.js';
import { trainings, trainOnce, type Trained } from './training.js';

const engine = { ...wasmCnn, ...images, builtinDigits };
const version = process.versions.node;

test('1, 2, 3, 4 and 7 threads, and the debug build, give the same weights', async () => {
  const debug: Trained[] = [];
  for (const training of trainings)
    if (training.threads === 1) debug.push(await trainOnce(engine, training, { wasm: readBuild('debug') }));
  const results: HostResult[] = [{ host: 'this Node', version, way: 'debug build', trained: debug }];
  const node = await thisNode.open(fileURLToPath(new URL('.', import.meta.url)));
  const trained = await node.train(thisNode.ways[0]!);
  for (const { threads, running } of trained) assert.is(running, threads, 'the threads came');
  results.push({ host: 'this Node', version, way: 'as usual', trained });
  const { text, passed, failed } = report(results);
  assert.equal([passed, failed], [debug.length + trainings.length, 0], text);
});

test('the given build is the one that runs', async () => {
  const empty = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  assert.match(
    await trainOnce(engine, trainings[0]!, { workers: workers(1), wasm: empty }).then(() => 'it trained', String),
    'wasm must be a file of wasm-cnn/wasm/, got another module',
  );
});

test('the report counts and shows differing bits, hosts that fail, and threads that did not start', () => {
  const trained = (threads: number, hash: string, running = threads): Trained => ({
    network: 'reference',
    threads,
    running,
    hash: hash.repeat(64),
    predictions: 'p',
    seconds: 0.5,
  });
  const { text, passed, failed } = report([
    { host: 'A', version: '1', way: '', trained: [trained(1, 'a'), trained(2, 'a'), trained(3, 'b')] },
    {
      host: 'B',
      version: '2',
      way: '--quick',
      trained: [{ ...trained(1, 'c'), network: 'classic' }, trained(7, 'a', 1)],
    },
    { host: 'B', version: '3', way: '', trained: [{ ...trained(1, 'a'), predictions: 'q' }] },
    { host: 'C', version: '3', way: '', trained: new Error('no such thing') },
  ]);
  assert.equal([passed, failed], [4, 3]);
  assert.match(text, /A +1 +reference +1, 2 +a{16} +1\.00 +yes\n/);
  assert.match(text, /A +1 +reference +3 +b{16} +0\.50 +NO\n/);
  assert.match(text, /B +2 +--quick +classic +1 +c{16} +0\.50 +yes\n/);
  assert.match(text, /B +2 +--quick +reference +1 of 7 +a{16} +0\.50 +yes\n/);
  assert.match(text, /B +3 +reference +1 +a{16} +0\.50 +NO\n/);
  assert.match(text, /C +3 +FAILED\n/);
  assert.match(text, /\nno such thing$/);
});

test.run();
