// bench/ in the tree: contestants that are not compiled lie there with their packages, and the results.
import { fileURLToPath } from 'node:url';

/** The path of a file there, whose compiled neighbors lie in build/bench/. */
export function inBench(name: string): string {
  return fileURLToPath(new URL(`../../bench/${name}`, import.meta.url));
}

/** The path of a compiled file of ours: 'build/bench/contestants/inBrowser.js'. */
export function inBuild(name: string): string {
  return fileURLToPath(new URL(`../${name}`, import.meta.url));
}
