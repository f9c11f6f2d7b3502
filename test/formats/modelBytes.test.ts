// What people hand to loadModel(): bytes in any form are read, everything else is told what it is and what to do.
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel, WasmCnnError } from '../../src/index.js';
import { refuses } from '../node/refuses.js';
import { compiledToy, weightsHash } from '../model/toy.js';

const model = compiledToy();
const bytes = model.save();

function refusal(given: unknown): string {
  try {
    loadModel(given as Uint8Array, { name: 'it' });
  } catch (error) {
    assert.instance(error, WasmCnnError, String(error));
    return (error as Error).message;
  }
  return 'it was read';
}

test('bytes in any form are read', () => {
  const shifted = new Uint8Array(bytes.length + 5);
  shifted.set(bytes, 3);
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  const { buffer } = bytes;
  const foreign = runInNewContext(
    '(bytes) => { const copy = new Uint8Array(bytes.length); copy.set(bytes); return [copy, copy.buffer, new DataView(copy.buffer)]; }',
  ) as (bytes: Uint8Array) => Uint8Array[];
  const forms = [
    bytes,
    buffer,
    new DataView(buffer),
    Buffer.from(bytes),
    new Uint8ClampedArray(buffer),
    new Int8Array(buffer),
    shifted.subarray(3, -2),
    new DataView(shifted.buffer, 3, bytes.length),
    shared,
    new Uint8Array(shared),
    ...foreign(bytes),
  ];
  for (const form of forms) assert.is(weightsHash(loadModel(form).model), weightsHash(model));
});

test('a Response, a Blob and a File are awaited', async () => {
  for (const later of [new Response(bytes), new Blob([bytes]), new File([bytes], 'model.safetensors')])
    assert.is(weightsHash((await loadModel(later)).model), weightsHash(model));
  await refuses(
    loadModel(new Response('gone', { status: 404 }), { name: 'it' }),
    'it: the response came with status 404; check the address that it was fetched from',
  );
  await refuses(
    loadModel(new Blob(['<!doctype html>']), { name: 'it' }),
    'it: it is an HTML page, perhaps that of an error or a login; check the address that it was fetched from',
  );
  const read = new Response(bytes);
  await read.arrayBuffer();
  await loadModel(read, { name: 'it' }).then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, /^it: its bytes did not come \(.*\); fetch or open it again$/),
  );
});

test('values that are not bytes', () => {
  const needs = (got: string, todo: string): string => `loadModel needs the bytes of a model file, got ${got}; ${todo}`;
  const address = 'read a file with fs.readFileSync(path), an address with await (await fetch(';
  const cases: readonly [unknown, string][] = [
    ['model.safetensors', needs('"model.safetensors"', `${address}address)).arrayBuffer()`)],
    [new URL('http://localhost/m'), needs('a URL', `${address}url)).arrayBuffer()`)],
    [new Request('http://localhost/m'), needs('a Request', 'give it await (await fetch(request)).arrayBuffer()')],
    [new Blob([bytes]).stream(), needs('a ReadableStream', 'give it await new Response(stream).arrayBuffer()')],
    [Promise.resolve(bytes), needs('a Promise (put await before it)', 'give it a Uint8Array or an ArrayBuffer')],
    [[...bytes.subarray(0, 9)], needs('an array', 'give it Uint8Array.from(array)')],
    [undefined, needs('undefined', 'give it a Uint8Array or an ArrayBuffer')],
    [null, needs('null', 'give it a Uint8Array or an ArrayBuffer')],
    [new Float32Array(9), needs('a Float32Array', 'give it a Uint8Array or an ArrayBuffer')],
    [model, needs('a Sequential', 'give it a Uint8Array or an ArrayBuffer')],
  ];
  for (const [given, sentence] of cases) assert.is(refusal(given), sentence);
});

test('bytes that were transferred away', () => {
  const gone = (make: (copy: Uint8Array<ArrayBuffer>) => unknown): string => {
    const copy = bytes.slice();
    const given = make(copy);
    structuredClone(copy.buffer, { transfer: [copy.buffer] });
    return refusal(given);
  };
  for (const make of [
    (copy: Uint8Array) => copy,
    ({ buffer }: Uint8Array) => buffer,
    ({ buffer }: Uint8Array) => new DataView(buffer),
  ]) {
    assert.match(
      gone(make),
      /^loadModel needs the bytes of a model file, got a (Uint8Array|ArrayBuffer|DataView) whose memory is gone \(.*\); it was transferred to another thread: give it a copy$/,
    );
  }
});

test('bytes of something else', () => {
  const text = (...lines: string[]): Uint8Array => new TextEncoder().encode(lines.join('\n'));
  const page =
    'it: it is an HTML page, perhaps that of an error or a login; check the address that it was fetched from';
  const json = 'it: it is JSON, perhaps the error of a server; check the address that it was fetched from';
  const picture = 'it: it is a picture and no model; name another file';
  const cases: readonly [Uint8Array, string][] = [
    [text('<!DOCTYPE html>', '<title>404</title>'), page],
    [text('\ufeff \n<html>'), page],
    [text('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'), page],
    [
      text('version https://git-lfs.github.com/spec/v1', 'oid sha256:abc', 'size 3'),
      'it: it is a Git LFS pointer in place of the file; fetch the file itself with git lfs pull',
    ],
    [text('{"message":"Not found"}'), json],
    [text('[1, 2]'), json],
    [
      text('{"format":"layers-model","modelTopology":{}}'),
      'it: it is a model.json of TensorFlow.js; load it and the files beside it with loadTfjs() of wasm-cnn/formats/tfjs',
    ],
    [
      text('404: Not Found'),
      'it: it is a text and no model, perhaps the error of a server; name another file, or check the address that it was fetched from',
    ],
    [Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10), picture],
    [Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16), picture],
    [gzipSync(bytes), 'it: it is compressed with gzip; unpack it first, e.g. with gunzip'],
    [
      text('PK\u0003\u0004abcdefgh'),
      `it: it is a ZIP archive, as .keras, .pt and .npz files are; load a .keras with loadKeras() of wasm-cnn/formats/keras`,
    ],
    [
      Uint8Array.of(0x89, 0x48, 0x44, 0x46, 13, 10, 0x1a, 10, 0, 0),
      `it: it is an HDF5 file, as older files of Keras (.h5) are; load it with loadKeras() of wasm-cnn/formats/keras`,
    ],
    [new Uint8Array(0), 'it: 0 bytes are too few for a safetensors file; it is damaged or no safetensors file'],
    [new Uint8Array(5), 'it: 5 bytes are too few for a safetensors file; it is damaged or no safetensors file'],
    [new Uint8Array(100), "it: the header does not begin with '{'; it is damaged or no safetensors file"],
  ];
  for (const [given, sentence] of cases) assert.is(refusal(given), sentence);
});

test('a header of 0x8b1f bytes begins as gzip does, and is a header', () => {
  const header = `{"__metadata__":{"k":"${'x'.repeat(0x8b1f - 25)}"}}`;
  const given = new Uint8Array(8 + header.length);
  given.set([0x1f, 0x8b]);
  given.set(new TextEncoder().encode(header), 8);
  assert.is(header.length, 0x8b1f);
  assert.is(
    refusal(given),
    "it: its format is undefined, this version reads 'wasm-cnn 1' and 'wasm-cnn 2'; it was not saved by wasm-cnn",
  );
});

test.run();
