// A thread of build.js: compiles assembly/`entry`.ts to `outFile`, a target of asconfig.json. `wide`: each marked loop becomes a loop of pairs;
// `inline`: each function that one other calls is taken in, whatever its size: less after gzip by 5 %, and as fast. asc has a limit for the
// size of such functions.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import asc from 'assemblyscript/asc';
import { withPairs } from './pairs.js';

const { entry, target, outFile, wide, inline } = workerData;

async function readSource(name, folder) {
  const source = await readFile(join(folder, name), 'utf8').catch(() => null);
  return source !== null && name.startsWith('assembly/') ? withPairs(source, wide) : source;
}

async function inlined(bytes) {
  const { default: binaryen } = await import('assemblyscript/binaryen');
  const { MutableGlobals, SignExt, NontrappingFPToInt, BulkMemory, BulkMemoryOpt, SIMD128 } = binaryen.Features;
  binaryen.setOptimizeLevel(3);
  binaryen.setShrinkLevel(0);
  binaryen.setAlwaysInlineMaxSize(2);
  binaryen.setFlexibleInlineMaxSize(20);
  binaryen.setOneCallerInlineMaxSize(-1);
  const module = binaryen.readBinary(bytes);
  module.setFeatures(MutableGlobals | SignExt | NontrappingFPToInt | BulkMemory | BulkMemoryOpt | SIMD128);
  module.runPasses(['inlining-optimizing', 'reorder-locals', 'reorder-functions']);
  return Buffer.from(module.emitBinary());
}

const options = ['--config', 'asconfig.json', '--target', target, '--outFile', outFile];
const { error, stderr } = await asc.main([`assembly/${entry}.ts`, ...options], { readFile: readSource });
if (error) throw new Error(stderr.toString());
if (inline) await writeFile(outFile, await inlined(await readFile(outFile)));
