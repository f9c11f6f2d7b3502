// A host that lacks something gets one sentence that says what, not a CompileError or a RangeError.
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const index = JSON.stringify(new URL('../../src/index.js', import.meta.url).href);

/** What compile() says in a Node with these flags, after `before` has run. */
function complaint({
  flags = [],
  before = '',
  options = '',
}: {
  flags?: string[];
  before?: string;
  options?: string;
}): string {
  const script = `${before};
    const { sequential, layers } = await import(${index});
    const model = sequential({ inputShape: [784], layers: [layers.dense({ units: 10, activation: 'softmax' })] });
    try {
      model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy'${options} });
      console.log('compiled');
    } catch (error) {
      console.log(error.name + ': ' + error.message);
    }`;
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, '--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  return stdout.trim() || stderr;
}

const noSimd =
  'WasmCnnError: this host has no WebAssembly SIMD, which wasm-cnn needs; use Node 20 or a browser from 2023 on, on a processor with SSE4.1 or NEON';

test('it compiles without further options', () => assert.is(complaint({}), 'compiled'));

test('no SIMD', () => {
  assert.is(complaint({ before: 'WebAssembly.validate = () => false' }), noSimd);
  // V8 without the instructions that its SIMD needs, for real.
  if (process.arch === 'x64') assert.is(complaint({ flags: ['--no-enable-ssse3', '--no-enable-sse4-1'] }), noSimd);
});

test('no WebAssembly at all', () => {
  const none =
    'WasmCnnError: this host has no WebAssembly, which wasm-cnn needs; use Node 20 or a browser from 2023 on, without --jitless and Lockdown Mode';
  assert.is(complaint({ flags: ['--jitless'] }), none);
  assert.is(complaint({ before: 'delete globalThis.WebAssembly' }), none);
});

/** Globals that some host lacks: React Native, jsdom, a page that is not isolated, an engine without a browser or Node around it. */
const dispensable = [
  'AbortController',
  'AbortSignal',
  'Atomics',
  'Blob',
  'FinalizationRegistry',
  'MessageChannel',
  'SharedArrayBuffer',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'WeakRef',
  'Worker',
  'atob',
  'console',
  'crypto',
  'fetch',
  'navigator',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'setTimeout',
  'structuredClone',
];

/** What a host says that lacks these globals, having trained, saved, loaded and predicted. */
function trainWithout(missing: readonly string[], workers = 'undefined'): string {
  const script = `
    const say = console.log;
    const { workers } = await import(${JSON.stringify(new URL('../../src/node/threads/workers.js', import.meta.url).href)});
    for (const name of ${JSON.stringify(missing)}) delete globalThis[name];
    const { sequential, layers, loadModel } = await import(${JSON.stringify(new URL('../../src/browser/index.js', import.meta.url).href)});
    const { builtinDigits } = await import(${JSON.stringify(new URL('../../src/data/index.js', import.meta.url).href)});
    const { train, test } = builtinDigits({ trainCount: 64, testCount: 4 });
    const model = sequential({ inputShape: [28, 28, 1], layers: [layers.flatten(), layers.dense({ units: 10, activation: 'softmax' })] });
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', workers: ${workers} });
    await model.fit(train.x, train.y, { epochs: 2, verbose: 0 });
    const { model: loaded } = loadModel(model.save());
    say([model.step, (await loaded.predict(test.x)).shape, model.threads.trouble].join(' '));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  return stdout.trim() || stderr;
}

test('each global that training can do without, missing alone', () => {
  for (const name of dispensable) assert.is(trainWithout([name]), '4 4,10', name);
});

test('all of them at once', () => assert.is(trainWithout(dispensable), '4 4,10'));

test('no Atomics, or no clock, and threads asked for', () => {
  assert.is(trainWithout(['Atomics'], 'workers(2)'), '4 4,10 this host has no memory that threads can share');
  assert.is(trainWithout(['performance'], 'workers(2)').slice(0, 6), '4 4,10', 'with whatever threads came meanwhile');
});

test('a memory that is too small', () => {
  const message = complaint({
    before: "WebAssembly.Memory = function () { throw new RangeError('could not allocate memory') }",
  });
  assert.match(
    message,
    /^WasmCnnError: the model needs \d+ bytes of memory, which this host refuses; make the batch or the model smaller \(largest: [^\n]+ \d+, [^\n]+ \d+, [^\n]+ \d+\)$/,
  );
});

test('no compiling at run time', () => {
  const before = "WebAssembly.Module = function () { throw new WebAssembly.CompileError('refused by the policy') }";
  assert.is(
    complaint({ before }),
    "WasmCnnError: this host refuses to compile WebAssembly (refused by the policy); allow it ('wasm-unsafe-eval' in a page's Content-Security-Policy), or give compile() or loadModel() a compiled module of wasm-cnn/wasm/ as wasm",
  );
});

test('the limit of a main thread is not taken for a policy', () => {
  const limit =
    'WebAssembly.Compile is disallowed on the main thread, if the buffer size is larger than 4KB. Use WebAssembly.compile, or compile on a worker thread.';
  const sentence = `WasmCnnError: this browser starts no WebAssembly of this size on a page's main thread (${limit}); use wasm-cnn in a Web Worker, or give compile() and loadModel() what await loadKernels() gives as wasm`;
  assert.is(
    complaint({ before: `WebAssembly.Module = function () { throw new RangeError(${JSON.stringify(limit)}) }` }),
    sentence,
  );
  assert.is(
    complaint({ before: `WebAssembly.Instance = function () { throw new RangeError(${JSON.stringify(limit)}) }` }),
    sentence,
  );
});

test('no compiling at run time, and kernels that were compiled before', () => {
  const release = JSON.stringify(new URL('../../wasm/release.wasm', import.meta.url).href);
  const before = `const { Module } = WebAssembly;
    const wasm = new Module((await import('node:fs')).readFileSync(new URL(${release})));
    WebAssembly.Module = Object.assign(function () { throw new WebAssembly.CompileError('refused by the policy') }, { customSections: Module.customSections });
    WebAssembly.Module.prototype = Module.prototype`;
  assert.is(complaint({ before, options: ', wasm' }), 'compiled');
});

test('no relaxed SIMD', () => {
  const before =
    'const validate = WebAssembly.validate; WebAssembly.validate = (bytes) => bytes.length < 30 && validate(bytes)';
  assert.is(
    complaint({ before, options: ", numerics: 'fused'" }),
    "WasmCnnError: this host has no relaxed SIMD, which numerics: 'fused' needs; use 'exact', or on Node 20 call enableFused() of wasm-cnn/node before anything else",
  );
});

test('fused kernels that were not loaded', () => {
  const flags = Number(process.versions.node.split('.')[0]) < 22 ? ['--experimental-wasm-relaxed-simd'] : [];
  assert.is(
    complaint({ flags, options: ", numerics: 'fused'" }),
    "WasmCnnError: numerics: 'fused' needs kernels of its own; give wasm: await loadKernels(…) of wasm-cnn/wasm/fused.wasm, or of fusedShared.wasm with workers; in Node call enableFused() first",
  );
});

test.run();
