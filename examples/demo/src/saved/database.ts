// A box of IndexedDB: values by key. The connection stays open, so that a page that is being left can still hand something over.

export interface Database {
  put(key: string, value: unknown): Promise<void>;
  remove(key: string): Promise<void>;
  get(key: string): Promise<unknown>;
  keys(): Promise<string[]>;
}

const STORE = 'values';

export async function openDatabase(name: string): Promise<Database> {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await answer(opening);
  const store = (mode: IDBTransactionMode): IDBObjectStore =>
    database.transaction(STORE, mode, { durability: 'relaxed' }).objectStore(STORE);
  return {
    put: async (key, value) => {
      const box = store('readwrite');
      const asked = box.put(value, key);
      // At once, not when the answer has come: by then the page may be gone, and what is not committed is lost.
      box.transaction.commit();
      await answer(asked);
    },
    remove: async (key) => void (await answer(store('readwrite').delete(key))),
    get: async (key) => answer(store('readonly').get(key)),
    keys: async () => (await answer(store('readonly').getAllKeys())).map(String),
  };
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB gave no reason'));
  });
}
