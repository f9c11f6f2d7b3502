// @ts-check
// VitePress' own theme with the system's fonts, so that a page loads none.
import Theme from 'vitepress/theme-without-fonts';
import './style.css';

/** The search's box says that it is a button, and its results are options with links in them: for those who hear it they are a dialog and a list. */
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
      attributeFilter: ['role', 'aria-selected', 'aria-expanded'],
    });
  },
};
