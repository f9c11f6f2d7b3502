// What pictures are like, by as little of their files as that takes.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lookAt } from '../../../src/data/layouts/pictures.js';
import { pngOf } from '../imageFolder/pictures.js';

/** A PNG with so many bytes of text between its header and its pixels, and 200,000 behind them. */
function longPng(text: number): Uint8Array {
  const png = Buffer.from(pngOf(7, 5, 6));
  const chunk = Buffer.alloc(12 + text);
  chunk.writeUInt32BE(text);
  chunk.write('prVt', 4, 'latin1');
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33), Buffer.alloc(200_000)]);
}

test('a header is read from the first bytes, from more where it is long, and from all of the file at last', async () => {
  for (const [text, calls] of [
    [100, ['head 16384']],
    [20_000, ['head 16384', 'head 131072']],
    [140_000, ['head 16384', 'head 131072', 'all']],
  ] as const) {
    const made: string[] = [];
    const bytes = longPng(text);
    const { shared } = await lookAt([
      {
        who: 'a.png',
        read: async () => (made.push('all'), bytes),
        head: async (length) => (made.push(`head ${length}`), bytes.slice(0, length)),
      },
    ]);
    assert.equal(shared, [5, 6]);
    assert.equal(made, calls);
  }
});

test.run();
