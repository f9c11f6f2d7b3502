// Relative paths, so that the built page works from any folder of any static host; the dev server gives the headers that threads need.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** @param {string} folder */
const built = (folder) => fileURLToPath(new URL(`../../build/src/${folder}/index.js`, import.meta.url));

export default defineConfig({
  base: './',
  build: { target: 'es2022', outDir: 'dist', emptyOutDir: true },
  worker: { format: 'es' },
  // What the package's exports name in a browser, as built in this checkout.
  resolve: { alias: { 'wasm-cnn/data': built('data'), 'wasm-cnn/browser': built('browser'), 'wasm-cnn': built('browser') } },
  server: { headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }, fs: { allow: ['../..'] } },
});
