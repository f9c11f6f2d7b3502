// Loaded before a command (node --import): from the nth call of one kind on what a run writes, the file system fails, or the process dies.
//   FAULT='sync 3 ENOSPC'       the third sync of a file fails, and the next ones do not
//   FAULT='writeFile 2+ EIO'    the second write and all that follow
//   FAULT='rename 2 SIGKILL'    the process is killed in front of it; a write is killed half done
//   FAULT='sync 2 hang'         the second sync never comes back
//   FAULT='sync 2 slow'         it takes a while
//   FAULT='sync 2 slow ENOSPC'  it takes a while, and fails
//   FAULT='sync 2 memory'       the process takes memory, up to 1 GiB, until the system kills it
//   FAULT='allocate 5 refused'  the fifth array of 100,000 elements or more, and all that follow, is refused
//   FAULT='disk 6000000'        the folder has room for so many bytes
//   FAULT='trap 900 main'       the 900th kernel call of the main thread, or of each worker, traps: an address outside the memory
// Calls: open, writeFile, sync (of files), rename, openFolder, syncFolder. Only temporary files are counted.
import { readdirSync, statSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import workerThreads from 'node:worker_threads';

const [call, when = '', ...faults] = (process.env.FAULT ?? '').split(' ');
const what = faults.at(-1) ?? '';
const from = parseInt(when, 10);
let calls = 0;

async function meet(name: string, path: unknown, half?: () => Promise<void>): Promise<void> {
  if (name !== call || !(name.endsWith('Folder') || String(path).endsWith('.tmp'))) return;
  calls++;
  if (calls !== from && !(when.endsWith('+') && calls > from)) return;
  if (what.startsWith('SIG') || what === 'memory') {
    await half?.();
    if (what === 'memory') takeMemory();
    process.kill(process.pid, what);
  }
  if (faults.includes('slow')) await new Promise((resolve) => setTimeout(resolve, 400));
  if (what === 'slow') return;
  if (!what.startsWith('E')) await new Promise(() => setInterval(() => {}, 1000));
  throw Object.assign(new Error(`${what}: injected`), { code: what, syscall: name });
}

/** Each page is written to, so that the system has to give it. */
function takeMemory(): never {
  const taken = Array.from({ length: 64 }, () => Buffer.alloc(1 << 24, 1));
  throw new Error(`took ${taken.length} × 16 MiB, and none failed`);
}

/** Throws where the folder of this file has no room for so many bytes more. */
function checkRoom(path: string, bytes: number): void {
  if (call !== 'disk' || !path.endsWith('.tmp')) return;
  const folder = dirname(path);
  const used = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  if (used + bytes > from) throw Object.assign(new Error('ENOSPC: injected'), { code: 'ENOSPC', syscall: 'write' });
}

const { open, rename } = fs;
Object.assign(fs, {
  async open(path: string, flags: string) {
    const kind = flags === 'r' ? 'Folder' : '';
    await meet(`open${kind}`, path);
    const handle = await open(path, flags);
    const { sync } = handle;
    const write = handle.writeFile.bind(handle) as (content: Uint8Array | string) => Promise<void>;
    return Object.assign(handle, {
      async writeFile(content: Uint8Array | string) {
        checkRoom(path, content.length);
        await meet('writeFile', path, () => write(content.slice(0, content.length / 2)));
        await write(content);
      },
      async sync() {
        await meet(`sync${kind}`, path);
        await sync.call(handle);
      },
    });
  },
  async rename(old: string, path: string) {
    await meet('rename', old);
    await rename(old, path);
  },
});
syncBuiltinESMExports();

/** Has kernel call number `at` trap. Whole in itself, as a worker gets its text. */
function trapAt(at: number): void {
  type Kernel = (...args: number[]) => void;
  const { Instance } = WebAssembly;
  let calls = 0;
  WebAssembly.Instance = function (module: WebAssembly.Module, imports: WebAssembly.Imports) {
    const { exports } = new Instance(module, imports);
    const trapping =
      (kernel: Kernel): Kernel =>
      (...args) =>
        ++calls === at ? (exports.clear as Kernel)(2 ** 32 - 8, 100) : kernel(...args);
    return {
      exports: Object.fromEntries(
        Object.entries(exports).map(([name, value]) => [
          name,
          typeof value === 'function' ? trapping(value as Kernel) : value,
        ]),
      ),
    };
  } as never;
}

if (call === 'trap' && what === 'main') trapAt(from);
if (call === 'trap' && what === 'worker') {
  const { Worker } = workerThreads;
  // A worker whose script is a text is not given this module.
  workerThreads.Worker = class extends Worker {
    constructor(script: string, options: workerThreads.WorkerOptions) {
      super(`(${trapAt})(${from});\n${script}`, options);
    }
  } as never;
  syncBuiltinESMExports();
}

if (call === 'allocate') {
  globalThis.Uint8Array = new Proxy(Uint8Array, {
    construct(target, args, newTarget) {
      // As V8 says it.
      if (typeof args[0] === 'number' && args[0] >= 100_000 && ++calls >= from)
        throw new RangeError('Array buffer allocation failed');
      return Reflect.construct(target, args, newTarget) as Uint8Array;
    },
  });
}
