// Kernels from a file in place of those built in: every form of it gives the same bits, and one that does not fit is named.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { builtinDigits } from '../../src/data/digits/digits.js';
import {
  loadKernels,
  loadModel,
  referenceNetwork,
  WasmCnnError,
  type CompileOptions,
  type Sequential,
} from '../../src/index.js';
import { enableFused } from '../../src/node/threads/fused.js';
import { workers } from '../../src/node/threads/workers.js';

enableFused();
const { train } = builtinDigits({ trainCount: 40, testCount: 10, seed: 6 });
const bytesOf = (build: string) => readFileSync(new URL(`../../wasm/${build}.wasm`, import.meta.url));
const modules = Object.fromEntries(
  await Promise.all(
    ['release', 'shared', 'fused', 'fusedShared'].map(async (build) => [build, await loadKernels(bytesOf(build))]),
  ),
);

function compiled(options: Partial<CompileOptions> = {}): Sequential {
  const model = referenceNetwork();
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 16, ...options });
  return model;
}

async function trained(options: Partial<CompileOptions>): Promise<Uint8Array> {
  const model = compiled(options);
  await model.fit(train.x, train.y, { epochs: 1 });
  return model.save();
}

async function sentence(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    assert.instance(error, WasmCnnError);
    return (error as Error).message;
  }
  return 'taken';
}

test('bytes, an ArrayBuffer, a module, a Response, its promise, a URL and its text are all the same kernels', async () => {
  const bytes = bytesOf('release');
  const url = `data:application/wasm;base64,${bytes.toString('base64')}`;
  const expected = await trained({});
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  for (const source of [
    bytes,
    buffer,
    modules['release']!,
    new Response(bytes),
    Promise.resolve(new Response(bytes)),
    new URL(url),
    url,
  ]) {
    assert.equal(await trained({ wasm: await loadKernels(source) }), expected);
  }
});

test('each build runs what it is for, bit-identical to the built-in one', async () => {
  const [exact, fused] = [await trained({}), await trained({ numerics: 'fused' })];
  assert.not.equal(exact, fused);
  for (const threads of [1, 2]) {
    assert.equal(
      await trained({ wasm: modules['shared']!, workers: workers(threads) }),
      exact,
      `shared, ${threads} threads`,
    );
    assert.equal(
      await trained({ wasm: modules['fusedShared']!, numerics: 'fused', workers: workers(threads) }),
      fused,
      `fusedShared, ${threads} threads`,
    );
  }
  assert.equal(await trained({ wasm: modules['shared']! }), exact, 'shared without workers');
  assert.equal(await trained({ wasm: modules['fused']!, numerics: 'fused' }), fused);
});

test('a loaded model runs on them, compiled or not', async () => {
  const bare = referenceNetwork();
  for (const model of [compiled(), bare]) {
    const { model: again } = loadModel(model.save(), { wasm: modules['release']! });
    assert.is(again.wasm, modules['release']);
    assert.equal(await again.predict(train.x), await bare.predict(train.x));
  }
  const { model } = loadModel(bare.save(), { wasm: modules['fused']! });
  assert.not.equal(await model.predict(train.x), await bare.predict(train.x));
});

test('kernels that do not fit how the model is to run are refused', async () => {
  const refusal = (options: Partial<CompileOptions>) => sentence(() => compiled(options));
  assert.is(
    await refusal({ wasm: modules['fused']! }),
    "wasm is of the fused kernels, but numerics is 'exact'; give numerics: 'fused' or another file of wasm-cnn/wasm/",
  );
  assert.is(
    await refusal({ wasm: modules['release']!, numerics: 'fused' }),
    "wasm is of the exact kernels, but numerics is 'fused'; give numerics: 'exact' or another file of wasm-cnn/wasm/",
  );
  assert.is(
    await refusal({ wasm: modules['release']!, workers: workers(3) }),
    'wasm is made for one thread, and 3 were asked for; take shared.wasm or fusedShared.wasm of wasm-cnn/wasm/, or no workers',
  );
  assert.is(
    await refusal({ wasm: bytesOf('release') as unknown as WebAssembly.Module }),
    'wasm must be a WebAssembly.Module, got a Buffer; loadKernels() makes one of bytes, a Response or a URL',
  );
  const { Memory } = WebAssembly;
  WebAssembly.Memory = function (descriptor: WebAssembly.MemoryDescriptor) {
    if (descriptor.shared) throw new RangeError('no shared memory');
    return new Memory(descriptor);
  } as unknown as typeof Memory;
  const unshared = await refusal({ wasm: modules['shared']! });
  WebAssembly.Memory = Memory;
  assert.is(
    unshared,
    'wasm is made for a memory that threads share, which this host does not give; take release.wasm or fused.wasm of wasm-cnn/wasm/',
  );
});

test('a source that holds none of our kernels is refused', async () => {
  const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
  const refusal = (source: unknown) => sentence(() => loadKernels(source as string));
  assert.is(
    await refusal(empty),
    "loadKernels' source must be a file of wasm-cnn/wasm/, got another module; leave it out to take what is built in",
  );
  const older = bytesOf('release');
  older.write('0123456789abcdef', older.length - 16);
  assert.match(
    await refusal(older),
    /^loadKernels' source has the kernels 0123456789abcdef, this wasm-cnn needs [0-9a-f]{16}; take the file from the same version's wasm-cnn\/wasm\/$/,
  );
  assert.match(
    await refusal(new TextEncoder().encode('<!doctype html>')),
    /^loadKernels needs a file of wasm-cnn\/wasm\/, got 15 bytes that this host does not compile \(.*\)$/,
  );
  assert.is(
    await refusal(new Response('', { status: 404 })),
    'loadKernels: the response came with status 404; serve the file of wasm-cnn/wasm/ there',
  );
  assert.is(
    await refusal('file:///nowhere.wasm'),
    'loadKernels cannot fetch file:///nowhere.wasm (fetch failed); where it is a file, read it and give the bytes',
  );
  for (const [source, got] of [
    [null, 'null'],
    [7, '7'],
    [{}, 'an object'],
    [[1], 'an array'],
  ] as const) {
    assert.is(await refusal(source), `loadKernels needs a WebAssembly.Module, bytes, a Response or a URL, got ${got}`);
  }
});

test.run();
