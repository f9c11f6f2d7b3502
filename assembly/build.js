// Compiles the kernels (asconfig.json: debug, release, shared for a memory that threads share, and both fused) and writes them into the
// sources, so that no path can be lost:
//   src/engine/kernels.generated.ts              their types, taken from asc's own bindings, so that a wrong argument count is a compile error
//   src/engine/modules/exact.generated.ts        what every bundle has
//   src/node/threads/fusedKernels.generated.ts   what enableFused() brings
import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';
import { encodeModule } from './encodeModule.js';

const published = ['release', 'shared', 'fused', 'fusedShared'];
for (const target of ['debug', ...published]) {
  const { error, stderr } = await asc.main(['--config', 'asconfig.json', '--target', target], {});
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
}

const [release, shared, fused, fusedShared] = await Promise.all(published.map((target) => readFile(`build/wasm/${target}.wasm`)));
const kernelsId = createHash('sha256').update(release).digest('hex').slice(0, 16);

// The files in build/wasm/ say which build of which kernels they are, in a custom section that src/engine/build.ts reads.
for (const target of ['debug', ...published]) {
  const body = Buffer.from(`\x08wasm-cnn${target.startsWith('fused') ? 'fused' : 'exact'} ${/shared/i.test(target) ? 'shared' : 'unshared'} ${kernelsId}`);
  // Section 0, its length, the name with its length, and the text.
  await appendFile(`build/wasm/${target}.wasm`, Buffer.concat([Buffer.of(0, body.length), body]));
}

/** `other` as `base` with other bytes from `at` to `until`: what is for a shared memory differs in the import of that memory alone. */
function difference(base, other) {
  let at = 0;
  while (base[at] === other[at]) at++;
  let rest = 0;
  while (rest < Math.min(base.length, other.length) - at && base[base.length - 1 - rest] === other[other.length - 1 - rest]) rest++;
  return { at, until: base.length - rest, bytes: [...other.subarray(at, other.length - rest)] };
}

/** Writes src/`path`.generated.ts, which exports `name`: the module as the text that src/engine/moduleText.ts decodes. */
async function writeModule(path, name, unshared, forThreads) {
  await writeFile(
    `src/${path}.generated.ts`,
    `// Written by assembly/build.js; not in the tree.
export const ${name} = {
  text: '${encodeModule(unshared)}',
  /** What is put in place of the bytes from \`at\` to \`until\` for a memory that threads share. */
  shared: ${JSON.stringify(difference(unshared, forThreads))},
};
`,
  );
}

await mkdir('src/engine/modules', { recursive: true });
await writeModule('engine/modules/exact', 'exactModule', release, shared);
await writeModule('node/threads/fusedKernels', 'fusedModule', fused, fusedShared);

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
console.log(`kernels: ${signatures.length} functions, release ${release.length}, fused ${fused.length} bytes`);
