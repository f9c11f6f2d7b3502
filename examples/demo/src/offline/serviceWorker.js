// The page without a network: all its files, kept in the browser. vite.config.js writes this as sw.js, with the list of the built files
// and a hash over them. A new build has a new hash, and its own store; the old one serves the tabs that are open until the last is closed.
const VERSION = '__VERSION__';
const FILES = __FILES__;
const STORE = `wasm-cnn page ${VERSION}`;

self.addEventListener('install', (event) => {
  // Not from the browser's own store, which may hold an older index.html.
  event.waitUntil(
    caches.open(STORE).then((store) => store.addAll(FILES.map((file) => new Request(file, { cache: 'reload' })))),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      // Other pages of this host have stores, too.
      const old = (await caches.keys()).filter((name) => name.startsWith('wasm-cnn page ') && name !== STORE);
      await Promise.all(old.map((name) => caches.delete(name)));
      await self.clients.claim();
    })(),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || !request.url.startsWith(self.registration.scope)) return;
  event.respondWith(request.mode === 'navigate' ? newestPage(request) : kept(request));
});

/** The network's page goes first, so that a new build is seen at once. */
async function newestPage(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) return answer;
  } catch {
    // Offline.
  }
  return (await stored('./')) ?? fetch(request);
}

/** Every other file has a hash in its name, or is a picture: what is kept is right. */
async function kept(request) {
  return (await stored(request)) ?? fetch(request);
}

async function stored(request) {
  return (await caches.open(STORE)).match(request, { ignoreSearch: true });
}
