// The identity of training data: what it is made of, and what changes it.
import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dataSha256 } from '../../src/data/dataSha256.js';
import type { Tensor } from '../../src/index.js';

const sha256 = (...parts: Uint8Array[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const PIECE = 4 << 20;
const data = Uint8Array.from({ length: 2 * PIECE + 5 }, (_, i) => (i * 7) % 251);
const x: Tensor = { data, shape: [data.length] };

test('the SHA-256 of the SHA-256 of each 4 MiB of x, and of y as f64', async () => {
  const pieces = [
    data.subarray(0, PIECE),
    data.subarray(PIECE, 2 * PIECE),
    data.subarray(2 * PIECE),
    new Uint8Array(Float64Array.of(3, 1).buffer),
  ];
  assert.is(await dataSha256([[x, [3, 1]]]), sha256(...pieces.map((piece) => sha256(piece))).toString('hex'));
});

test('labels of any kind are the same, memory of any kind too; each byte counts', async () => {
  const expected = await dataSha256([[x, [3, 1]]]);
  assert.is(await dataSha256([[x, Uint8Array.of(3, 1)]]), expected);
  assert.is(await dataSha256([[x, { data: Int32Array.of(3, 1), shape: [2] }]]), expected);
  const shared = new Uint8Array(new SharedArrayBuffer(data.length));
  shared.set(data);
  assert.is(await dataSha256([[{ ...x, data: shared }, [3, 1]]]), expected);
  const Growing = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;
  const growing = new Uint8Array(new Growing(data.length, { maxByteLength: 2 * data.length }));
  growing.set(data);
  assert.is(await dataSha256([[{ ...x, data: growing }, [3, 1]]]), expected);
  const within = new Uint8Array(data.length + 3);
  within.set(data, 3);
  assert.is(await dataSha256([[{ ...x, data: within.subarray(3) }, [3, 1]]]), expected);
  for (const at of [0, PIECE, data.length - 1]) {
    const other = data.slice();
    other[at]! ^= 1;
    assert.is.not(await dataSha256([[{ ...x, data: other }, [3, 1]]]), expected, `byte ${at}`);
  }
  assert.is.not(await dataSha256([[x, [3, 2]]]), expected);
  assert.is.not(
    await dataSha256([
      [x, [3, 1]],
      [x, [3, 1]],
    ]),
    expected,
  );
});

test('no copy is made of memory that the host can hash, and no more than two pieces are under way', async () => {
  const { subtle } = globalThis.crypto;
  const own = Object.getOwnPropertyDescriptor(globalThis, 'crypto')!;
  let [underWay, most] = [0, 0];
  const given: unknown[] = [];
  const digest = async (name: string, bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> => {
    given.push(bytes.buffer);
    most = Math.max(most, ++underWay);
    const result = await subtle.digest(name, bytes);
    underWay--;
    return result;
  };
  Object.defineProperty(globalThis, 'crypto', { value: { subtle: { digest } }, configurable: true });
  await dataSha256([[x, [3, 1]]]);
  Object.defineProperty(globalThis, 'crypto', own);
  assert.is(given.filter((buffer) => buffer === data.buffer).length, 3);
  assert.is(most, 2);
});

test('a host without SHA-256 gives null', async () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'crypto')!;
  Object.defineProperty(globalThis, 'crypto', { value: {}, configurable: true });
  const hash = await dataSha256([[x, [3, 1]]]);
  Object.defineProperty(globalThis, 'crypto', own);
  assert.is(hash, null);
});

test.run();
