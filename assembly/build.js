// Compiles the kernels (asconfig.json: debug, release, and shared for a memory that threads share) and writes src/engine/kernels.generated.ts: their types, taken from
// asc's own bindings, so that a wrong argument count is a compile error, and the modules inlined, so that no path can be lost.
import { readFile, writeFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

for (const target of ['debug', 'release', 'shared']) {
  const { error, stderr } = await asc.main(['--config', 'asconfig.json', '--target', target], {});
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
}

const bindings = await readFile('build/wasm/release.d.ts', 'utf8');
const signatures = [...bindings.matchAll(/export function (\w+)(\([^)]*\): \w+);/g)];
const release = await readFile('build/wasm/release.wasm');
const shared = await readFile('build/wasm/shared.wasm');
await writeFile(
  'src/engine/kernels.generated.ts',
  `// Written by assembly/build.js; not in the tree.

/** The kernels of assembly/index.ts. Addresses are bytes, sizes are elements. */
export interface Kernels {
${signatures.map(([, name, signature]) => `  ${name}${signature};`).join('\n')}
}

export const kernelNames: readonly (keyof Kernels)[] = [${signatures.map(([, name]) => `'${name}'`).join(', ')}];

/** build/wasm/release.wasm, ${release.length} bytes, in base64. */
export const releaseWasm = '${release.toString('base64')}';

/** build/wasm/shared.wasm, ${shared.length} bytes, in base64. */
export const sharedWasm = '${shared.toString('base64')}';
`,
);
console.log(`kernels: ${signatures.length} functions, ${release.length} bytes`);
