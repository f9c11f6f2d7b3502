// A realm as Jest and Vitest's vm pools make one for each test file: globals of its own, but for those of the outer realm that they hand
// in, and WebAssembly of its own. Run with --experimental-vm-modules; the argument says which globals are handed in; prints what came.
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

const handedIn = [
  'console',
  'performance',
  'setTimeout',
  'setImmediate',
  'MessageChannel',
  'process',
  'TextDecoder',
  'TextEncoder',
  'URL',
  ...process.argv[2]!.split(','),
];
const context = vm.createContext(
  Object.fromEntries(
    handedIn.filter((name) => name in globalThis).map((name) => [name, Reflect.get(globalThis, name)]),
  ),
);
const modules = new Map<string, Promise<vm.Module>>();

async function builtin(name: string): Promise<vm.Module> {
  const exported = (await import(name)) as Record<string, unknown>;
  return new vm.SyntheticModule(
    Object.keys(exported),
    function () {
      for (const key of Object.keys(exported)) this.setExport(key, exported[key]);
    },
    { context, identifier: name },
  );
}

async function file(address: string): Promise<vm.Module> {
  const text = readFileSync(fileURLToPath(address), 'utf8');
  return new vm.SourceTextModule(text, {
    context,
    identifier: address,
    initializeImportMeta: (meta) => void (meta.url = address),
    importModuleDynamically: async (from) => {
      const imported = await load(from, address);
      if (imported.status === 'unlinked') await imported.link((name, { identifier }) => load(name, identifier));
      if (imported.status === 'linked') await imported.evaluate();
      return imported;
    },
  });
}

function load(from: string, parent: string): Promise<vm.Module> {
  const isFile = !from.startsWith('node:') && !builtinModules.includes(from);
  const address = isFile ? (from.startsWith('.') ? new URL(from, parent).href : import.meta.resolve(from)) : from;
  if (!modules.has(address)) modules.set(address, isFile ? file(address) : builtin(address));
  return modules.get(address)!;
}

const script = `
import { loadKernels, loadModel, layers, sequential } from '../../src/index.js';
import { builtinDigits } from '../../src/data/index.js';
import { background, loadModelFile, saveModelFile, workers } from '../../src/node/index.js';
import { readFileSync } from 'node:fs';

const { train, test } = builtinDigits({ trainCount: 64, testCount: 4 });
const release = readFileSync(new URL('../../wasm/release.wasm', import.meta.url));
const ways = { here: {}, threads: { workers: workers(2) }, background: { background: background() }, wasm: { wasm: await loadKernels(new Uint8Array(release)) } };
const hashes = new Set();
for (const [name, way] of Object.entries(ways)) {
  const model = sequential({ inputShape: [28, 28, 1], seed: 1, layers: [layers.flatten(), layers.dense({ units: 10, activation: 'softmax' })] });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'], ...way });
  await model.fit(train.x, train.y, { epochs: 2, verbose: 0, validationData: [test.x, test.y] });
  const { data } = await loadModel(model.save()).model.predict(test.x);
  hashes.add([...data].join());
  if (name === 'threads' && model.threads.running !== 2) console.log('threads: ' + model.threads.trouble);
}
console.log(hashes.size === 1 ? 'the same everywhere' : 'other numbers');
// What the outer realm made: bytes, and errors that say why.
console.log(await loadModelFile('/nowhere/model.safetensors').catch(({ name }) => name), await saveModelFile(sequential({ inputShape: [1], layers: [layers.flatten()] }), '/nowhere/model.safetensors').catch(({ name }) => name));
`;
const main = new vm.SourceTextModule(script, {
  context,
  identifier: import.meta.url,
  initializeImportMeta: (meta) => void (meta.url = import.meta.url),
});
await main.link((from, parent) => load(from, parent.identifier));
await main.evaluate();
