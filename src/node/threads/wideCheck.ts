// Whether V8 compiles kernels to vectors of 256 bits as it should: the wide build against the usual one, bit for bit.
import { setFlagsFromString } from 'node:v8';
import { checkHost, instantiate, openMemory } from '../../engine/kernels.js';
import type { Kernels } from '../../engine/kernels.generated.js';
import { coreModule } from '../../engine/modules/core.generated.js';
import { moreModule } from '../../engine/modules/more.generated.js';
import { moduleBytes, type ModuleText } from '../../engine/moduleText.js';

/**
 * Flags with which V8 optimizes a function at its first calls, and the defaults that undo them: otherwise it waits until the function has
 * run for about a millisecond, and nothing is packed before. With the second ones the V8 of Node 22 optimizes again in every pass of a
 * loop; with the first one that of Node 26 crashes.
 */
const AT_ONCE =
  parseInt(process.versions.v8, 10) <= 12
    ? { set: ['--no-liftoff'], reset: ['--liftoff'] }
    : {
        set: ['--wasm-sync-tier-up', '--wasm-tiering-budget=1'],
        reset: ['--no-wasm-sync-tier-up', '--wasm-tiering-budget=13000000'],
      };

/** Whether Node was started with such flags, which then stay. */
const isChosen = process.execArgv.some((flag) => /liftoff|tier/.test(flag));

/** A section without name and content. Modules of the same bytes share their code, and only this one shall be compiled in this way. */
const EMPTY_SECTION = Uint8Array.of(0, 1, 0);

/** Inputs come first, what kernels write behind them. */
const INPUT_BYTES = 1 << 17;
const MEMORY_BYTES = 1 << 19;

/** What kernels of the usual build write. */
export function usualOutputs(): Buffer {
  return outputsOf([coreModule, moreModule].map((text) => moduleBytes(text, false)));
}

/** The same of a build that has all kernels, which V8 optimizes. */
export function optimizedOutputs(text: ModuleText): Buffer {
  if (!isChosen) AT_ONCE.set.forEach(setFlagsFromString);
  try {
    return outputsOf([Buffer.concat([moduleBytes(text, false), EMPTY_SECTION])]);
  } finally {
    if (!isChosen) AT_ONCE.reset.forEach(setFlagsFromString);
  }
}

function outputsOf(modules: readonly Uint8Array<ArrayBuffer>[]): Buffer {
  checkHost('exact');
  const memory = openMemory(MEMORY_BYTES, false, 'a comparison of kernels');
  const kernels = instantiate(
    modules.map((bytes) => new WebAssembly.Module(bytes)),
    memory,
  );
  // What is optimized at its first call may run at the second only.
  for (let pass = 0; pass < 2; pass++) {
    fillInputs(new Float32Array(memory.buffer, 0, INPUT_BYTES / 4));
    runKernels(kernels);
  }
  return Buffer.from(memory.buffer);
}

/** Fills in numbers from -1 to 1, with all 24 bits in use. */
function fillInputs(inputs: Float32Array): void {
  for (let i = 0; i < inputs.length; i++) inputs[i] = (Math.imul(i, 0x9e3779b1) >> 8) / 2 ** 23;
}

/** Kernels that together use every operation that V8 packs in any of ours, on sizes that leave a vector and single values behind the pairs. */
function runKernels(kernels: Kernels): void {
  let end = INPUT_BYTES;
  /** An output, or scratch, of so many values. */
  const room = (values: number): number => {
    const at = end;
    end += 16 * Math.ceil(values / 4);
    return at;
  };
  const [x, w, bias] = [16, 48_000, 96_000];

  const count = 1003;
  const [weights, moment, squares] = [room(count), room(count), room(count)];
  kernels.clear(moment, count);
  kernels.bytesToFloats(weights, x, count);
  kernels.pixelsToFloats(squares, x, count);
  kernels.adamStep(weights, moment, squares, w, squares, count);
  kernels.clippedReluForward(room(count), x, count, 0.2, 0, 0.5);
  kernels.reluBackward(room(count), w, x, count);
  kernels.dropout(room(count), x, w, 1, 0, count, 2 ** 31, 2);
  kernels.batchNormBackward(room(count), x, w, bias, bias, 17, 59, 1);

  const [rows, columns, inner] = [13, 45, 29];
  const panels = room(48 * inner);
  kernels.packPanels(panels, w, inner, columns, columns, 1, inner);
  kernels.gemm(room(rows * columns), x, panels, bias, rows, columns, inner, columns, inner, 1, 2);

  const image = [1, 10, 12, 12, 4, 5, 20] as const;
  const [, inH, inW, inC, poolH, poolW, outC] = image;
  const cells = poolH * poolW;
  const u = room(16 * 32 * inC);
  const [v, m] = [room(16 * cells * inC), room(16 * cells * outC)];
  kernels.winogradPoolFilters(u, w, inC, outC);
  kernels.winogradPoolForward(room(cells * outC), room(cells * outC), x, u, bias, v, m, ...image);
  kernels.conv2dPoolForward(room(cells * 24), room(cells * 24), x, w, bias, 1, inH, inW, 1, poolH, poolW, 24, 3, 3);
  const pool = [1, inH, inW, inC, poolH, poolW, 3, 3, 2, 2, 0, 0] as const;
  kernels.maxPooling2dForward(room(cells * inC), room(cells * inC), x, ...pool);
  const window = [1, inH, inW, inH, inW, inC, 3, 3, 1, 1, 1, 1, 1, 1] as const;
  kernels.depthwiseConv2dForward(room(inH * inW * inC), x, w, bias, ...window);
}
