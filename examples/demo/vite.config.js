// Relative paths, so that the built page works from any folder of any static host; the dev server gives the headers that threads need.
import { createHash } from 'node:crypto';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** @param {string} folder */
const built = (folder) => fileURLToPath(new URL(`../../build/src/${folder}/index.js`, import.meta.url));
/** Beside the page, for those who post a link. */
const picture = new URL('../../docs/demo.jpg', import.meta.url);

/** A posted link's picture needs a whole address: PAGE_URL=https://… says where the page will be. @returns {import('vite').Plugin} */
const linkPreview = () => ({
  name: 'link-preview',
  transformIndexHtml: (html) => html.replaceAll('%PAGE_URL%', process.env['PAGE_URL']?.replace(/\/*$/, '/') ?? './'),
  writeBundle: ({ dir }) => copyFile(picture, join(/** @type {string} */ (dir), 'demo.jpg')),
});

/** Writes sw.js, which keeps all files of the build. @returns {import('vite').Plugin} */
const serviceWorker = () => ({
  name: 'service-worker',
  apply: 'build',
  async closeBundle() {
    const dist = fileURLToPath(new URL('dist/', import.meta.url));
    const entries = await readdir(dist, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(dist, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
    const kept = files.filter((file) => file !== 'sw.js' && file !== 'demo.jpg').sort();
    const hash = createHash('sha256');
    for (const file of kept) hash.update(file).update(await readFile(join(dist, file)));
    const source = await readFile(new URL('src/offline/serviceWorker.js', import.meta.url), 'utf8');
    const names = kept.map((file) => (file === 'index.html' ? './' : file));
    await writeFile(
      join(dist, 'sw.js'),
      source.replace('__VERSION__', hash.digest('hex').slice(0, 16)).replace('__FILES__', JSON.stringify(names)),
    );
  },
});

export default defineConfig({
  base: './',
  build: { target: 'es2022', outDir: 'dist', emptyOutDir: true },
  worker: { format: 'es' },
  plugins: [linkPreview(), serviceWorker()],
  // What the package's exports name in a browser, as built in this checkout.
  resolve: {
    alias: {
      'wasm-cnn/data': built('data'),
      'wasm-cnn/images': built('images'),
      'wasm-cnn/recipes': built('recipes'),
      'wasm-cnn/browser': built('browser'),
      'wasm-cnn': built('browser'),
    },
  },
  server: {
    headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' },
    fs: { allow: ['../..'] },
  },
});
