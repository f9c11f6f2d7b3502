// npm run package: the package as it is published, in build/package/: what package.json lists in `files`, with a package.json that lacks
// what only a checkout of this project needs. `npm publish build/package` publishes it, `npm pack ./build/package` packs it.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}build/package`;

rmSync(folder, { recursive: true, force: true });
const listing = execFileSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
  cwd: root,
  encoding: 'utf8',
  shell: process.platform === 'win32',
});
for (const { path } of JSON.parse(listing)[0].files) cpSync(`${root}${path}`, `${folder}/${path}`);

const { scripts, devDependencies, workspaces, allowScripts, files, ...published } = JSON.parse(
  readFileSync(`${root}package.json`, 'utf8'),
);
writeFileSync(`${folder}/package.json`, `${JSON.stringify(published, null, 2)}\n`);
