// What a project with wasm-cnn tells Vite.
export default {
  optimizeDeps: { exclude: ['wasm-cnn'] }, // or the dev server bundles it, and loses the scripts of its workers
  worker: { format: 'es' }, // they are modules
  base: './', // the build works from any folder of any static host
};
