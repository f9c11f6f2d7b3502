// Puts the packages that codecs/ imports, WebAssembly included, into the compiled files (npm run build:js, after tsc): installing or
// bundling this package needs no other one, no file to serve, and no global that changes.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = fileURLToPath(new URL('../../build/src', import.meta.url));
const files = [
  'images/codecs/mozjpeg',
  'images/codecs/libwebp',
  'formats/codecs/inflate',
  'formats/codecs/pack',
  'data/codecs/csv',
  'data/codecs/parquet',
  'node/files/codecs/eventRecord',
  'formats/onnx/codecs/protobuf',
  'node/cli/report/codecs/png',
];

/**
 * Emscripten's JavaScript, without what is for other ways to load it: it sets globals, and names a file that bundlers would look for. The
 * constructors that its C code calls are those that emscripten.ts gives.
 */
const INSTEAD = [
  [/if\(isRunningInCloudFlareWorkers\|\|isRunningInNode\)\{.*?href:""\}\}\}/, ''],
  [/new URL\("\w+\.wasm",import\.meta\.url\)\.href/, '""'],
  [/var _scriptDir = import\.meta\.url;/, 'var _scriptDir = "";'],
  [/emval_get_global\(\)\[name\]/, 'Module["constructors"][name]'],
];

const BOUNDED = [
  [/const count = header >>> 1\n/, 'const count = Math.min(header >>> 1, output.length - seen);', 'encoding.js'],
  [/let count = header >> 1 << 3/, 'let count = Math.min(header >>> 1 << 3, output.length - seen + 7);', 'encoding.js'],
  [/shift \+= 7n\n/, "if ((shift += 7n) > 70n) throw new Error('a number of too many bytes');", 'thrift.js'],
];

/** Emscripten without globals, and hyparquet bounded. */
export const mended = {
  name: 'mended packages',
  setup({ onLoad }) {
    onLoad({ filter: /codec[/\\]dec[/\\]\w+\.js$/ }, async ({ path }) => {
      let contents = await readFile(path, 'utf8');
      for (const [pattern, instead] of INSTEAD) {
        if (!pattern.test(contents)) throw new Error(`${path} has no ${pattern}`);
        contents = contents.replace(pattern, () => instead);
      }
      if (contents.includes('import.meta')) throw new Error(`${path} still asks for its own address`);
      return { contents };
    });
    // hyparquet believes a run of values that is longer than the page, and a number of any length.
    onLoad({ filter: /hyparquet[/\\]src[/\\](encoding|thrift)\.js$/ }, async ({ path }) => {
      let contents = await readFile(path, 'utf8');
      for (const [pattern, instead] of BOUNDED.filter(([, , file]) => path.endsWith(file))) {
        if (!pattern.test(contents)) throw new Error(`${path} has no ${pattern}`);
        contents = contents.replace(pattern, () => instead);
      }
      return { contents };
    });
    // Only what pictures need of hyparquet.
    onLoad({ filter: /hyparquet[/\\]src[/\\](alp|bloom|geoparquet|variant|wkb)\.js$/ }, async ({ path }) => ({
      contents: [...(await readFile(path, 'utf8')).matchAll(/^export (?:async )?function (\w+)/gm)]
        .map(([, name]) => `export function ${name}() { throw new Error('${name} is left out'); }`)
        .join('\n'),
    }));
  },
};

/** Files of this package stay files of their own. */
const ownFiles = {
  name: 'own files',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, kind, importer }) =>
      kind !== 'entry-point' && importer.includes('codecs') ? { path, external: true } : undefined,
    );
  },
};

if (process.argv[1] === fileURLToPath(import.meta.url))
  await build({
    entryPoints: files.map((name) => `${folder}/${name}.js`),
    outdir: folder,
    outbase: folder,
    allowOverwrite: true,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    // The part of hyparquet that knows no files.
    conditions: ['browser'],
    // Papa Parse asks for it where it is given streams.
    external: ['stream'],
    target: 'es2022',
    loader: { '.wasm': 'binary' },
    legalComments: 'none',
    logLevel: 'warning',
    banner: { js: '/*! Licenses of what is in here: NOTICE.md of wasm-cnn. */' },
    plugins: [mended, ownFiles],
  });
