// A process of examples.test.ts: runs the examples of a folder one after another, and says in a line which fail.
import { readdirSync } from 'node:fs';
import { inspect } from 'node:util';
import { isAsShown } from './blocks.js';

const folder = new URL(`${process.argv[2]}/`, 'file:///');
Object.assign(globalThis, {
  expect(value: unknown, shown: unknown) {
    if (!isAsShown(value, shown)) throw new Error(`shown is ${inspect(shown)}, but it is ${inspect(value)}`);
  },
});
for (const name of readdirSync(folder).filter((file) => file.endsWith('.mjs'))) {
  try {
    await import(new URL(name, folder).href);
  } catch (error) {
    console.log(`${name} ${(error as Error).message}`);
  }
}
