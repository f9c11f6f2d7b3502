/** esbuild's binary loader. */
declare module '*.wasm' {
  const bytes: import('../../base/hostTypes.js').OwnBytes;
  export default bytes;
}
