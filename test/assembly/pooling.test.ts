// Max pooling against plain loops, bit for bit: nothing is rounded on the way.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Kernels } from '../../src/engine/kernels.generated.js';
import { costOf } from '../../src/compiler/costs.js';
import { layers, sequential, type Shape } from '../../src/index.js';
import type { MaxPooling2dOptions } from '../../src/layers/index.js';
import type { Emit } from '../../src/compiler/ops/op.js';
import { opsOf } from '../model/plans.js';
import type { Call } from '../../src/compiler/program.js';
import { RandomStream } from '../../src/base/random.js';
import {
  maxPooling2dBackward,
  maxPooling2dForward,
  maxPooling2dOutput,
  maxPooling2dWinners,
  type MaxPooling2dSizes,
} from '../reference/maxPooling2d.js';
import { slide } from '../reference/windows.js';
import { onEachBuild, randomFloats, same, wide, type GuardedMemory } from './guardedMemory.js';

function* cases(): Generator<{ what: string; sizes: MaxPooling2dSizes; seed: number }> {
  const images = [
    [4, 4],
    [5, 7],
    [7, 6],
    [9, 5],
  ] as const;
  let seed = 0;
  for (const poolSize of [
    [1, 1],
    [2, 2],
    [3, 3],
    [2, 3],
  ] as const)
    for (const strides of [
      [1, 1],
      [2, 2],
      [2, 1],
      [3, 2],
    ] as const)
      for (const padding of ['valid', 'same'] as const) {
        for (const channels of [1, 3, 4, 5, 8, 9]) {
          const [inH, inW] = images[seed % images.length]!;
          const n = 1 + (seed % 3);
          yield {
            what: `${n} × [${inH}, ${inW}, ${channels}], pool ${poolSize}, strides ${strides}, ${padding}`,
            sizes: { n, inH, inW, channels, poolSize, strides, padding },
            seed: seed++,
          };
        }
      }
  // Windows that overlap by much, and ones larger than the image.
  for (const [poolSize, strides] of [
    [
      [5, 5],
      [1, 1],
    ],
    [
      [4, 6],
      [1, 2],
    ],
    [
      [1, 7],
      [1, 1],
    ],
    [
      [7, 1],
      [2, 1],
    ],
    [
      [30, 20],
      [1, 1],
    ],
    [
      [16, 16],
      [3, 5],
    ],
  ] as const)
    for (const channels of [1, 4, 6]) {
      const sizes = { n: 2, inH: 9, inW: 8, channels, poolSize, strides, padding: 'same' as const };
      yield { what: `[9, 8, ${channels}], pool ${poolSize}, strides ${strides}`, sizes, seed: seed++ };
    }
  // Keras' default, where the last row and the last column are in no window.
  for (const channels of [3, 32])
    yield {
      what: `[11, 11, ${channels}], pool 2`,
      sizes: { n: 2, inH: 11, inW: 11, channels, poolSize: [2, 2], strides: [2, 2], padding: 'valid' },
      seed: seed++,
    };
}

/** Half of the cases have nothing but ties: whole numbers from -1 to 1. */
function values(count: number, seed: number): Float32Array {
  if (seed % 2 === 0) return randomFloats(count, seed, -2, 1);
  const random = new RandomStream(seed);
  return Float32Array.from({ length: count }, () => random.below(3) - 1);
}

/** Both ways to the same numbers: window by window, and along lines first. */
const forwards = (
  memory: GuardedMemory,
  kernels: Kernels,
): { name: string; forward: Kernels['maxPooling2dForward'] }[] => [
  { name: 'maxPooling2dForward', forward: kernels.maxPooling2dForward },
  {
    name: 'maxPooling2dForwardByAxis',
    forward(y, where, x, n, inH, inW, channels, outH, outW, ...rest) {
      const [lines, lineWhere] = [memory.output(inH * outW * channels), memory.outputWords(inH * outW * channels)];
      kernels.maxPooling2dForwardByAxis(
        y,
        where,
        x,
        lines.byteOffset,
        lineWhere.byteOffset,
        n,
        inH,
        inW,
        channels,
        outH,
        outW,
        ...rest,
      );
    },
  },
];

