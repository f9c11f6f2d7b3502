// Node's decoding threads: the pixels of the calling thread, for any number of them, and a process that ends by itself.
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { plainReader, thisThread } from '../../../src/data/imageFolder/pictureReader.js';
import { imageInput } from '../../../src/images/imageInput.js';
import { decodingThreadsOf } from '../../../src/node/threads/decodingThreads.js';
import { samples } from '../../images/samples.js';
import { refusal } from '../refuses.js';

/** Pictures in all formats, more than a handful. */
const files = Array.from({ length: 4 }, () => [...samples])
  .flat()
  .map(([name, { file }], i) => ({ who: `${name} ${i}`, read: async () => file }));
const input = imageInput({ imageSize: [9, 11], colorMode: 'rgba', aspectRatio: 'pad' });

test('pixels do not depend on the number of threads', async () => {
  const all = async (decoder = thisThread): Promise<Buffer> => {
    const pictures = await plainReader(decoder).open(files, input, '');
    const size = 9 * 11 * 4;
    const into = Buffer.alloc(files.length * size);
    await Promise.all(files.map((_, i) => pictures.read([i], into, i * size)));
    return into;
  };
  const alone = await all();
  for (const count of [1, 2, 3]) {
    const threads = decodingThreadsOf(count);
    assert.ok(alone.equals(await all(threads)), `${count} threads`);
    assert.is(threads.count, count);
    threads.end();
  }
});

test('a broken picture gets its sentence from a thread, too', async () => {
  const threads = decodingThreadsOf(1);
  const { file } = samples.get('jpeg 4:2:0')!;
  await Promise.all(Array.from({ length: 60 }, () => threads.decode(file, 'x', input)));
  assert.is(threads.count, 1);
  assert.match(await refusal(threads.decode(file.subarray(0, -40), 'cut.jpg', input)), /^cut\.jpg is cut off: /);
  threads.end();
});

test('threads end when there is nothing to decode, and start again', async () => {
  const threads = decodingThreadsOf(2);
  const { file } = samples.get('webp lossy')!;
  const many = (): Promise<Uint8Array[]> =>
    Promise.all(Array.from({ length: 60 }, () => threads.decode(file, 'x', input)));
  const first = await many();
  assert.is(threads.count, 2);
  await sleep(3500);
  assert.is(threads.count, 0);
  assert.equal(await many(), first);
  assert.is(threads.count, 2);
  threads.end();
});

test('a process that has decoded in threads ends by itself, at once', () => {
  const module = (path: string): string => JSON.stringify(new URL(`../../../${path}`, import.meta.url).href);
  const script = `
    import { decodingThreadsOf } from ${module('src/node/threads/decodingThreads.js')};
    import { imageInput } from ${module('src/images/imageInput.js')};
    import { samples } from ${module('test/images/samples.js')};
    const threads = decodingThreadsOf(2);
    const input = imageInput({ imageSize: [4, 4] });
    const [{ file }] = samples.values();
    await Promise.all(Array.from({ length: 99 }, () => threads.decode(file, 'x', input)));
    const began = performance.now();
    process.on('exit', () => console.log(\`\${threads.count} \${performance.now() - began < 1000}\`));`;
  assert.is(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }), '2 true\n');
});

test.run();
