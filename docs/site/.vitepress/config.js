// @ts-check
import { existsSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { sidebarOfGuides } from '../guides.js';
import { forSite, slugify } from '../markdown.js';
import { about, sourceAddress } from '../package.js';

const reference = fileURLToPath(new URL('../pages/reference/', import.meta.url));

/** The modules' pages, each with those of its namespaces. */
function sidebarOfReference() {
  if (!existsSync(reference)) return [];
  const paths = readdirSync(reference, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.md') && path !== 'index.md');
  const nameOf = (/** @type {string} */ path) => path.replace(/(\/index)?\.md$/, '');
  const items = paths
    .map((path) => ({
      text: nameOf(path).replace('/namespaces/', ': '),
      link: `/reference/${path.replace(/(index)?\.md$/, '')}`,
    }))
    .sort((a, b) => (a.text.replace(': ', ' ') < b.text.replace(': ', ' ') ? -1 : 1));
  return [{ text: 'API reference', items }];
}

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 28 28'%3E%3Crect width='28' height='28' rx='6' fill='%230072b2'/%3E%3Cpath d='M9 8h10l-6 13' fill='none' stroke='%23fff' stroke-width='3.4' stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E";

export default defineConfig({
  lang: 'en',
  title: 'wasm-cnn',
  description: about.description,
  base: process.env['DOCS_BASE'] ?? '/',
  srcDir: 'pages',
  outDir: 'dist',
  // The search's index, which is loaded with the first search.
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  head: [['link', { rel: 'icon', href: icon }]],
  markdown: {
    config: forSite,
    anchor: { slugify },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  themeConfig: {
    nav: [
      { text: 'Guides', link: sidebarOfGuides[0]?.items[0]?.link ?? '/', activeMatch: '^/docs/' },
      { text: 'Reference', link: '/reference/', activeMatch: '^/reference/' },
      { text: 'Benches', link: '/bench/' },
      { text: 'Train in this tab', link: '/page/', target: '_self' },
    ],
    sidebar: { '/reference/': sidebarOfReference(), '/': sidebarOfGuides },
    outline: { level: [2, 3] },
    ...(sourceAddress !== null && {
      socialLinks: [{ icon: 'git', link: posix.join(sourceAddress, '../..'), ariaLabel: 'Sources' }],
    }),
    search: {
      provider: 'local',
      options: {
        detailedView: true,
        miniSearch: {
          // Without the words that every question has: the function is written into the page, so that all it needs stands in it.
          options: {
            processTerm: (/** @type {string} */ term) =>
              /^(a|an|and|are|as|at|be|by|can|could|do|does|for|from|have|how|i|if|in|is|it|me|my|of|on|or|that|the|there|this|to|use|what|where|which|with|you|your)$/i.test(
                term,
              )
                ? null
                : term.toLowerCase(),
          },
          searchOptions: {
            fuzzy: 0.1,
            prefix: (/** @type {string} */ term) => term.length > 2,
            boost: { title: 6, titles: 3, text: 1 },
          },
        },
      },
    },
  },
});