onEachBuild('max pooling forward: the maxima, and where the first of equal ones was', (memory, kernels) => {
  for (const { what, sizes, seed } of cases())
    for (const { name, forward } of forwards(memory, kernels)) {
      const { n, inH, inW, channels, poolSize, strides, padding } = sizes;
      const [outH, outW] = maxPooling2dOutput(sizes);
      const x = values(n * inH * inW * channels, seed);
      const outSize = outH * outW * channels;
      const y = memory.output(n * outSize);
      const where = memory.outputWords(n * outSize);
      const pads = [
        slide(inH, poolSize[0], strides[0], padding).before,
        slide(inW, poolSize[1], strides[1], padding).before,
      ] as const;
      const rest = [memory.input(x).byteOffset, n, inH, inW, channels, outH, outW] as const;
      forward(y.byteOffset, where.byteOffset, ...rest, ...poolSize, ...strides, ...pads);
      same(y, maxPooling2dForward(wide(x), sizes), `${name}, ${what}: y`);
      const alone = memory.output(n * outSize);
      forward(alone.byteOffset, 0, ...rest, ...poolSize, ...strides, ...pads);
      same(alone, y, `${name}, ${what}: y without argmax`);
      const inSize = inH * inW * channels;
      same(
        where,
        maxPooling2dWinners(wide(x), sizes).map((winner, i) => winner - Math.floor(i / outSize) * inSize),
        `${name}, ${what}: where`,
      );
      memory.verify(`${name}, ${what}`);
    }
});

onEachBuild('both ways give the same bits of NaNs, infinities and zeros of both signs, too', (memory, kernels) => {
  const bits = Uint32Array.of(0x7fc00001, 0xffc00002, 0xff800000, 0x80000000, 0, 0x3f800000, 0x7f800000, 0xff800000);
  for (const channels of [1, 4, 5])
    for (let seed = 0; seed < 20; seed++) {
      const random = new RandomStream(seed, channels);
      // Nothing but NaNs and -Infinity in one half of the cases, infinities and zeros in the other.
      const x = Uint32Array.from(
        { length: 36 * channels },
        () => bits[seed % 2 === 0 ? random.below(3) : 2 + random.below(6) * (random.below(9) === 0 ? 0 : 1)]!,
      );
      const results = forwards(memory, kernels).map(({ name, forward }) => {
        const [y, where] = [memory.outputWords(36 * channels), memory.outputWords(36 * channels)];
        forward(
          y.byteOffset,
          where.byteOffset,
          memory.inputWords(x).byteOffset,
          1,
          6,
          6,
          channels,
          6,
          6,
          4,
          3,
          1,
          1,
          1,
          1,
        );
        memory.verify(name);
        return [...y, ...where];
      });
      assert.equal(results[1], results[0], `${channels} channels, seed ${seed}`);
    }
});

onEachBuild('maxPooling2dBackward: each dy goes to its winner, overlapping windows add up', (memory, kernels) => {
  for (const { what, sizes, seed } of cases()) {
    const { n, inH, inW, channels } = sizes;
    const inSize = inH * inW * channels;
    const x = values(n * inSize, seed);
    const [outH, outW] = maxPooling2dOutput(sizes);
    const outSize = outH * outW * channels;
    // Whole numbers: their sums are exact in any order.
    const dy = Float32Array.from({ length: n * outSize }, (_, i) => (i % 13) - 6);
    const where = maxPooling2dWinners(wide(x), sizes).map((winner, i) => winner - Math.floor(i / outSize) * inSize);
    const dx = memory.output(n * inSize);
    kernels.maxPooling2dBackward(
      dx.byteOffset,
      memory.input(dy).byteOffset,
      memory.inputWords(where).byteOffset,
      n,
      inSize,
      outSize,
    );
    same(
      dx.map((value) => value + 0),
      maxPooling2dBackward(wide(dy), wide(x), sizes).map((value) => value + 0),
      what,
    );
    memory.verify(what);
  }
});

