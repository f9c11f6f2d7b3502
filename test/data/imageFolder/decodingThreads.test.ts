// Threads that decode, played by this one: when they start and end, and what comes of those that fail.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  decodingThread,
  DecodingThreads,
  type DecodingReply,
  type StartDecoding,
} from '../../../src/data/imageFolder/decodingThreads.js';
import { imageInput } from '../../../src/images/imageInput.js';
import { refusal } from '../../node/refuses.js';
import { pngOf } from './pictures.js';

const input = imageInput({ imageSize: [2, 2] });
const { warn } = console;
test.before.each(() => void (console.warn = () => {}));
test.after.each(() => void (console.warn = warn));

interface Played {
  start: StartDecoding;
  started: number;
  ended: number;
  posted: number;
  end: ((reason: string) => void)[];
}

/** Threads that answer a little later. `dies`: the number of the request at which one ends. */
function played(dies = Infinity): Played {
  const host: Played = {
    started: 0,
    ended: 0,
    posted: 0,
    end: [],
    start(replied, ended) {
      host.started++;
      host.end.push(ended);
      const decode = decodingThread((reply: DecodingReply) => setTimeout(() => replied(reply), 1));
      return {
        post(request) {
          if (++host.posted === dies) setTimeout(() => ended('it fell'), 1);
          else void decode(request);
        },
        terminate: () => void host.ended++,
      };
    },
  };
  return host;
}

const decodeMany = (threads: DecodingThreads, count: number): Promise<Uint8Array[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => threads.decode(pngOf(i % 256), `${i}.png`, input)));
const values = (count: number): number[] => Array.from({ length: count }, (_, i) => i % 256);

test('a few pictures start none, and many at most the limit', async () => {
  const host = played();
  const threads = new DecodingThreads(host.start, 3);
  await decodeMany(threads, 20);
  assert.is(host.started, 0);
  const all = await decodeMany(threads, 300);
  assert.equal(
    all.map(([value]) => value),
    values(300),
  );
  assert.is(host.started, 3);
  threads.end();
  assert.equal([host.ended, threads.count], [3, 0]);
});

test('large pictures count for more', async () => {
  const host = played();
  const threads = new DecodingThreads(host.start, 2);
  const large = new Uint8Array(1 << 20);
  assert.match(await refusal(threads.decode(large, 'a', input)), /^a is not a PNG/);
  assert.match(await refusal(threads.decode(large, 'b', input)), /^b is not a PNG/);
  assert.equal([host.started, host.posted], [1, 1]);
  threads.end();
});

test('a view of a large memory is posted alone, and stays whole', async () => {
  const host = played();
  const threads = new DecodingThreads(host.start, 1);
  await decodeMany(threads, 48);
  const png = pngOf(7);
  const memory = new Uint8Array(png.length + 1000);
  memory.set(png, 500);
  const view = memory.subarray(500, 500 + png.length);
  assert.is((await threads.decode(view, 'x', input))[0], 7);
  assert.equal(view, png);
  threads.end();
});

test('work left by a thread that ended is done here, with one warning', async () => {
  const warned: string[] = [];
  console.warn = (text: string) => void warned.push(text);
  const host = played(5);
  const threads = new DecodingThreads(host.start, 1);
  const all = await decodeMany(threads, 100);
  assert.equal(
    all.map(([value]) => value),
    values(100),
  );
  assert.equal(warned, [
    'wasm-cnn: pictures are decoded in the calling thread, to the same pixels, as one for them ended (it fell)',
  ]);
  await decodeMany(threads, 100);
  assert.is(host.started, 1);
});

test('a host that cannot start any', async () => {
  let tries = 0;
  const refuse: StartDecoding = () => {
    tries++;
    throw new Error('not here');
  };
  const threads = new DecodingThreads(refuse, 2);
  assert.is((await decodeMany(threads, 100)).length, 100);
  assert.is(tries, 1);
});

test.run();
