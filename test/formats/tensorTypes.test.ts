// Other number types of safetensors files: each of the 65536 halves, rounding, and what is left out.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readSafetensors } from '../../src/formats/safetensors.js';
import { floatTypes } from '../../src/formats/tensorTypes.js';
import { refusesAtOnce } from '../node/refuses.js';

function file(tensors: Record<string, { dtype: string; shape: number[]; bytes: Uint8Array }>): Uint8Array {
  let end = 0;
  const header: Record<string, unknown> = {};
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors))
    header[name] = { dtype, shape, data_offsets: [end, (end += bytes.length)] };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...Object.values(tensors).map(({ bytes }) => bytes)]);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);

test('F16, BF16 and F64 become f32; integers are left out, and named', () => {
  const bytes = file({
    f64: { dtype: 'F64', shape: [2], bytes: bytesOf(Float64Array.of(0.1, -1e300)) },
    f16: { dtype: 'F16', shape: [1, 3], bytes: bytesOf(Uint16Array.of(0x3c00, 0xc000, 1)) },
    'bn.num_batches_tracked': { dtype: 'I64', shape: [], bytes: new Uint8Array(8) },
    bf16: { dtype: 'BF16', shape: [2], bytes: bytesOf(Uint16Array.of(0x3f80, 0xc049)) },
    flags: { dtype: 'BOOL', shape: [3], bytes: new Uint8Array(3) },
    f32: { dtype: 'F32', shape: [1], bytes: bytesOf(Float32Array.of(0.1)) },
  });
  const { tensors, types } = readSafetensors(bytes, 'it', floatTypes);
  const skipped = [...types.keys()].filter((name) => !tensors.has(name));
  assert.equal(skipped, ['bn.num_batches_tracked', 'flags']);
  assert.equal(
    [...tensors].map(([name, { shape, data }]) => [name, shape, [...data]]),
    [
      ['f64', [2], [Math.fround(0.1), -Infinity]],
      ['f16', [1, 3], [1, -2, 2 ** -24]],
      ['bf16', [2], [1, -3.140625]],
      ['f32', [1], [Math.fround(0.1)]],
    ],
  );
});

test('a type that is not read, and bytes that are not those of the type', () => {
  const one = (dtype: string, length: number): Uint8Array =>
    file({ a: { dtype, shape: [1], bytes: new Uint8Array(length) } });
  refusesAtOnce(
    () => readSafetensors(one('F8_E4M3', 1), 'it', floatTypes),
    "it: tensor 'a' is of type F8_E4M3, only F32, F16, BF16, F64, I64, I32, I16, I8, U8, BOOL is read; write the file again with float32 tensors",
  );
  refusesAtOnce(
    () => readSafetensors(one('F16', 4), 'it', floatTypes),
    "it: tensor 'a' [1] takes 2 bytes, its offsets hold 4; it is damaged or no safetensors file",
  );
  refusesAtOnce(
    () => readSafetensors(one('I64', 4), 'it', floatTypes),
    "it: tensor 'a' [1] takes 8 bytes, its offsets hold 4; it is damaged or no safetensors file",
  );
});

test.run();