onEachBuild(
  'max pooling forward: NaN wins its window wherever it stands, and a window of -Infinity points into itself',
  (memory, kernels) => {
    for (const channels of [1, 4, 5]) {
      for (const at of [0, 1, 4, 5]) {
        // [4, 4, channels] in four windows; the first holds NaN at one of its places, the last nothing but -Infinity.
        const x = new Float32Array(16 * channels).fill(1);
        const fill = (pixel: number, value: number): void =>
          void x.fill(value, pixel * channels, (pixel + 1) * channels);
        fill(at, NaN);
        for (const pixel of [10, 11, 14, 15]) fill(pixel, -Infinity);
        for (const { name, forward } of forwards(memory, kernels)) {
          const y = memory.output(4 * channels);
          const where = memory.outputWords(4 * channels);
          forward(
            y.byteOffset,
            where.byteOffset,
            memory.input(x).byteOffset,
            1,
            4,
            4,
            channels,
            2,
            2,
            2,
            2,
            2,
            2,
            0,
            0,
          );
          for (let c = 0; c < channels; c++) {
            assert.equal(
              [0, 1, 2, 3].map((cell) => y[cell * channels + c]),
              [NaN, 1, 1, -Infinity],
              `${name}, ${channels} channels, NaN at ${at}`,
            );
            assert.equal(
              [0, 1, 2, 3].map((cell) => where[cell * channels + c]),
              [at, 2, 8, 10].map((pixel) => pixel * channels + c),
            );
          }
          memory.verify(`${name}, ${channels} channels, NaN at ${at}`);
        }
      }
    }
  },
);

test('a pool costs its area times its sides at most, and only windows that overlap are taken line by line', () => {
  const callOf = (inputShape: Shape, options: MaxPooling2dOptions): { kernel: string; flops: number } => {
    const model = sequential({ inputShape, layers: [layers.maxPooling2d(options)] });
    const op = opsOf(model, false)[0]!;
    const calls: Call[] = [];
    const kernels = new Proxy(
      {},
      {
        get:
          (_, kernel: keyof Kernels) =>
          (...args: number[]) =>
            calls.push({ kernel, args, op: '', pass: 'forward' }),
      },
    ) as Kernels;
    (op.forward as Emit)(kernels, { x: 0, y: 0, memory: {} } as never, 1);
    return { kernel: calls[0]!.kernel, flops: costOf(calls[0]!, new Float32Array()).flops };
  };
  for (const [poolSize, strides] of [
    [600, 1],
    [300, 1],
    [20, 3],
    [600, 600],
    [7, 2],
    [[600, 1], 1],
    [[1, 600], 1],
  ] as const)
    for (const padding of ['valid', 'same'] as const) {
      const { flops } = callOf([600, 600, 2], { poolSize, strides, padding });
      const sides = [poolSize].flat().reduce((sum, side) => sum + side, 0);
      assert.ok(
        flops <= 2 * 360_000 * Math.max(2 * sides, 2),
        `pool ${poolSize}, strides ${strides}, ${padding}: ${flops}`,
      );
    }
  for (const [poolSize, strides] of [
    [2, 2],
    [3, 2],
    [3, 3],
    [3, 1],
    [2, 1],
    [600, 600],
  ])
    assert.is(callOf([600, 600, 2], { poolSize, strides }).kernel, 'maxPooling2dForward');
  for (const [poolSize, strides] of [
    [4, 1],
    [5, 2],
    [600, 1],
  ])
    assert.is(callOf([600, 600, 2], { poolSize, strides, padding: 'same' }).kernel, 'maxPooling2dForwardByAxis');
});

test.run();
