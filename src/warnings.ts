// What is no error, but costs something that somebody may miss: said once on the host's console.
const said = new Set<string>();

export function warnOnce(sentence: string): void {
  if (said.has(sentence)) return;
  said.add(sentence);
  if (typeof console !== 'undefined') console.warn(`wasm-cnn: ${sentence}`);
}
