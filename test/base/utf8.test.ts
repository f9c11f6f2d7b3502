// UTF-8 against the host's own coders, which throw or replace where ours say so.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../src/base/random.js';
import { decodeUtf8 } from '../../src/base/decodeUtf8.js';
import { encodeUtf8 } from '../../src/base/utf8.js';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decoded(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

test('every code point, there and back', () => {
  for (let point = 0; point <= 0x10ffff; point++) {
    const text = String.fromCodePoint(point);
    const bytes = encodeUtf8(text);
    const back = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    if (decodeUtf8(bytes) !== back || (back !== text && back !== '\ufffd'))
      assert.is(decodeUtf8(bytes), text, point.toString(16));
  }
});

test('bytes at random, most of them of long sequences, are read or refused as the host does', () => {
  const random = new RandomStream(1, 1, 1);
  const kinds = [
    [0, 256],
    [0x80, 0x40],
    [0xc0, 0x40],
    [0, 0x80],
  ] as const;
  let read = 0;
  for (let i = 0; i < 50_000; i++) {
    const bytes = Uint8Array.from({ length: 1 + random.below(6) }, () => {
      const [from, count] = kinds[random.below(kinds.length)]!;
      return from + random.below(count);
    });
    if (decoded(bytes) !== null) read++;
    assert.is(decodeUtf8(bytes), decoded(bytes), bytes.join());
  }
  assert.ok(read > 1000, `${read} of them mean something`);
});

test('a long text, halves of pairs, a byte order mark', () => {
  const long = 'aé€😀'.repeat(10_000);
  assert.is(decodeUtf8(encodeUtf8(long)), long);
  assert.equal(encodeUtf8('\ud800a\udc00'), new TextEncoder().encode('\ud800a\udc00'));
  assert.is(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b)), '\ufeff{');
  assert.is(decodeUtf8(new Uint8Array(0)), '');
});

test.run();
