// The scripts of threads are built before the sources are compiled: a build of only those would leave old ones.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pictureThread } from '../../../src/node/threads/pictureThread.generated.js';
import { trainingThread } from '../../../src/node/threads/trainingThread.generated.js';
import { workerThread } from '../../../src/node/threads/workerThread.generated.js';

const { bundleThread } = (await import(
  new URL('../../../../src/node/threads/buildThreads.js', import.meta.url).href
)) as { bundleThread(name: string): Promise<string> };

test("the threads' scripts are up to date with their sources; npm run build:js makes them", async () => {
  assert.ok((await bundleThread('workerThread')) === workerThread, 'workerThread');
  assert.ok((await bundleThread('trainingThread')) === trainingThread, 'trainingThread');
  assert.ok((await bundleThread('pictureThread')) === pictureThread, 'pictureThread');
});

test('they hold no kernels and no decoders in WebAssembly, which their starter gives them', () =>
  assert.ok(workerThread.length < 20_000 && trainingThread.length < 270_000 && pictureThread.length < 120_000));

test.run();
