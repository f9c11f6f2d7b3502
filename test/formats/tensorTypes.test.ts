// Other number types of safetensors files: each of the 65536 halves, rounding, and what is left out.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readSafetensors } from '../../src/formats/safetensors.js';
import { floatsToHalves, floatTypes, halvesToFloats } from '../../src/formats/tensorTypes.js';
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

/** By the definition, in f64. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -14 : sign * (1 + fraction) * 2 ** (exponent - 15);
}

test('each f16 is what its bits say, and comes back', () => {
  const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const floats = halvesToFloats(all);
  const back = floatsToHalves(floats);
  for (const bits of all) {
    assert.ok(Object.is(floats[bits], half(bits)) || Number.isNaN(half(bits)), `${bits}: ${floats[bits]}`);
    assert.ok(Number.isNaN(half(bits)) === Number.isNaN(floats[bits]!), `${bits}`);
    if (!Number.isNaN(half(bits))) assert.is(back[bits], bits);
  }
});

test('between two f16 the nearest is taken, of two equally near the even one', () => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const [low, high] = [half(bits), half(bits + 1)];
    const middle = (low + high) / 2;
    const even = bits % 2 === 0 ? bits : bits + 1;
    // All three are exact in f32.
    const near = Float32Array.of(low * 0.25 + high * 0.75, low * 0.75 + high * 0.25, middle, -middle);
    assert.equal([...floatsToHalves(near)], [bits + 1, bits, even, even | 0x8000], `${bits}`);
  }
  const beyond = floatsToHalves(
    Float32Array.of(65519.99609375, 65520, 1e10, -1e10, 2 ** -25, 2 ** -24 * 0.51, NaN, -0),
  );
  assert.equal([...beyond], [0x7bff, 0x7c00, 0x7c00, 0xfc00, 0, 1, 0x7e00, 0x8000]);
});

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
