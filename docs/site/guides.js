// @ts-check
// The pages of the site: which Markdown files of the checkout they are, and in what order the sidebar has them. A guide that is not named here
// stands under "In depth".
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Files of docs/. */
const groups = {
  Guides: [
    ...['first-training', 'install', 'data', 'pictures', 'fine-tuning', 'page', 'worker', 'service', 'many-machines'],
    ...['checkpoints', 'determinism', 'guarantees'],
  ],
  'From other libraries': ['from-keras', 'from-tfjs', 'from-pytorch', 'formats'],
  'When it matters': ['performance', 'benchmarks', 'troubleshooting', 'limits'],
  'Building and training': [
    ...['layers', 'losses', 'optimizers', 'regularization', 'augmentation', 'training', 'callbacks', 'recipes'],
    'understanding',
  ],
};

const guides = readdirSync(`${root}docs`)
  .filter((name) => name.endsWith('.md'))
  .map((name) => name.slice(0, -'.md'.length));
const named = new Set(Object.values(groups).flat());

/** Pages beside the guides. */
const others = ['examples/README.md', 'bench/README.md', 'bench/recipes.md', 'data/README.md'];

/** From the root of the checkout; README.md is the home page. */
export const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...guides.map((name) => `docs/${name}.md`),
  ...others,
];

/** The first heading, as text. @param {string} path */
function titleOf(path) {
  const heading = /^# (.*)$/m.exec(readFileSync(`${root}${path}`, 'utf8'))?.[1];
  if (!heading) throw new Error(`${path} needs a heading, # Title`);
  return heading.replaceAll('`', '');
}

/** @param {string} path */
const item = (path) => ({ text: titleOf(path), link: `/${path.replace(/README\.md$/, '').replace(/\.md$/, '')}` });

/** @param {string} text @param {readonly string[]} names */
const group = (text, names) => ({ text, items: names.map((name) => item(`docs/${name}.md`)) });

/** Guides of the sidebar. */
export const sidebarOfGuides = [
  ...Object.entries(groups).map(([text, names]) => group(text, names)),
  group(
    'In depth',
    guides.filter((name) => !named.has(name)),
  ),
  {
    text: 'More',
    items: [...others, 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'].map(item),
  },
];
