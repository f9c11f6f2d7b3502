// Compiles the kernels (compile.js, asconfig.json) and writes them where they are taken from:
//   build/wasm/                                  files with all kernels: debug, release, fused, and the last two for a memory that threads share
//   src/engine/kernels.generated.ts              their types, taken from asc's own bindings, so that a wrong argument count is a compile error
//   src/engine/modules/*.generated.ts            the release build inlined, so that no path can be lost: in two modules, and the two without what trains
//   src/node/threads/*Kernels.generated.ts       builds that wasm-cnn/node brings, with all kernels
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { encodeModule } from './encodeModule.js';

/** The modules: their sources, and how they are compiled (compile.js); the largest first. */
const jobs = {
  wide: { entry: 'index', target: 'wide', outFile: 'build/modules/wide.wasm', wide: true },
  release: { entry: 'index', target: 'release', outFile: 'build/wasm/release.wasm' },
  fused: { entry: 'index', target: 'fused', outFile: 'build/wasm/fused.wasm' },
  ...Object.fromEntries(
    ['core', 'forward', 'more', 'moreForward'].map((entry) => [
      entry,
      { entry, target: 'release', outFile: `build/modules/${entry}.wasm`, inline: true },
    ]),
  ),
  debug: { entry: 'index', target: 'debug', outFile: 'build/wasm/debug.wasm' },
};

/** The modules by name; as many threads compile at a time as there are cores. */
async function compileAll() {
  const modules = {}, waiting = Object.entries(jobs);
  const compile = (job) =>
    new Promise((resolve, reject) => {
      const thread = new Worker(new URL('compile.js', import.meta.url), { workerData: job });
      thread.once('error', reject).once('exit', resolve);
    });
  const lane = async () => {
    for (let next; (next = waiting.shift()); ) {
      const [name, job] = next;
      await compile(job);
      modules[name] = await readFile(job.outFile);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return modules;
}

/** How the import of the memory begins: its two names, that it is a memory, and that it has no maximum. */
const MEMORY = Buffer.from('\x03env\x06memory\x02\x00', 'latin1');

/**
 * The change that makes a module one for a memory that threads share: the memory that it imports gets the flag and a maximum of 65,536
 * pages. (asc --sharedMemory gives the same bytes.)
 */
function sharedChange(bytes) {
  const at = bytes.indexOf(MEMORY);
  const section = bytes.lastIndexOf(2, at - 1);
  const [size, imports] = bytes.subarray(section + 1);
  const pages = bytes[at + MEMORY.length];
  if (at < 0 || section !== at - 3 || imports !== 1 || section + 2 + size !== at + MEMORY.length + 1 || pages > 127)
    throw new Error('the import of the memory is not where it was expected');
  const memory = [...MEMORY.subarray(0, -1), 3, pages, 0x80, 0x80, 4];
  return { at: section + 1, until: at + MEMORY.length + 1, bytes: [size + 3, imports, ...memory] };
}

function forSharedMemory(bytes) {
  const { at, until, bytes: own } = sharedChange(bytes);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(own), bytes.subarray(until)]);
}

/** Writes build/wasm/`name`.wasm with a custom section that says which build of which kernels it is; src/engine/build.ts reads it. */
async function writeFileOf(name, bytes, build) {
  const body = Buffer.from(`\x08wasm-cnn${build} ${kernelsId}`);
  // Section 0, its length, the name with its length, and the text.
  await writeFile(`build/wasm/${name}.wasm`, Buffer.concat([bytes, Buffer.of(0, body.length), body]));
}

/** Writes src/`path`.generated.ts, which exports `name`: the module as the text that src/engine/moduleText.ts decodes. */
async function writeModule(path, name, bytes) {
  await writeFile(
    `src/${path}.generated.ts`,
    `// Written by assembly/build.js; not in the tree.
export const ${name} = {
  text: '${encodeModule(bytes)}',
  /** Replaces the bytes from \`at\` to \`until\` for a memory that threads share. */
  shared: ${JSON.stringify(sharedChange(bytes))},
};
`,
  );
}

await mkdir('src/engine/modules', { recursive: true });
const { debug, release, fused, wide, core, more, forward, moreForward } = await compileAll();
const kernelsId = createHash('sha256').update(release).digest('hex').slice(0, 16);

await writeFileOf('debug', debug, 'exact unshared');
for (const [name, bytes, numerics] of [
  ['release', release, 'exact'],
  ['fused', fused, 'fused'],
]) {
  await writeFileOf(name, bytes, `${numerics} unshared`);
  await writeFileOf(name === 'release' ? 'shared' : `${name}Shared`, forSharedMemory(bytes), `${numerics} shared`);
}
await writeModule('engine/modules/core', 'coreModule', core);
await writeModule('engine/modules/more', 'moreModule', more);
await writeModule('engine/modules/forward', 'forwardModule', forward);
await writeModule('engine/modules/moreForward', 'moreForwardModule', moreForward);
await writeModule('node/threads/wideKernels', 'wideModule', wide);
await writeModule('node/threads/fusedKernels', 'fusedModule', fused);

const bindings = await readFile('build/wasm/release.d.ts', 'utf8');
const signatures = [...bindings.matchAll(/export function (\w+)(\([^)]*\): \w+);/g)];
await writeFile(
  'src/engine/kernels.generated.ts',
  `// Written by assembly/build.js; not in the tree.

/** The kernels of assembly/index.ts. Addresses are bytes, sizes are elements. */
export interface Kernels {
${signatures.map(([, name, signature]) => `  ${name}${signature};`).join('\n')}
}

/** Hash of this version's kernels: what files of build/wasm/ must name. */
export const kernelsId = '${kernelsId}';
`,
);
console.log(`kernels: ${signatures.length} functions, release ${release.length} bytes (core ${core.length}, more ${more.length}, forward ${forward.length} and ${moreForward.length}), fused ${fused.length}, wide ${wide.length}`);
