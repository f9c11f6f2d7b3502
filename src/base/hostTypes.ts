// Names of a host that the published types use. Adds nothing where a page's or Node's types are; where none are, ours stand by themselves.
declare global {
  namespace WebAssembly {
    interface Module {}
    interface Memory {}
  }
  interface AbortSignal {}
  interface DataTransfer {}
  interface FileList {}
  interface FileSystemEntry {}
  interface FileSystemHandle {}
  interface HTMLCanvasElement {}
  interface HTMLImageElement {}
  interface OffscreenCanvas {}
}

/**
 * Bytes and floats in a memory that no thread shares: Uint8Array<ArrayBuffer>, and the plain Uint8Array of TypeScript before 5.7, where it
 * has no parameter and the package's declarations must compile, too.
 */
export type OwnBytes = ReturnType<Uint8ArrayConstructor['of']>;
export type OwnFloats = ReturnType<Float32ArrayConstructor['of']>;
