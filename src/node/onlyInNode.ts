// What bundlers for pages find as wasm-cnn/node: none of its names, so that an import of one is an error, and a sentence for what loads it all the same.
import { WasmCnnError } from '../base/errors.js';

/** Without any export esbuild would make undefined of the names. */
export default null;

throw new WasmCnnError('wasm-cnn/node needs Node, Deno or Bun; in a page, import from wasm-cnn/browser');
