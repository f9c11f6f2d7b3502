// The README and docs/ name files, kernels and options that exist.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'bench/recipes.md', 'llms.txt'],
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
].filter((name) => /\.(md|txt)$/.test(name));
const rooms = ['assembly', 'src', 'test', 'bench', 'examples', 'data'];
const files = rooms
  .flatMap((room) => readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }))
  .filter((path) => !path.includes('node_modules'));
const names = new Set(files.map((path) => basename(path)));
/** Every word of the sources. */
const words = new Set(
  ['assembly', 'src', 'test']
    .flatMap((room) =>
      readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map((path) => join(room, path)),
    )
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => readFileSync(join(root, path), 'utf8').match(/\w+/g) ?? []),
);

for (const page of pages) {
  const text = readFileSync(join(root, page), 'utf8');
  test(`${page}: links lead to files`, () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link]) => link!);
    assert.equal(
      links.filter((link) => !existsSync(join(root, dirname(page), link))),
      [],
    );
  });
  test(`${page}: files of code that are named exist`, () => {
    const named = [...text.matchAll(/`([\w./-]+\.(?:ts|js|mjs|py))`/g)].map(([, name]) => name!);
    assert.equal(
      named.filter((name) => !names.has(basename(name))),
      [],
    );
  });
  const programs = [...text.matchAll(/^```(js|ts|json)\n([^]*?)^```$/gm)];
  if (programs.length)
    test(`${page}: programs are as Prettier writes them`, async () => {
      const style = await resolveConfig(join(root, page));
      for (const [, language, program] of programs)
        assert.is(await format(program!, { ...style, parser: language === 'json' ? 'json' : 'typescript' }), program);
    });
  const commands = [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, lines]) => lines!.split('\n'));
  if (commands.length)
    test(`${page}: lines of commands fit into the page`, () =>
      assert.equal(
        commands.filter((line) => line.length > 88),
        [],
      ));
  if (page.startsWith('docs/'))
    test(`${page}: kernels and options that are named exist`, () => {
      const named = [...text.matchAll(/`([A-Za-z]\w*)`/g)].map(([, name]) => name!);
      assert.equal(
        named.filter((name) => !words.has(name)),
        [],
      );
    });
}

test('docs/troubleshooting.md: sentences that it explains are in the sources', () => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.generated.ts'))
    .map((path) => readFileSync(join(root, 'src', path), 'utf8'))
    .join();
  const sentences = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8')
    .split('\n')
    .flatMap((line) => /^\| `([^`]+)` \|/.exec(line)?.[1] ?? []);
  assert.ok(sentences.length > 20);
  assert.equal(
    sentences.filter((sentence) => !sources.includes(sentence)),
    [],
  );
});

test.run();
