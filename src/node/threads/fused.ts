// The fused kernels in Node. Relaxed SIMD is there from Node 22 on or so, behind a flag of V8 in Node 20.
import { setFlagsFromString } from 'node:v8';
import { checkArguments } from '../../base/options.js';
import { registerBuild } from '../../engine/registeredBuilds.js';
import { fusedModule } from './fusedKernels.generated.js';

/**
 * For compile({ numerics: 'fused' }): brings the kernels. Call it before anything is compiled.
 *
 * @example
 * ```ts
 * import { enableFused } from 'wasm-cnn/node';
 *
 * await enableFused();
 * ```
 */
export function enableFused(): void {
  checkArguments(arguments, 0, 'enableFused', "a model has them by compile({ numerics: 'fused' })");
  if (Number(process.versions.node.split('.')[0]) < 22) setFlagsFromString('--experimental-wasm-relaxed-simd');
  registerBuild({ numerics: 'fused', module: fusedModule });
}
