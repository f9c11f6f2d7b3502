// @ts-check
// What the checkout's Markdown, which a code host shows too, becomes on the site.
import { posix } from 'node:path';
import { pages } from './guides.js';
import { sourceAddress } from './package.js';

/** The anchor of a heading, as code hosts make it. @param {string} heading */
export const slugify = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');

/** @param {import('vitepress').MarkdownRenderer} markdown */
export function forSite(markdown) {
  linksOfSite(markdown);
  // An empty head of a column is no head.
  markdown.core.ruler.push('empty-heads', ({ tokens }) => {
    for (const [i, token] of tokens.entries())
      if (token.type === 'th_open' && tokens[i + 1]?.content === '')
        for (const cell of [token, tokens[i + 2]]) if (cell) cell.tag = 'td';
  });
}

/**
 * A link leads to a page of the site where there is one, else to the sources, and where those have no address nowhere.
 * @param {import('vitepress').MarkdownRenderer} markdown
 */
function linksOfSite(markdown) {
  markdown.core.ruler.push('links-of-site', ({ tokens, env }) => {
    /** The path of this page in the checkout; none where a title is read. @type {string | undefined} */
    const here = env.relativePath;
    if (here === undefined || here.startsWith('reference/')) return;
    for (const { children } of tokens) {
      for (const [i, token] of (children ?? []).entries()) {
        const href = token.type === 'link_open' ? token.attrGet('href') : null;
        if (href === null || /^([a-z]+:|#|\/)/.test(href)) continue;
        const [path = '', anchor] = href.split('#');
        const target = posix.join(posix.dirname(here), path).replace(/\/$/, '');
        const page = [target, `${target}/README.md`].find((name) => pages.includes(name));
        if (page !== undefined) {
          token.attrSet(
            'href',
            `/${page.replace(/README\.md$/, 'index.md')}${anchor === undefined ? '' : `#${anchor}`}`,
          );
        } else if (sourceAddress !== null) token.attrSet('href', `${sourceAddress}/${target}`);
        else {
          const close = /** @type {typeof token} */ (children?.slice(i).find(({ type }) => type === 'link_close'));
          for (const half of [token, close])
            Object.assign(half, { type: 'html_inline', tag: '', attrs: null, content: '' });
        }
      }
    }
  });
}
