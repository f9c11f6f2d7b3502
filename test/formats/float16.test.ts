// Floats of 16 bits: each of them, and what lies between two.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fromBfloat16, fromFloat16, toFloat16 } from '../../src/formats/float16.js';

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
  for (const bits of all) {
    const value = fromFloat16(bits);
    assert.ok(Object.is(value, half(bits)) || Number.isNaN(half(bits)), `${bits}: ${value}`);
    assert.ok(Number.isNaN(half(bits)) === Number.isNaN(value), `${bits}`);
    if (!Number.isNaN(half(bits))) assert.is(toFloat16(value), bits);
  }
});

test('between two f16 the nearest is taken, of two equally near the even one', () => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const [low, high] = [half(bits), half(bits + 1)];
    const middle = (low + high) / 2;
    const even = bits % 2 === 0 ? bits : bits + 1;
    // All three are exact in f32.
    const near = Float32Array.of(low * 0.25 + high * 0.75, low * 0.75 + high * 0.25, middle, -middle);
    assert.equal(Array.from(near, toFloat16), [bits + 1, bits, even, even | 0x8000], `${bits}`);
  }
  const beyond = [65519.99609375, 65520, 1e10, -1e10, 2 ** -25, 2 ** -24 * 0.51, NaN, -0];
  assert.equal(beyond.map(toFloat16), [0x7bff, 0x7c00, 0x7c00, 0xfc00, 0, 1, 0x7e00, 0x8000]);
});

test('bfloat16 is the upper half of an f32', () => {
  assert.equal([0x3f80, 0xc000, 0x7f80, 0x0001].map(fromBfloat16), [1, -2, Infinity, 2 ** -133]);
});

test.run();
