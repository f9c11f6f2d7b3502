// Relaxed SIMD in Node: there from Node 22 on or so, behind a flag of V8 in Node 20.
import { setFlagsFromString } from 'node:v8';

/** For compile({ numerics: 'fused' }): call it before anything is compiled. Does no harm where the host needs nothing. */
export function enableFused(): void {
  if (Number(process.versions.node.split('.')[0]) < 22) setFlagsFromString('--experimental-wasm-relaxed-simd');
}
