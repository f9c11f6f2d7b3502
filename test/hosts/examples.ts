// The examples of examples/, each as its reader would run it: in a folder where the package is installed.
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { check } from '../../src/base/errors.js';
import { inRoot } from '../package/install.js';
import { driverFile, hasDriver, type Browser, type BrowserKind } from './browser.js';
import { fineTunePage, pretrainedWeights } from './fineTunePage.js';
import { installed, output, PATIENCE_MS } from './host.js';
import { runNext } from './nextExample.js';
import { servePages } from './pageServer.js';
import { testRunners } from './testRunners.js';

interface Vite {
  createServer(options: object): Promise<{
    listen(): Promise<void>;
    close(): Promise<void>;
    readonly resolvedUrls: { readonly local: readonly string[] } | null;
  }>;
  build(options: object): Promise<unknown>;
}

export interface Example {
  readonly name: string;
  /** What it says when all is well. */
  readonly expected: RegExp;
  /** What it says. */
  run(): Promise<string>;
}

const learned = /accuracy 0\.[6-9]/;
const seen = /^a 0$/;
const unserved = /^Browsers take no modules from file:/;
/** What a page says in the end, or after a while. */
const said = `new Promise((resolve) => {
  const began = performance.now();
  const look = () => {
    const text = document.getElementById('said')?.textContent ?? '';
    if (/accuracy|^a |file:/.test(text) || performance.now() - began > ${PATIENCE_MS / 2}) resolve(text);
    else setTimeout(look, 50);
  };
  look();
})`;

/** Drops red and blue pictures on folder.html in a folder per class, and shows it a new one. Entries are stand-ins: no script can drop a folder. */
const folderDropped = `(async () => {
  const said = (pattern) => new Promise((resolve) => {
    const began = performance.now();
    const look = () => {
      const text = document.getElementById('said').textContent;
      if (pattern.test(text) || performance.now() - began > ${PATIENCE_MS / 2}) resolve(text);
      else setTimeout(look, 50);
    };
    look();
  });
  const picture = async (color, i) => {
    const canvas = new OffscreenCanvas(40, 30 + (i % 5));
    const context = canvas.getContext('2d');
    context.fillStyle = '#777';
    context.fillRect(0, 0, 40, 40);
    context.fillStyle = color;
    context.fillRect(i % 9, i % 7, 24, 20);
    return new File([await canvas.convertToBlob()], i + '.png', { type: 'image/png' });
  };
  const file = (name, made) => ({ name, isDirectory: false, file: (resolve) => resolve(made) });
  const folder = (name, inside) => ({ name, isDirectory: true, createReader: () => {
    const left = [...inside];
    return { readEntries: (resolve) => resolve(left.splice(0, 10)) };
  } });
  const ofColor = async (color) => folder(color, await Promise.all(Array.from({ length: 20 }, async (_, i) => file(i + '.png', await picture(color, i)))));
  const colors = folder('colors', [await ofColor('red'), await ofColor('blue')]);
  const drop = new Event('drop', { bubbles: true, cancelable: true });
  const items = [{ kind: 'file', webkitGetAsEntry: () => colors }];
  Object.defineProperty(drop, 'dataTransfer', { value: { items, files: [] } });
  document.dispatchEvent(drop);
  items.length = 0;
  const trained = await said(/accuracy|cannot|holds|needs/);
  const transfer = new DataTransfer();
  transfer.items.add(await picture('blue', 33));
  const input = document.getElementById('picture');
  input.files = transfer.files;
  input.dispatchEvent(new Event('change'));
  return trained + '; ' + (await said(/sure$/));
})()`;

function programs(folder: string): Example[] {
  const [deno, bun] = [installed('deno', 'deno'), installed('bun', 'bin/bun')];
  const file = (name: string): string => join(folder, name);
  return [
    // First: predict.html takes what it saves.
    { name: 'node.mjs', expected: learned, run: () => output(process.execPath, [file('node.mjs')], { cwd: folder }) },
    ...(
      [
        ['understand.mjs', /accuracy 0\.[6-9]\d+; taken for a \d by what conv2d_1 has there/],
        ['sweep.mjs', /after 9 epochs 0\.[6-9]\d* .*SHA-256 of the table: [0-9a-f]{64}/s],
        ['fromKeras.mjs', /Test accuracy: 0\.[7-9]/],
        ['fromTfjs.mjs', /\n95 0\.\d+ 0\.\d+ 0\.[6-9]/],
      ] as const
    ).map(([name, expected]) => ({
      name,
      expected,
      run: () => output(process.execPath, [file(name)], { cwd: folder }),
    })),
    {
      name: 'augment.mjs',
      expected: /as they are: [67]\d\.\d %\naugmented: [78]\d\.\d %/,
      run: () => output(process.execPath, [file('augment.mjs')], { cwd: folder }),
    },
    {
      name: 'regularize.mjs',
      expected: /regularized and weighted: \d+\.\d % of all digits, [6-9]\d\.\d % of the eights/,
      run: () => output(process.execPath, [file('regularize.mjs')], { cwd: folder }),
    },
    ...(existsSync(deno)
      ? [
          {
            name: 'denoOrBun.ts, Deno',
            expected: learned,
            run: () =>
              output(deno, ['run', '--allow-read', '--allow-env', '--allow-sys', file('denoOrBun.ts')], {
                cwd: folder,
              }),
          },
        ]
      : []),
    ...(existsSync(bun)
      ? [
          {
            name: 'denoOrBun.ts, Bun',
            expected: learned,
            run: () => output(bun, [file('denoOrBun.ts')], { cwd: folder }),
          },
        ]
      : []),
  ];
}

