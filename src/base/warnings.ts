// Warnings on the host's console: not errors, but costs that are easily overlooked.
const said = new Set<string>();

export function warn(sentence: string): void {
  // Not every host has one.
  if (typeof console !== 'undefined') console.warn(`wasm-cnn: ${sentence}`);
}

export function warnOnce(sentence: string): void {
  if (said.has(sentence)) return;
  said.add(sentence);
  warn(sentence);
}
