// safetensors: what is written comes back, and every kind of damage gets one sentence.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WasmCnnError } from '../src/errors.js';
import { readSafetensors, takeTensor, writeSafetensors } from '../src/safetensors.js';

/** A file from the text of a header and the bytes after it. */
function file(header: string | Uint8Array, data: ArrayLike<number> = [], headerBytes?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, headerBytes ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const entry = (shape: number[], from: number, to: number, dtype = 'F32'): string => JSON.stringify({ dtype, shape, data_offsets: [from, to] });

test('tensors and metadata come back as they were, in order, bit for bit', () => {
  const tensors = new Map([
    ['b', { shape: [2, 3], data: Float32Array.of(1, -0, 3e38, 1e-45, 5, -6) }],
    ['a', { shape: [], data: Float32Array.of(7) }],
    ['empty', { shape: [0, 4], data: new Float32Array(0) }],
    ['ünïcode "quoted"', { shape: [1], data: Float32Array.of(8) }],
  ]);
  const metadata = new Map([['note', 'a "b": c'], ['__proto__', 'x']]);
  const bytes = writeSafetensors({ tensors, metadata });
  const back = readSafetensors(bytes, 'it');
  assert.equal([...back.metadata], [...metadata]);
  assert.equal([...back.tensors.keys()], [...tensors.keys()]);
  for (const [name, { shape, data }] of tensors) {
    assert.equal(back.tensors.get(name)!.shape, shape);
    assert.equal(new Uint32Array(back.tensors.get(name)!.data.buffer), new Uint32Array(data.buffer));
  }
  assert.is((bytes.length - 4 * 8) % 8, 0, 'tensors begin at a multiple of 8');
});

test("a file as Python's safetensors lays it out is read", () => {
  const header = `{"__metadata__":{"format":"pt"},"w":${entry([2], 0, 8)}}   `;
  const { tensors, metadata } = readSafetensors(file(header, new Uint8Array(Float32Array.of(1.5, 2.5).buffer)), 'it');
  assert.equal([...tensors.get('w')!.data], [1.5, 2.5]);
  assert.is(metadata.get('format'), 'pt');
});

test('a tensor called __proto__ is a tensor', () => {
  const { tensors } = readSafetensors(file(`{"__proto__":${entry([1], 0, 4)}}`, [0, 0, 128, 63]), 'it');
  assert.equal([...tensors.get('__proto__')!.data], [1]);
});

test('damaged and hostile files are refused with one sentence', () => {
  const end = '; it is damaged or no safetensors file';
  const cases: [what: string, bytes: Uint8Array, sentence: string][] = [
    ['empty', new Uint8Array(0), '0 bytes are too few for a safetensors file'],
    ['cut in the length', new Uint8Array(7), '7 bytes are too few for a safetensors file'],
    ['header of 2^63', file('{}', [], 2n ** 63n), 'the header claims 9223372036854776000 bytes, at most 100000000 are allowed'],
    ['header past the end', file('{}', [], 3n), 'the header claims 3 bytes, the file has 2 after its length'],
    ['header of nothing', file(''), 'the header is no JSON'],
    ['no JSON', file('{"a":'), 'the header is no JSON'],
    ['no object', file('[]'), 'the header is no JSON object'],
    ['no UTF-8', file(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), 'the header is no JSON'],
    ['leading space', file(' {}'), 'the header is no JSON object'],
    ['an entry that is no object', file('{"a":1}'), "the entry 'a' is no object"],
    ['the same name twice', file(`{"a":${entry([1], 0, 4)},"a":${entry([1], 0, 4)}}`, [0, 0, 0, 0]), 'the header has the same name twice'],
    ['the same name twice, escaped', file(`{"a":${entry([1], 0, 4)},"\\u0061":${entry([1], 0, 4)}}`, [0, 0, 0, 0]), 'the header has the same name twice'],
    ['nested deeply', file(`{"a":${'{"b":'.repeat(50000)}1${'}'.repeat(50000)}}`), 'the header is nested too deeply'],
    ['another type', file(`{"a":${entry([1], 0, 2, 'F16')}}`, [0, 0]), 'tensor \'a\' has type "F16", only F32 is read'],
    ['negative size', file(`{"a":${entry([-1], 0, 4)}}`, [0, 0, 0, 0]), "tensor 'a' has shape [-1]"],
    ['fractional size', file(`{"a":${entry([0.5], 0, 2)}}`, [0, 0]), "tensor 'a' has shape [0.5]"],
    ['three offsets', file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}', [0, 0, 0, 0]), "tensor 'a' has offsets [0,4,4]"],
    ['text offsets', file('{"a":{"dtype":"F32","shape":[1],"data_offsets":["0","4"]}}', [0, 0, 0, 0]), 'tensor \'a\' has offsets ["0","4"]'],
    ['size and offsets differ', file(`{"a":${entry([2], 0, 4)}}`, [0, 0, 0, 0]), "tensor 'a' [2] takes 8 bytes, its offsets hold 4"],
    ['a product that overflows', file(`{"a":${entry([4294967296, 4294967296], 0, 0)}}`), "tensor 'a' [4294967296,4294967296] takes 73786976294838210000 bytes, its offsets hold 0"],
    ['data past the end', file(`{"a":${entry([2], 0, 8)}}`, [0, 0, 0, 0]), "tensor 'a' ends at byte 8 of 4"],
    ['overlap', file(`{"a":${entry([1], 0, 4)},"b":${entry([1], 0, 4)}}`, [0, 0, 0, 0]), "tensor 'b' begins at byte 0, the one before ends at 4"],
    ['gap', file(`{"a":${entry([1], 4, 8)}}`, new Uint8Array(8)), "tensor 'a' begins at byte 4, the one before ends at 0"],
    ['bytes after the last tensor', file(`{"a":${entry([1], 0, 4)}}`, new Uint8Array(6)), 'the tensors end at byte 4, the file goes on to 6'],
    ['metadata that is no text', file('{"__metadata__":{"a":1}}'), "metadata 'a' is no text"],
  ];
  for (const [what, bytes, sentence] of cases) {
    try {
      readSafetensors(bytes, 'it');
      assert.unreachable(`${what} was read`);
    } catch (error) {
      assert.instance(error, WasmCnnError, `${what}: ${String(error)}`);
      assert.is((error as Error).message, `it: ${sentence}${end}`, what);
    }
  }
});

test('a tensor is taken only with its shape and finite', () => {
  const tensors = (values: number[]) => readSafetensors(writeSafetensors({ tensors: new Map([['a', { shape: [2], data: Float32Array.from(values) }]]), metadata: new Map() }), 'it');
  assert.equal([...takeTensor(tensors([1, 2]), 'a', [2], 'it')], [1, 2]);
  assert.throws(() => takeTensor(tensors([1, 2]), 'b', [2], 'it'), (error: Error) => error.message === "it: the tensor 'b' is missing; it is a file of another model");
  assert.throws(() => takeTensor(tensors([1, 2]), 'a', [1, 2], 'it'), (error: Error) => error.message === "it: the tensor 'a' has shape [2], the model needs [1,2]; it is a file of another model");
  for (const bad of [NaN, Infinity, -Infinity]) {
    assert.throws(() => takeTensor(tensors([1, bad]), 'a', [2], 'it'), (error: Error) => error.message === "it: the tensor 'a' holds NaN or infinite numbers; take an earlier file");
  }
});

test.run();
