// workerd, on which Cloudflare Workers run: it has no threads, no files, and compiles no WebAssembly.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed, output, versionIn, type Host } from './host.js';
import { trainings, type Trained } from './training.js';

const program = installed('workerd', 'bin/workerd');
const packed = 'node_modules/wasm-cnn/build';

/** https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp */
function configuration(folder: string): string {
  const bundle = readdirSync(join(folder, packed, 'browser')).map(
    (file) => `(name = "wasm-cnn/${file}", esModule = embed "${packed}/browser/${file}")`,
  );
  const own = ['workerdScript.js', 'training.js', 'fits.js', 'pictures.js'].map(
    (file) => `(name = "${file}", esModule = embed "${file}")`,
  );
  const wasm = `(name = "wasm-cnn/release.wasm", wasm = embed "${packed}/wasm/release.wasm")`;
  // One thread: the first training of each network. JPEG and WebP are decoded in WebAssembly that is compiled where it runs.
  const single = JSON.stringify(trainings.filter(({ network, threads }) => threads === 1 && network !== 'pictures'));
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = (
  modules = [${[...own, ...bundle, wasm].join(', ')}],
  bindings = [(name = "trainings", json = ${JSON.stringify(single)})],
  compatibilityDate = "2026-01-01",
))]);
`;
}

export const workerd: Host = {
  name: 'workerd',
  ways: ['given wasm'],
  isPresent: () => existsSync(program),
  open: async (folder) => ({
    version: versionIn(await output(program, ['--version'])),
    async train() {
      const file = join(folder, 'workerd.capnp');
      writeFileSync(file, configuration(folder));
      return JSON.parse(await output(program, ['test', file])) as Trained[];
    },
    close: async () => {},
  }),
};
