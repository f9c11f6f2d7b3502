/// <reference types="vite/client" />
// Keeps the built page's files in the browser, so that it opens and trains without a network. Not while it is being developed.

export function workOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  // Where the host forbids it, the page is only not there offline.
  navigator.serviceWorker.register(new URL('sw.js', document.baseURI)).catch(() => {});
}