function pages(folder: string, address: string, browser: Browser): Example[] {
  const visit = async (to: string): Promise<string> => String(await browser.visit(to, said));
  const page = (path: string, expected: RegExp): Example => ({
    name: path,
    expected,
    run: () => visit(address + path),
  });
  const found = [
    page('plain/page.html', learned),
    page('isolated/worker.html', /accuracy 0\.[6-9]\d+ on 2 threads/),
    page('plain/worker.html', /accuracy 0\.[6-9]\d+ on 1 threads/),
    page('plain/predict.html', seen),
    {
      name: 'plain/folder.html',
      expected: /accuracy 1\.000 .*; 33\.png: blue, \d+ % sure$/,
      run: async () => String(await browser.visit(`${address}plain/folder.html`, folderDropped)),
    },
  ];
  // On the page itself, as its threads are kept away.
  for (const kind of ['pageOnly', 'noWorkers']) found.push(page(`${kind}/page.html`, learned));
  for (const name of ['page.html', 'worker.html', 'predict.html', 'folder.html', 'fineTune.html'])
    found.push({ name: `file: ${name}`, expected: unserved, run: () => visit(pathToFileURL(join(folder, name)).href) });
  if (hasDriver('next')) found.push({ name: 'next/, build', expected: learned, run: () => runNext(folder, visit) });
  if (!hasDriver('vite')) return found;
  // It has no CommonJS form.
  const vite = async (): Promise<Vite> => (await import(pathToFileURL(driverFile('vite')).href)) as Vite;
  const options = { root: join(folder, 'vite'), logLevel: 'error' };
  const serve = async (): Promise<string> => {
    const server = await (await vite()).createServer({ ...options, server: { host: '127.0.0.1', port: 0 } });
    await server.listen();
    try {
      return await visit(server.resolvedUrls!.local[0]!);
    } finally {
      await server.close();
    }
  };
  const build = async (): Promise<string> => {
    await (await vite()).build(options);
    return visit(`${address}plain/vite/dist/index.html`);
  };
  return [
    ...found,
    { name: 'vite/, dev server', expected: learned, run: serve },
    { name: 'vite/, build', expected: learned, run: build },
  ];
}

/** Runs those that can be run here, pages in `kind`. Gives a line about each, and how many failed. */
export async function runExamples(
  folder: string,
  kind: BrowserKind | undefined,
): Promise<{ lines: string[]; worked: number; failed: number }> {
  for (const name of [
    'node.mjs',
    'understand.mjs',
    'sweep.mjs',
    'fromKeras.mjs',
    'fromTfjs.mjs',
    'augment.mjs',
    'regularize.mjs',
    'denoOrBun.ts',
    'page.html',
    'worker.html',
    'worker.js',
    'predict.html',
    'folder.html',
    'fineTune.html',
    'fineTuning.js',
    'vite',
  ])
    cpSync(inRoot(`examples/${name}`), join(folder, name), { recursive: true });
  const server = await servePages(folder);
  const browser = await kind?.start();
  const weights = browser && (await pretrainedWeights());
  const lines: string[] = [];
  let worked = 0;
  for (const { name, expected, run } of [
    ...programs(folder),
    ...testRunners(folder),
    ...(browser ? pages(folder, server.address, browser) : []),
    ...(browser && weights?.path !== undefined
      ? [
          {
            name: 'isolated/fineTune.html',
            expected: /accuracy (83\.3|100\.0) % .*; 7 files predict the same within 1e-5$/,
            run: () => fineTunePage(folder, `${server.address}isolated/`, browser, weights.path!),
          },
        ]
      : []),
  ]) {
    try {
      const text = await run();
      check(expected.test(text), () => `it says '${text}'`);
      lines.push(`example ${name}: ${text.split('\n').at(-1)}`);
      worked++;
    } catch (error) {
      lines.push(`example ${name} FAILED: ${(error as Error).message}`);
    }
  }
  await browser?.close();
  server.close();
  const failed = lines.length - worked;
  if (weights?.trouble !== undefined)
    lines.push(`example fineTune.html is skipped, as there are no weights: ${weights.trouble}`);
  return { lines, worked, failed };
}
