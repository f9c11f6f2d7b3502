// Names of a host that the published types use. Adds nothing where a page's or Node's types are; where none are, ours stand by themselves.
declare global {
  namespace WebAssembly {
    interface Module {}
    interface Memory {}
  }
  interface AbortSignal {}
}

export {};
