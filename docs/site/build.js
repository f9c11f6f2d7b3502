// @ts-check
// npm run docs: the site in docs/site/dist/, static files for any host. DOCS_BASE=/folder/ says where on the host it will lie (default /).
// The pages are copied to docs/site/pages/ with the folders that they have in the checkout, so that the links between them hold as they are.
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vitepress';
import { pages, root } from './guides.js';
import { about } from './package.js';
import { writeReference } from './reference.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const source = `${here}pages/`;
const interactive = `${root}examples/demo/dist`;

if (!existsSync(interactive))
  throw new Error('the interactive page is not built; run npm run docs, or npm run demo:build first');

/** The README below a head with its first ways on. @param {string} readme */
const home = (readme) => `---
layout: home
title: wasm-cnn
titleTemplate: false
hero:
  name: wasm-cnn
  text: ${JSON.stringify(about.description.split(':')[0])}
  actions:
    - { theme: brand, text: First steps, link: '#commands' }
    - { theme: alt, text: Train in this tab, link: /page/, target: _self }
    - { theme: alt, text: API reference, link: /reference/ }
---

${readme.replace(/^# .*\n/, '')}`;

await rm(source, { recursive: true, force: true });
await writeReference(`${source}reference`);
for (const path of pages) {
  const text = await readFile(`${root}${path}`, 'utf8');
  const to = `${source}${path.replace(/README\.md$/, 'index.md')}`;
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, path === 'README.md' ? home(text) : text);
  for (const [, picture] of text.matchAll(/!\[[^\]]*\]\(([^)\s]+)\)/g)) {
    const from = `${dirname(path)}/${picture}`;
    if (!/^https?:/.test(picture)) await cp(`${root}${from}`, `${source}${from}`);
  }
}
await build(here);
await cp(interactive, `${here}dist/page`, { recursive: true });
