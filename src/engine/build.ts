// Which build a module is: assembly/build.js writes it into a custom section, as '<numerics> <shared or unshared> <kernels>'.
import { check } from '../base/errors.js';
import { describe, kindOf } from '../base/options.js';
import { kernelsId } from './kernels.generated.js';

/**
 * How a · b + c is rounded. 'exact': twice, bit-identical on every host. 'fused': once where the processor can, through relaxed SIMD;
 * faster, bit-identical for any number of threads, but not with 'exact', nor between CPU types.
 */
export type Numerics = 'exact' | 'fused';

export interface Build {
  readonly numerics: Numerics;
  /** Whether it is made for a memory that threads share. */
  readonly shared: boolean;
}

/** Throws one sentence where `module` is none of ours, or does not belong to this JavaScript; `who` was given it. */
export function buildOf(module: unknown, who: string): Build {
  check(
    kindOf(module) === 'WebAssembly.Module',
    () =>
      `${who} must be a WebAssembly.Module, got ${describe(module)}; loadKernels() makes one of bytes, a Response or a URL`,
  );
  const [section] = WebAssembly.Module.customSections(module as WebAssembly.Module, 'wasm-cnn');
  check(
    section !== undefined,
    `${who} must be a file of wasm-cnn/wasm/, got another module; leave it out to take what is built in`,
  );
  const [numerics, sharing, id] = String.fromCharCode(...new Uint8Array(section)).split(' ');
  check(
    id === kernelsId,
    `${who} has the kernels ${id}, this wasm-cnn needs ${kernelsId}; take the file from the same version's wasm-cnn/wasm/`,
  );
  return { numerics: numerics as Numerics, shared: sharing === 'shared' };
}
