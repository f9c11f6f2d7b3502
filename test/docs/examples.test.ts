// What the API reference shows: every exported function, class and constant has a description and an example that works; every type a description.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { blocksOf, comparing } from './blocks.js';
import { exportsOf, type Exported } from './exports.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const src = join(root, 'src');
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { types: string }>;
};
const entries = Object.values(exports).flatMap((where) =>
  typeof where === 'string' ? [] : [where.types.replace('./build/src/', '').replace(/\.d\.ts$/, '.ts')],
);
const { found, names, files } = exportsOf(src, [...new Set(entries)]);
const blocks = [...files].sort().flatMap((file) => blocksOf(relative(src, file), readFileSync(file, 'utf8')));

const ids = (wanted: (one: Exported) => boolean): string[] => found.filter(wanted).map(({ id }) => id);

test(`${found.length} exports have a description`, () => {
  assert.ok(found.length > 500);
  assert.equal(
    ids(({ doc }) => doc === null || doc.startsWith('@')),
    [],
  );
});

test('what is read from the sources is what the built modules have', async () => {
  for (const entry of entries) {
    const module = (await import(`../../src/${entry.replace(/\.ts$/, '.js')}`)) as Record<string, object>;
    const all = Object.entries(module).flatMap(([name, value]) =>
      Object.prototype.toString.call(value) === '[object Module]' ? Object.keys(value) : [name],
    );
    assert.equal(
      all.filter((name) => !names.has(name)),
      [],
      entry,
    );
  }
});

test('every exported function, class and constant has an example', () => {
  assert.equal(
    ids(({ isType, doc }) => !isType && !doc?.includes('@example')),
    [],
  );
});

test('every @example is a block of js, which runs, or of ts, which is compiled', () => {
  const written = [...files].reduce((sum, file) => sum + readFileSync(file, 'utf8').split('* @example').length - 1, 0);
  assert.is(blocks.length, written);
  assert.ok(blocks.length > 0);
});

/** Beside this file's own build, where the package's name leads to the package. */
const folder = fileURLToPath(new URL('written/', import.meta.url));
const nameOf = (place: string): string => place.replaceAll(/[/:]/g, '-');

/** The blocks in which a compiler or a process found a fault, with what it said of them. */
function faults(output: string): string[] {
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const block = blocks.find(({ place }) => line.includes(`${nameOf(place)}.`));
      return block ? `src/${block.place}: ${line.slice(line.indexOf(' ') + 1)}` : line;
    });
}

function write(name: string, files: readonly (readonly [string, string])[]): string {
  const to = join(folder, name);
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const [file, text] of files) writeFileSync(join(to, file), text);
  return to;
}

test('the examples that run show what they give', () => {
  const programs = blocks
    .filter(({ runs }) => runs)
    .map((block) => [`${nameOf(block.place)}.mjs`, comparing(block)] as const);
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL('runBlocks.js', import.meta.url)), write('run', programs)],
    { encoding: 'utf8' },
  );
  assert.equal(faults(stdout), []);
  assert.is(stderr, '');
  assert.is(status, 0);
});

test('all examples compile', () => {
  const programs = blocks.map(({ place, code }) => [`${nameOf(place)}.mts`, `${code}\nexport {};\n`] as const);
  const config = {
    extends: join(root, 'tsconfig.json'),
    // Read as a user's program is: of the package it sees the declarations in build/, not the sources.
    compilerOptions: {
      noEmit: true,
      rootDir: '.',
      outDir: 'out',
      noImplicitAny: false,
      noUnusedLocals: false,
      noUncheckedIndexedAccess: false,
    },
    include: ['*.mts'],
    exclude: [],
  };
  const to = write('compiled', [...programs, ['tsconfig.json', JSON.stringify(config)]]);
  const { stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', to], {
    encoding: 'utf8',
  });
  assert.equal(faults(stdout), []);
});

test.run();
