// The trainings in workerd, which compiles no WebAssembly: the kernels are a module of its configuration. Prints JSON as script.ts does.
import type * as wasmCnn from '../../src/browser/index.js';
import type * as data from '../../src/data/index.js';
import { trainOnce, type Trained, type Training } from './training.js';

export default {
  async test(_: unknown, { trainings }: { readonly trainings: readonly Training[] }): Promise<void> {
    const engine = {
      ...((await import('./wasm-cnn/wasm-cnn.js' as string)) as typeof wasmCnn),
      ...((await import('./wasm-cnn/data.js' as string)) as typeof data),
    };
    const { default: wasm } = (await import('./wasm-cnn/release.wasm' as string)) as { default: WebAssembly.Module };
    const trained: Trained[] = [];
    for (const training of trainings) trained.push(await trainOnce(engine, training, { wasm }));
    console.log(JSON.stringify(trained));
  },
};
