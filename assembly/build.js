// Compiles the kernels (asconfig.json: debug, release, shared for a memory that threads share, and both fused) and writes src/engine/kernels.generated.ts: their types, taken from
// asc's own bindings, so that a wrong argument count is a compile error, and the modules inlined, so that no path can be lost.
import { createHash } from 'node:crypto';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const inlined = ['release', 'shared', 'fused', 'fusedShared'];
for (const target of ['debug', ...inlined]) {
  const { error, stderr } = await asc.main(['--config', 'asconfig.json', '--target', target], {});
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
}

const modules = await Promise.all(inlined.map(async (target) => [target, await readFile(`build/wasm/${target}.wasm`)]));
const kernelsId = createHash('sha256').update(modules[0][1]).digest('hex').slice(0, 16);

// The files in build/wasm/ say which build of which kernels they are, in a custom section that src/engine/build.ts reads.
for (const target of ['debug', ...inlined]) {
  const body = Buffer.from(`\x08wasm-cnn${target.startsWith('fused') ? 'fused' : 'exact'} ${/shared/i.test(target) ? 'shared' : 'unshared'} ${kernelsId}`);
  // Section 0, its length, the name with its length, and the text.
  await appendFile(`build/wasm/${target}.wasm`, Buffer.concat([Buffer.of(0, body.length), body]));
}

const bindings = await readFile('build/wasm/release.d.ts', 'utf8');
const signatures = [...bindings.matchAll(/export function (\w+)(\([^)]*\): \w+);/g)];
await writeFile(
  'src/engine/kernels.generated.ts',
  `// Written by assembly/build.js; not in the tree.

/** The kernels of assembly/index.ts. Addresses are bytes, sizes are elements. */
export interface Kernels {
${signatures.map(([, name, signature]) => `  ${name}${signature};`).join('\n')}
}

export const kernelNames: readonly (keyof Kernels)[] = [${signatures.map(([, name]) => `'${name}'`).join(', ')}];

/** Of this version's kernels: what files of build/wasm/ must name. */
export const kernelsId = '${kernelsId}';

/** The modules of build/wasm/ in base64. */
export const wasm = {
${modules.map(([target, bytes]) => `  ${target}: '${bytes.toString('base64')}',`).join('\n')}
};
`,
);
console.log(`kernels: ${signatures.length} functions, ${modules.map(([target, bytes]) => `${target} ${bytes.length}`).join(', ')} bytes`);
