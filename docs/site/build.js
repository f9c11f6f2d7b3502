// @ts-check
// npm run docs: the site in docs/site/dist/, static files for any host. DOCS_BASE=/folder/ says where on the host it will lie (default /).
// The pages are copied to docs/site/pages/ with the folders that they have in the checkout, so that the links between them hold as they are.
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vitepress';
import { pages, root } from './guides.js';
import { writeReference } from './reference.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const source = `${here}pages/`;
const interactive = `${root}examples/demo/dist`;

if (!existsSync(interactive))
  throw new Error('the interactive page is not built; run npm run docs, or npm run demo:build first');

/** The README with its first ways on below the title. @param {string} readme */
const home = (readme) => `---
title: wasm-cnn
titleTemplate: false
sidebar: false
aside: false
pageClass: home
---

${readme.replace(
  /^# .*\n/,
  (title) => `${title}
<nav class="ways" aria-label="First ways">
<a href="#commands">First steps</a>
<a href="${process.env['DOCS_BASE'] ?? '/'}page/" target="_self">Train in this tab</a>
<a href="${process.env['DOCS_BASE'] ?? '/'}reference/">API reference</a>
</nav>
`,
)}`;

/** A page without headings has its outline's room, too. @param {string} text */
const wide = (text) => (/^## /m.test(text) ? text : `---\naside: false\n---\n\n${text}`);

await rm(source, { recursive: true, force: true });
await writeReference(`${source}reference`);
for (const path of pages) {
  const text = await readFile(`${root}${path}`, 'utf8');
  const to = `${source}${path.replace(/README\.md$/, 'index.md')}`;
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, path === 'README.md' ? home(text) : wide(text));
  for (const [, picture] of text.matchAll(/!\[[^\]]*\]\(([^)\s]+)\)/g)) {
    const from = `${dirname(path)}/${picture}`;
    if (!/^https?:/.test(picture)) await cp(`${root}${from}`, `${source}${from}`);
  }
}
await build(here);
await cp(interactive, `${here}dist/page`, { recursive: true });
