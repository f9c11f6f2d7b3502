// safetensors: what is written comes back, and every kind of damage gets one sentence.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { takeTensor } from '../../src/formats/archive.js';
import { WasmCnnError } from '../../src/base/errors.js';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors.js';

/** A file from the text of a header and the bytes after it. */
function file(header: string | Uint8Array, data: ArrayLike<number> = [], headerBytes?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, headerBytes ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const entry = (shape: number[], from: number, to: number, dtype = 'F32'): string =>
  JSON.stringify({ dtype, shape, data_offsets: [from, to] });

test('tensors and metadata come back as they were, in order, bit for bit', () => {
  const tensors = new Map([
    ['b', { shape: [2, 3], data: Float32Array.of(1, -0, 3e38, 1e-45, 5, -6) }],
    ['a', { shape: [], data: Float32Array.of(7) }],
    ['empty', { shape: [0, 4], data: new Float32Array(0) }],
    ['ünïcode "quoted"', { shape: [1], data: Float32Array.of(8) }],
  ]);
  const metadata = new Map([
    ['note', 'a "b": c'],
    ['__proto__', 'x'],
  ]);
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

test('texts that look like more of the header are texts', () => {
  const metadata = new Map([
    ['k', 'v'],
    [':', '":"'],
    ['\\', '\\"'],
    [',"k":', '}'],
    ['', '\u2028'],
  ]);
  assert.equal([...readSafetensors(writeSafetensors({ tensors: new Map(), metadata }), 'it').metadata], [...metadata]);
});

test('a header of megabytes takes no longer than its bytes, whatever stands in it', () => {
  const long = (header: string): void => {
    const began = performance.now();
    try {
      readSafetensors(file(header), 'it');
    } catch (error) {
      assert.instance(error, WasmCnnError, String(error).slice(0, 200));
      assert.ok((error as Error).message.length <= 600);
    }
    const took = performance.now() - began;
    assert.ok(took < 5000, `${took} ms for ${header.slice(0, 30)}…`);
  };
  for (const text of ['\\"', '\\\\', 'a', '":', '{"', '\\u0000', ' ', '[', '"a":{},']) {
    const million = text.repeat(4_000_000 / text.length);
    long(`{"__metadata__":{"k":"${million}"}}`);
    long(`{"${million}`);
    long(`{"a":{"shape":[${million}`);
  }
});

test('a file name in a message is short and has no terminal control characters', () => {
  const name = `\u001b[2J\u009b2J\u2028\u202e${'x'.repeat(1e6)}`;
  assert.throws(
    () => readSafetensors(file(`{${JSON.stringify(name)}:1}`), 'it'),
    /^it: character 1000018 of the header is "1", expected '\{'; it is damaged or no safetensors file$/,
  );
  assert.throws(
    () => readSafetensors(file(`{${JSON.stringify(name)}:{}}`), 'it'),
    /^it: tensor '\\u001b\[2J\\u009b2J\\u2028\\u202ex{340,} … x{100,}' needs dtype, shape and data_offsets; it is damaged or no safetensors file$/,
  );
});

test('what could not be read back is not written', () => {
  const write = (name: string, text: string) =>
    writeSafetensors({
      tensors: new Map([[name, { shape: [], data: new Float32Array(1) }]]),
      metadata: new Map([['k', text]]),
    });
  assert.throws(
    () => write('__metadata__', ''),
    (error: Error) =>
      error.message ===
      'a tensor cannot be called __metadata__, where safetensors keeps its texts; give it another name',
  );
  assert.throws(
    () => write('a', 'x'.repeat(2 ** 24)),
    (error: Error) =>
      error.message ===
      'the header of a safetensors file may have 16777216 bytes, this one would have 16777296; keep fewer facts, and large arrays of a state as Float32Arrays at its top level',
  );
});

test('when memory for a tensor is refused, a sentence says how much', () => {
  const bytes = writeSafetensors({
    tensors: new Map([['a', { shape: [3], data: new Float32Array(3) }]]),
    metadata: new Map(),
  });
  const { Uint8Array: real } = globalThis;
  try {
    globalThis.Uint8Array = class {
      constructor() {
        throw new RangeError('Array buffer allocation failed');
      }
    } as never;
    assert.throws(
      () => readSafetensors(bytes, 'it'),
      (error: Error) =>
        error.message === 'it: needs 12 bytes of memory, which this machine refuses; close other programs',
    );
  } finally {
    globalThis.Uint8Array = real;
  }
});

test("a file as Python's safetensors lays it out is read", () => {
  const header = `{"__metadata__":{"format":"pt"},"w":${entry([2], 0, 8)}}   `;
  const { tensors, metadata } = readSafetensors(file(header, new Uint8Array(Float32Array.of(1.5, 2.5).buffer)), 'it');
  assert.equal([...tensors.get('w')!.data], [1.5, 2.5]);
  assert.is(metadata.get('format'), 'pt');
});

test('a tensor called __proto__, constructor or toString is a tensor', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const { tensors } = readSafetensors(file(`{"${name}":${entry([1], 0, 4)}}`, [0, 0, 128, 63]), 'it');
    assert.equal([...tensors.get(name)!.data], [1]);
    assert.is(({} as Record<string, unknown>).dtype, undefined);
  }
});

test('tensors need not be aligned, nor begin in the order of their names', () => {
  const header = `{"b":${entry([1], 4, 8)},"a":${entry([1], 0, 4)}}`;
  for (const spaces of ['', ' ', '  ', '   ']) {
    const { tensors } = readSafetensors(file(header + spaces, [0, 0, 128, 63, 0, 0, 0, 64]), 'it');
    assert.equal(
      [...tensors].map(([name, { data }]) => [name, data[0]]),
      [
        ['b', 2],
        ['a', 1],
      ],
    );
  }
});

test('damaged and hostile files are refused with one sentence', () => {
  const end = '; it is damaged or no safetensors file';
  const cases: [what: string, bytes: Uint8Array, sentence: string][] = [
    ['empty', new Uint8Array(0), '0 bytes are too few for a safetensors file'],
    ['cut in the length', new Uint8Array(7), '7 bytes are too few for a safetensors file'],
    [
      'header of 2^63',
      file('{}', [], 2n ** 63n),
      'the header claims 9223372036854776000 bytes, at most 16777216 are allowed',
    ],
    [
      'header one byte longer than may be',
      file('{}', [], 16_777_217n),
      'the header claims 16777217 bytes, at most 16777216 are allowed',
    ],
    ['header past the end', file('{}', [], 3n), 'the header claims 3 bytes, the file has 2 after its length'],
    ['header of nothing', file(''), "the header does not begin with '{'"],
    ['no JSON', file('{"a":'), "character 5 of the header is its end, expected '{'"],
    ['no object', file('[]'), "the header does not begin with '{'"],
    ['two objects', file('{}{}'), 'character 2 of the header is "{", expected nothing more'],
    ['no UTF-8', file(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), 'the header is no UTF-8'],
    ['leading space', file(' {}'), "the header does not begin with '{'"],
    ['leading byte order mark', file('\ufeff{}'), "the header does not begin with '{'"],
    ['a name without its end', file('{"a'), 'the header ends within a text'],
    ['a name with a wrong escape', file('{"\\x":1}'), 'the header holds "\\x", which is no JSON text'],
    ['a name with a line end', file('{"\n":1}'), 'the header holds "\\u000a", which is no JSON text'],
    ['an entry that is no object', file('{"a":1}'), 'character 5 of the header is "1", expected \'{\''],
    ['an entry of no tensor', file('{"a":{}}'), "tensor 'a' needs dtype, shape and data_offsets"],
    [
      'an entry with more',
      file('{"a":{"dtype":"F32","strides":[1]}}'),
      "tensor 'a' has 'strides', not only dtype, shape and data_offsets",
    ],
    [
      'an entry with constructor',
      file('{"a":{"constructor":"F32"}}'),
      "tensor 'a' has 'constructor', not only dtype, shape and data_offsets",
    ],
    [
      'the same name twice',
      file(`{"a":${entry([1], 0, 4)},"a":${entry([1], 0, 4)}}`, [0, 0, 0, 0]),
      "the header has the name 'a' twice",
    ],
    [
      'the same name twice, escaped',
      file(`{"a":${entry([1], 0, 4)},"\\u0061":${entry([1], 0, 4)}}`, [0, 0, 0, 0]),
      "the header has the name 'a' twice",
    ],
    [
      '__proto__ twice',
      file(`{"__proto__":${entry([1], 0, 4)},"__proto__":${entry([1], 0, 4)}}`, [0, 0, 0, 0]),
      "the header has the name '__proto__' twice",
    ],
    [
      '__metadata__ twice',
      file('{"__metadata__":{},"__metadata__":{}}'),
      "the header has the name '__metadata__' twice",
    ],
    ['the same key twice', file('{"__metadata__":{"k":"v","k":"w"}}'), "the metadata has the name 'k' twice"],
    ['the same field twice', file('{"a":{"dtype":"F32","dtype":"F32"}}'), "tensor 'a' has 'dtype' twice"],
    [
      'nested deeply',
      file(`{"a":${'{"b":'.repeat(50000)}1${'}'.repeat(50000)}}`),
      "tensor 'a' has 'b', not only dtype, shape and data_offsets",
    ],
    [
      'a type that there is not',
      file(`{"a":${entry([1], 0, 2, 'F17')}}`, [0, 0]),
      'tensor \'a\' has type "F17", only F32 is read',
    ],
    [
      'negative size',
      file(`{"a":${entry([-1], 0, 4)}}`, [0, 0, 0, 0]),
      'character 29 of the header is "-", expected a whole number below 2^53',
    ],
    [
      'fractional size',
      file(`{"a":${entry([0.5], 0, 2)}}`, [0, 0]),
      'character 29 of the header is "0", expected a whole number below 2^53',
    ],
    [
      'size with an exponent',
      file('{"a":{"shape":[1e0]}}'),
      'character 15 of the header is "1", expected a whole number below 2^53',
    ],
    [
      'size of 2^53',
      file('{"a":{"shape":[9007199254740992]}}'),
      'character 15 of the header is "9", expected a whole number below 2^53',
    ],
    [
      'size of 2^64',
      file('{"a":{"shape":[18446744073709551616]}}'),
      'character 15 of the header is "1", expected a whole number below 2^53',
    ],
    [
      'nested shape',
      file('{"a":{"shape":[[1]]}}'),
      'character 15 of the header is "[", expected a whole number below 2^53',
    ],
    [
      'three offsets',
      file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}', [0, 0, 0, 0]),
      "tensor 'a' has offsets [0,4,4]",
    ],
    [
      'text offsets',
      file('{"a":{"dtype":"F32","shape":[1],"data_offsets":["0","4"]}}', [0, 0, 0, 0]),
      'character 48 of the header is "\\"", expected a whole number below 2^53',
    ],
    [
      'negative offset',
      file(`{"a":${entry([1], -4, 0)}}`, [0, 0, 0, 0]),
      'character 48 of the header is "-", expected a whole number below 2^53',
    ],
    [
      'fractional offset',
      file(`{"a":${entry([1], 0, 4.5)}}`, [0, 0, 0, 0]),
      'character 50 of the header is "4", expected a whole number below 2^53',
    ],
    [
      'huge offset',
      file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,1e30]}}`, [0, 0, 0, 0]),
      'character 50 of the header is "1", expected a whole number below 2^53',
    ],
    [
      'offsets that go back',
      file(`{"a":${entry([1], 4, 0)}}`, [0, 0, 0, 0]),
      "tensor 'a' [1] takes 4 bytes, its offsets hold -4",
    ],
    [
      'size and offsets differ',
      file(`{"a":${entry([2], 0, 4)}}`, [0, 0, 0, 0]),
      "tensor 'a' [2] takes 8 bytes, its offsets hold 4",
    ],
    [
      'a product that overflows',
      file(`{"a":${entry([4294967296, 4294967296], 0, 0)}}`),
      "tensor 'a' has shape [4294967296,4294967296], more elements than can be counted",
    ],
    [
      'a product that overflows, then 0',
      file(`{"a":${entry([4294967296, 4294967296, 0], 0, 0)}}`),
      "tensor 'a' has shape [4294967296,4294967296,0], more elements than can be counted",
    ],
    [
      'a product that wraps to 4',
      file(`{"a":${entry([3037000500, 3037000500, 2], 0, 4)}}`, [0, 0, 0, 0]),
      "tensor 'a' has shape [3037000500,3037000500,2], more elements than can be counted",
    ],
    ['data past the end', file(`{"a":${entry([2], 0, 8)}}`, [0, 0, 0, 0]), "tensor 'a' ends at byte 8 of 4"],
    [
      'overlap',
      file(`{"a":${entry([1], 0, 4)},"b":${entry([1], 0, 4)}}`, [0, 0, 0, 0]),
      "tensor 'b' begins at byte 0, the one before ends at 4",
    ],
    [
      'overlap of a half',
      file(`{"a":${entry([2], 0, 8)},"b":${entry([2], 4, 12)}}`, new Uint8Array(12)),
      "tensor 'b' begins at byte 4, the one before ends at 8",
    ],
    [
      'gap',
      file(`{"a":${entry([1], 4, 8)}}`, new Uint8Array(8)),
      "tensor 'a' begins at byte 4, the one before ends at 0",
    ],
    [
      'gap between two',
      file(`{"a":${entry([1], 0, 4)},"b":${entry([1], 8, 12)}}`, new Uint8Array(12)),
      "tensor 'b' begins at byte 8, the one before ends at 4",
    ],
    [
      'bytes after the last tensor',
      file(`{"a":${entry([1], 0, 4)}}`, new Uint8Array(6)),
      'the tensors end at byte 4, the file ends at 6',
    ],
    [
      'metadata that is no text',
      file('{"__metadata__":{"a":1}}'),
      'character 21 of the header is "1", expected a text',
    ],
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

test('numbers of another type than F32 are said to be that, not damage', () => {
  for (const type of ['F16', 'BF16', 'F64', 'I64', 'U8', 'BOOL', 'F8_E4M3', 'F8_E5M2']) {
    assert.throws(
      () => readSafetensors(file(`{"a":${entry([1], 0, 2, type)}}`, [0, 0]), 'it'),
      (error: Error) =>
        error.message ===
        `it: tensor 'a' is of type ${type}, only F32 is read; write the file again with float32 tensors`,
    );
  }
});

test('a tensor is taken only with its shape and finite', () => {
  const tensors = (values: number[]) =>
    readSafetensors(
      writeSafetensors({
        tensors: new Map([['a', { shape: [2], data: Float32Array.from(values) }]]),
        metadata: new Map(),
      }),
      'it',
    );
  assert.equal([...takeTensor(tensors([1, 2]), 'a', [2], 'it')], [1, 2]);
  assert.throws(
    () => takeTensor(tensors([1, 2]), 'b', [2], 'it'),
    (error: Error) => error.message === "it: the tensor 'b' is missing; it is a file of another model",
  );
  assert.throws(
    () => takeTensor(tensors([1, 2]), 'a', [1, 2], 'it'),
    (error: Error) =>
      error.message === "it: the tensor 'a' has shape [2], the model needs [1,2]; it is a file of another model",
  );
  for (const bad of [NaN, Infinity, -Infinity]) {
    assert.throws(
      () => takeTensor(tensors([1, bad]), 'a', [2], 'it'),
      (error: Error) => error.message === "it: the tensor 'a' holds NaN or infinite numbers; take an earlier file",
    );
  }
});

test.run();
