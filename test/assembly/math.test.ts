// exp, log and tanh against the host's f64 functions, over the whole range and at its ends; compiled here, as no kernel exports them.
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../src/base/random.js';
import { randomFloats, same, wide, within, worst } from './guardedMemory.js';

interface Functions {
  exp(x: number): number;
  log(x: number): number;
  tanh(x: number): number;
  sinOfTurns(turns: number): number;
  cosOfTurns(turns: number): number;
}

/** From build/test/assembly/ back to the sources; asconfig.json, which lies above, is not read. */
const sources = fileURLToPath(new URL('../../../assembly/', import.meta.url));

async function compile(build: string): Promise<Functions> {
  let wasm: Uint8Array<ArrayBuffer> | undefined;
  const optimize = build === 'release' ? ['-O3', '--noAssert', '--converge'] : ['-O0'];
  const { error, stderr } = await asc.main(
    ['math.ts', '--outFile', 'math.wasm', '--runtime', 'stub', '--enable', 'simd', '--baseDir', sources, ...optimize],
    { writeFile: (name, contents) => void (name === 'math.wasm' && (wasm = contents as Uint8Array<ArrayBuffer>)) },
  );
  if (error || !wasm) throw new Error(stderr.toString());
  return new WebAssembly.Instance(new WebAssembly.Module(wasm), {
    env: {
      abort: () => {
        throw new Error('abort');
      },
    },
  }).exports as unknown as Functions;
}

/** The worst relative error over `count` f32 arguments between low and high. */
function relativeError(
  actual: (x: number) => number,
  expected: (x: number) => number,
  count: number,
  low: number,
  high: number,
): number {
  const x = wide(randomFloats(count, 1, low, high));
  return worst(
    x.map((value) => actual(value)),
    x.map((value) => expected(value)),
    x.map((value) => Math.abs(expected(value))),
  );
}

for (const build of ['debug', 'release']) {
  const { exp, log, tanh, sinOfTurns, cosOfTurns } = await compile(build);

  test(`exp is right to 2e-7 from -87.33 to 88.02 (${build} build)`, () => {
    for (const [low, high] of [
      [-87.33, 88.02],
      [-1, 1],
      [-1e-3, 1e-3],
    ] as const)
      within(relativeError(exp, Math.exp, 100_000, low, high), 2e-7, `between ${low} and ${high}`);
    same([exp(0), exp(-0)], [1, 1], 'exp(0)');
  });

  test(`exp saturates at both ends, finite and above 0, and keeps NaN (${build} build)`, () => {
    // f32's smallest normal number is 1.18e-38, its largest 3.4e38.
    const [smallest, largest] = [Math.exp(Math.fround(-87.33)), Math.exp(Math.fround(88.02))];
    for (const x of [-87.34, -104, -1e30, -Infinity]) within(worst([exp(x)], [smallest], smallest), 2e-7, `exp(${x})`);
    for (const x of [88.03, 100, 1e30, Infinity]) within(worst([exp(x)], [largest], largest), 2e-7, `exp(${x})`);
    same([exp(NaN)], [NaN], 'exp(NaN)');
  });

  test(`exp never falls where x rises (${build} build)`, () => {
    // Where the power of two increases by one, the polynomial must meet itself.
    const step = 2 ** -10;
    for (let x = -87; x < 88; x += step) assert.ok(exp(x + step) > exp(x), `exp(${x})`);
  });

  test(`log is right to 1e-15 (${build} build)`, () => {
    // Near 1 the result is small: there the error is absolute, about f64's rounding of m - 1.
    for (const [low, high] of [
      [1, 1.5],
      [1.5, 10],
      [10, 1e6],
      [1e-3, 0.9],
    ] as const) {
      const random = new RandomStream(2);
      const x = Float64Array.from({ length: 20_000 }, () => random.between(low, high));
      within(
        worst(
          x.map((value) => log(value)),
          x.map((value) => Math.log(value)),
          x.map((value) => Math.max(1, Math.abs(Math.log(value)))),
        ),
        1e-15,
        `between ${low} and ${high}`,
      );
    }
    for (const x of [2.3e-308, 1e-300, 1e300, 1.7e308])
      within(worst([log(x)], [Math.log(x)], Math.abs(Math.log(x))), 1e-15, `log(${x})`);
    same([log(1), log(2)], [0, Math.LN2], 'exact values');
  });

  test(`tanh is right to 3e-7, odd, and 1 far out (${build} build)`, () => {
    for (const size of [1e-4, 0.624, 0.7, 3, 12])
      within(relativeError(tanh, Math.tanh, 100_000, -size, size), 3e-7, `up to ${size}`);
    for (const x of [0.625, Math.fround(0.62499994), 9.5, 1e-38])
      within(worst([tanh(x)], [Math.tanh(x)], Math.tanh(x)), 3e-7, `tanh(${x})`);
    same([tanh(-0.3), tanh(-5)], [-tanh(0.3), -tanh(5)], 'odd');
    same(
      [tanh(20), tanh(-1e30), tanh(Infinity), tanh(-Infinity), tanh(NaN), tanh(0)],
      [1, -1, 1, -1, NaN, 0],
      'special values',
    );
  });

  test(`sine and cosine of turns are right to 1e-15, and exact at quarters (${build} build)`, () => {
    for (const [i, turns] of wide(randomFloats(100_000, 3, -2, 2)).entries()) {
      // What is left of whole turns is exact, 2π of it is right to a rounding.
      const angle = 2 * Math.PI * (turns - Math.round(turns));
      within(Math.abs(sinOfTurns(turns) - Math.sin(angle)), 1e-15, `sine number ${i} of ${turns}`);
      within(Math.abs(cosOfTurns(turns) - Math.cos(angle)), 1e-15, `cosine number ${i} of ${turns}`);
    }
    for (let quarter = -8; quarter <= 8; quarter++) {
      const [sine, cosine] = [[0, 1, 0, -1] as const, [1, 0, -1, 0] as const].map((row) => row[(quarter + 8) % 4]!);
      same([sinOfTurns(quarter / 4) + 0, cosOfTurns(quarter / 4) + 0], [sine!, cosine!], `${quarter} quarters`);
    }
  });
}

test.run();
