// What the core may ask of a host, and nothing more (utf8.ts and eventLoop.ts do without the rest): it is checked against this file instead of the DOM's or Node's types.
declare namespace WebAssembly {
  class Module {
    constructor(bytes: ArrayBufferView | ArrayBuffer);
    static customSections(module: Module, name: string): ArrayBuffer[];
  }
  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Record<string, unknown>;
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Table {}
  type Imports = Record<string, Record<string, unknown>>;
  function compile(bytes: ArrayBufferView | ArrayBuffer): Promise<Module>;
  function validate(bytes: ArrayBufferView | ArrayBuffer): boolean;
}
declare var crypto:
  undefined | { readonly subtle?: { digest(algorithm: string, data: ArrayBufferView): Promise<ArrayBuffer> } };
declare const console: { log(text: string): void; warn(text: string): void };
declare function fetch(address: string): Promise<{
  readonly ok: boolean;
  readonly status: number;
  readonly url: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}>;
declare function setTimeout(callback: () => void, milliseconds: number): unknown;
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(event: 'abort', listener: () => void): void;
}
