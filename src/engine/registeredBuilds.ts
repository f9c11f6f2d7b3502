// Builds of the kernels that are no part of every bundle: fused ones, or others that are to stand in for those that are built in. A thread
// that trains for another one gets what its starter has (training/background/).
import type { Numerics } from './build.js';
import type { ModuleText } from './moduleText.js';

/** A build; can be sent to a thread. */
export interface RegisteredBuild {
  readonly numerics: Numerics;
  /** Module with all kernels. */
  readonly module: ModuleText;
}

const builds = new Map<Numerics, RegisteredBuild>();

/** Makes all later engines run this build for its numerics, unless they are given another one as `wasm`. */
export function registerBuild(build: RegisteredBuild): void {
  builds.set(build.numerics, build);
}

export function registeredBuild(numerics: Numerics): RegisteredBuild | undefined {
  return builds.get(numerics);
}

export function registeredBuilds(): readonly RegisteredBuild[] {
  return [...builds.values()];
}
