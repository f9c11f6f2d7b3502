// @ts-check
// VitePress' own theme with the system's fonts, so that a page loads none.
import Theme from 'vitepress/theme-without-fonts';
import './style.css';

/** The search's box calls itself a button, and its results options, which links in them may not be: it becomes a dialog with a list. */
function nameSearch() {
  const box = document.querySelector('.VPLocalSearchBox');
  if (!box) return;
  /** @param {Element} element @param {Record<string, string | null>} attributes */
  const set = (element, attributes) => {
    for (const [name, value] of Object.entries(attributes))
      if (value === null) element.removeAttribute(name);
      else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  };
  const none = { 'aria-expanded': null, 'aria-haspopup': null, 'aria-owns': null, 'aria-labelledby': null };
  set(box, { ...none, role: 'dialog', 'aria-modal': 'true', 'aria-label': 'Search' });
  for (const list of box.querySelectorAll('ul.results')) set(list, { role: 'list', 'aria-labelledby': null });
  for (const link of box.querySelectorAll('a.result')) set(link, { 'aria-label': null });
  for (const key of box.querySelectorAll('kbd[aria-label]')) set(key, { role: 'img' });
  for (const item of box.querySelectorAll('ul.results > li')) set(item, { role: 'listitem', 'aria-selected': null });
}

/** @type {import('vitepress').Theme} */
export default {
  extends: Theme,
  enhanceApp() {
    if (typeof document === 'undefined') return;
    new MutationObserver(nameSearch).observe(document.body, {
      childList: true,
      subtree: true,
      attributeFilter: ['role', 'aria-label', 'aria-selected', 'aria-expanded'],
    });
  },
};
