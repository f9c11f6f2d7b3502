// @ts-check
// Every link of the built site that leads to the site leads somewhere, to its anchor too; nothing is loaded from elsewhere.
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { base, dist, fileOf } from './site.js';

const names = readdirSync(dist, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
const files = new Set(names);
const pages = new Map(
  names.filter((name) => name.endsWith('.html')).map((name) => [name, readFileSync(dist + name, 'utf8')]),
);
const anchors = new Map(
  [...pages].map(([name, html]) => [name, new Set([...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id))]),
);

/** @param {string} html @param {string} attribute */
const valuesOf = (html, attribute) =>
  [...html.matchAll(new RegExp(`<[^>]*\\s${attribute}="([^"]*)"`, 'g'))].map(([, value = '']) =>
    value.replaceAll('&amp;', '&'),
  );

test('there are guides, the reference and the interactive page', () => {
  for (const name of ['index.html', 'docs/layers.html', 'reference/wasm-cnn/layers.html', 'page/index.html'])
    assert.ok(pages.has(name), name);
});

test('links lead to pages, files and anchors that are there', () => {
  /** @type {string[]} */
  const dead = [];
  let count = 0;
  for (const [name, html] of pages) {
    if (name === '404.html') continue;
    for (const link of [...valuesOf(html, 'href'), ...valuesOf(html, 'src')]) {
      if (/^[a-z]+:/.test(link)) continue;
      count++;
      const { pathname, hash } = new URL(link, `http://localhost${base}${name}`);
      const file = fileOf(decodeURIComponent(pathname).slice(base.length));
      const isThere =
        pathname.startsWith(base) &&
        files.has(file) &&
        (hash === '' ||
          !pages.has(file) ||
          file.startsWith('page/') ||
          anchors.get(file)?.has(decodeURIComponent(hash.slice(1))));
      if (!isThere) dead.push(`${name}: ${link}`);
    }
  }
  assert.equal(dead, []);
  assert.ok(count > 1000);
});

test('nothing is loaded from another host', () => {
  for (const [name, html] of pages) {
    assert.equal(
      valuesOf(html, 'src').filter((value) => /^(https?:)?\/\//.test(value)),
      [],
      name,
    );
    assert.not.match(html, /<link[^>]*href="(https?:)?\/\//, name);
  }
  for (const name of names.filter((name) => name.endsWith('.css')))
    assert.not.match(readFileSync(dist + name, 'utf8'), /url\(["']?(https?:)?\/\/|@import/, name);
});

test.run();
