// How a command is typed: 'npm run train' in a checkout of this project, 'npx wasm-cnn train' where the package is installed.
let isInstalled = false;

/** Called first by the package's program. */
export function startedByNpx(): void {
  isInstalled = true;
}

/** A command and its options, 'npm run train -- --resume DIR', say. */
export function commandLine(command: string, options?: string): string {
  if (isInstalled) return ['npx wasm-cnn', command, options ?? []].flat().join(' ');
  return options === undefined ? `npm run ${command}` : `npm run ${command} -- ${options}`;
}
