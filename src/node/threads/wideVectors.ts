// 256-bit vectors: V8 runs two of the kernels' 128-bit operations as one where the processor has AVX2. Each lane is rounded as before, so
// no bit changes. There is a build of the kernels for it. The flag is an experiment of V8's, so it is believed only after kernels were compared.
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { checkArguments } from '../../base/options.js';
import { warn } from '../../base/warnings.js';
import type { ModuleText } from '../../engine/moduleText.js';
import { registerBuild, registeredBuild } from '../../engine/registeredBuilds.js';
import { optimizedOutputs, usualOutputs } from './wideCheck.js';
import { wideModule } from './wideKernels.generated.js';

/** Width of the vectors that kernels are compiled to, in bits. */
export type Vectors = 128 | 256;

/** Whether this Node and its processor have them; only a comparison shows whether they are right. */
export function hasWideVectors(): boolean {
  const { variables } = process.config as { variables: Record<string, unknown> };
  return process.arch === 'x64' && variables['v8_enable_wasm_simd256_revec'] === 1 && !areFlagsFrozen() && hasAvx2();
}

/** Node can be started so that no flag is set any more: V8 ends the process that tries. */
function areFlagsFrozen(): boolean {
  const given = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ').replaceAll('_', '-');
  return given.includes('--freeze-flags-after-init');
}

/** Whether the processor has AVX2; taken as true where the system does not tell: V8 asks the processor, too, and stays at 128 bits without it. */
function hasAvx2(): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return /^flags\s*:.*\bavx2\b/m.test(readFileSync('/proc/cpuinfo', 'latin1'));
  } catch {
    return true;
  }
}

/**
 * Has V8 compile WebAssembly to vectors of 256 bits where it can: official Node 22 and later on x64 with AVX2. Training is faster
 * and bit-identical. It sets an experimental flag of V8 for the whole process and its workers, and counts for what is compiled
 * afterwards: call it before anything of wasm-cnn. Returns the width from now on; 128 too if kernels write different bits on each
 * width, of which it warns.
 *
 * @example
 * ```ts
 * import { enableWideVectors } from 'wasm-cnn/node';
 *
 * await enableWideVectors();
 * ```
 */
export function enableWideVectors(): Vectors {
  checkArguments(arguments, 0, 'enableWideVectors', 'the width is 256 where there is one, and 128 without this call');
  return enableWideBuild(wideModule);
}

/** The same with a build that may be wrong. */
export function enableWideBuild(module: ModuleText): Vectors {
  if (!hasWideVectors()) return 128;
  if (registeredBuild('exact')) return 256;
  const usual = usualOutputs();
  setFlagsFromString('--experimental-wasm-revectorize');
  if (optimizedOutputs(module).equals(usual)) {
    registerBuild({ numerics: 'exact', module });
    return 256;
  }
  setFlagsFromString('--no-experimental-wasm-revectorize');
  warn("this Node's vectors of 256 bits compute other bits than those of 128, so they stay off");
  return 128;
}
