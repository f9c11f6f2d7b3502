// The checksum in a model file: any change of the contents is refused, any other order of the same contents is read.
import { crc32 as zlibCrc32 } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checksumOf, crc32 } from '../../src/formats/checksum.js';
import { loadModel, WasmCnnError } from '../../src/index.js';
import { RandomStream } from '../../src/base/random.js';
import { readSafetensors, writeSafetensors, type SafetensorsFile } from '../../src/formats/safetensors.js';
import { compiledToy, toyExamples, weightsHash } from '../model/toy.js';
import { writeWithoutChecksum } from './otherTool.js';

const model = compiledToy();
const { x, y } = toyExamples(16);
await model.fit(x, y);
const bytes = model.save({ facts: { note: 'ü' } });
const file = readSafetensors(bytes, 'it');

function refusal(given: Uint8Array): string {
  try {
    loadModel(given, { name: 'it' });
  } catch (error) {
    assert.instance(error, WasmCnnError, String(error));
    return (error as Error).message;
  }
  return 'it was read';
}

const changed = (now: string): string =>
  `it: its contents are not those that were saved (checksum ${file.metadata.get('checksum')}, now ${now}); it is damaged, take an earlier file; or, if a program changed it on purpose, have that program leave the metadata 'checksum' out`;

test('CRC-32 is that of zlib, of any length, at any address, in any number of parts', () => {
  assert.is(crc32(new TextEncoder().encode('123456789')), 0xcbf43926, 'the check value of the CRC catalogue');
  const random = new RandomStream(5);
  const data = Uint8Array.from({ length: 1000 }, () => random.below(256));
  for (let length = 0; length < 60; length++) {
    const part = data.subarray(length, 2 * length + 3);
    assert.is(crc32(part), zlibCrc32?.(part) ?? crc32(part.slice()));
    assert.is(crc32(part.subarray(length >> 1), crc32(part.subarray(0, length >> 1))), crc32(part));
  }
});

test('every file has one, made as the comment of checksum.ts says', () => {
  const byName = <T>(map: ReadonlyMap<string, T>): [string, T][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = [
    ...byName(file.metadata).flatMap(([key, value]) => (key === 'checksum' ? [] : [Buffer.from(`${key}\0${value}\0`)])),
    ...byName(file.tensors).flatMap(([name, { shape, data }]) => [
      Buffer.from(`${name}\0F32\0${shape.join()}\0`),
      Buffer.from(data.buffer),
    ]),
  ];
  assert.is(file.metadata.get('checksum'), crc32(Buffer.concat(parts)).toString(16).padStart(8, '0'));
});

test('one bit anywhere in the tensors, or a page of zeros, is refused', () => {
  const start = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
  for (let at = start; at < bytes.length; at += 37) {
    const damaged = bytes.slice();
    damaged[at]! ^= 1 << (at % 8);
    assert.match(refusal(damaged), /^it: its contents are not those that were saved \(checksum /, `byte ${at}`);
  }
  assert.match(
    refusal(bytes.slice().fill(0, start + 400, start + 700)),
    /^it: its contents are not those that were saved/,
  );
});

test('a bit in the header never gives another model', () => {
  const whole = weightsHash(model);
  const start = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
  for (let at = 0; at < start; at++) {
    const damaged = bytes.slice();
    damaged[at]! ^= 1 << (at % 8);
    let loaded;
    try {
      loaded = loadModel(damaged);
    } catch (error) {
      assert.instance(error, WasmCnnError, String(error));
      continue;
    }
    // The filling spaces, or the word 'checksum' itself.
    assert.is(weightsHash(loaded.model), whole);
    assert.equal([loaded.facts, loaded.model.step], [{ note: 'ü' }, model.step]);
  }
});

test('different names, shapes and texts are different contents; a wrong checksum is refused, too', () => {
  const rewritten = (change: Partial<SafetensorsFile>): SafetensorsFile => ({ ...file, ...change });
  const [[name, tensor]] = [...file.tensors] as [
    [string, SafetensorsFile['tensors'] extends ReadonlyMap<string, infer T> ? T : never],
  ];
  const others = [...file.tensors].slice(1);
  const files = [
    rewritten({ tensors: new Map([[`${name}x`, tensor], ...others]) }),
    rewritten({ tensors: new Map([[name, { ...tensor, shape: [tensor.data.length] }], ...others]) }),
    rewritten({ metadata: new Map([...file.metadata, ['facts', '{}']]) }),
    rewritten({ metadata: new Map([...file.metadata, ['more', '']]) }),
  ];
  for (const each of files) assert.is(refusal(writeSafetensors(each)), changed(checksumOf(each)));
  assert.match(
    refusal(writeSafetensors(rewritten({ metadata: new Map([...file.metadata, ['checksum', '']]) }))),
    /^it: its contents are not those that were saved \(checksum , now [0-9a-f]{8}\)/,
  );
});

test('the same contents in another order, or without a checksum, are read', () => {
  const reordered = { tensors: new Map([...file.tensors].reverse()), metadata: new Map([...file.metadata].reverse()) };
  for (const each of [writeSafetensors(reordered), writeWithoutChecksum(file)]) {
    assert.is(weightsHash(loadModel(each).model), weightsHash(model));
    assert.equal([...loadModel(each).model.save({ facts: { note: 'ü' } })], [...bytes]);
  }
});

test.run();
