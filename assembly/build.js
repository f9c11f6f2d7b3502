// Compiles the kernels (asconfig.json: debug, release, shared for a memory that threads share, and both fused) and writes src/engine/kernels.generated.ts: their types, taken from
// asc's own bindings, so that a wrong argument count is a compile error, and the modules inlined, so that no path can be lost.
import { readFile, writeFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const inlined = ['release', 'shared', 'fused', 'fusedShared'];
for (const target of ['debug', ...inlined]) {
  const { error, stderr } = await asc.main(['--config', 'asconfig.json', '--target', target], {});
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
}

const bindings = await readFile('build/wasm/release.d.ts', 'utf8');
const signatures = [...bindings.matchAll(/export function (\w+)(\([^)]*\): \w+);/g)];
const modules = await Promise.all(inlined.map(async (target) => [target, await readFile(`build/wasm/${target}.wasm`)]));
await writeFile(
  'src/engine/kernels.generated.ts',
  `// Written by assembly/build.js; not in the tree.

/** The kernels of assembly/index.ts. Addresses are bytes, sizes are elements. */
export interface Kernels {
${signatures.map(([, name, signature]) => `  ${name}${signature};`).join('\n')}
}

export const kernelNames: readonly (keyof Kernels)[] = [${signatures.map(([, name]) => `'${name}'`).join(', ')}];

/** The modules of build/wasm/ in base64. */
export const wasm = {
${modules.map(([target, bytes]) => `  ${target}: '${bytes.toString('base64')}',`).join('\n')}
};
`,
);
console.log(`kernels: ${signatures.length} functions, ${modules.map(([target, bytes]) => `${target} ${bytes.length}`).join(', ')} bytes`);
