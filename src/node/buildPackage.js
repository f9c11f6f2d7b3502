// npm run package: the package as it is published, in build/package/: what package.json lists in `files`, with a package.json that lacks
// what only a checkout of this project needs. `npm publish build/package` publishes it, `npm pack ./build/package` packs it.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}build/package`;

rmSync(folder, { recursive: true, force: true });
const listing = execFileSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
  cwd: root,
  encoding: 'utf8',
  shell: process.platform === 'win32',
});
/** @type {string[]} */
const paths = JSON.parse(listing)[0].files.map((/** @type {{ path: string }} */ { path }) => path);
for (const path of paths) cpSync(`${root}${path}`, `${folder}/${path}`);

const { scripts, devDependencies, workspaces, allowScripts, files, ...published } = JSON.parse(
  readFileSync(`${root}package.json`, 'utf8'),
);

/** @param {string} text */
const forPackage = (text) =>
  text
    .replace(
      /npm run (train|evaluate|predict-samples|report|verify|sweep|trial|export|import|weights|profile)\b( --(?= ))?/g,
      'npx wasm-cnn $1',
    )
    .replace('npm ci && npx wasm-cnn train', 'npm install wasm-cnn && npx wasm-cnn train');

/**
 * What the package lacks is linked to where its sources are.
 * @param {string} text
 * @param {string} page
 */
const withLinks = (text, page) =>
  text.replace(/(!?)(\[[^\]]*\])\(([^()\s]+)\)/g, (all, image, label, link) => {
    const [file, anchor] = link.split('#');
    const path = posix.join(posix.dirname(page), file);
    if (/^[a-z]+:/.test(link) || file === '' || paths.some((each) => each === path || each.startsWith(`${path}/`)))
      return all;
    const place = `${published.homepage.replace(/#.*/, '')}/${image ? 'raw' : 'blob'}/main/${path}`;
    return `${image}${label}(${place}${anchor === undefined ? '' : `#${anchor}`})`;
  });

for (const path of paths.filter((each) => /\.(md|txt)$/.test(each)))
  writeFileSync(`${folder}/${path}`, withLinks(forPackage(readFileSync(`${root}${path}`, 'utf8')), path));
writeFileSync(`${folder}/package.json`, `${JSON.stringify(published, null, 2)}\n`);
