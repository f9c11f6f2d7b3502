// @ts-check
// Links of the checkout's Markdown on the site: to a page where there is one, else to the sources, and where those have no address to nothing.
import { posix } from 'node:path';
import { pages } from './guides.js';
import { sourceAddress } from './package.js';

/** @param {import('vitepress').MarkdownRenderer} markdown */
export function linksOfSite(markdown) {
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
