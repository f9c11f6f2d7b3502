// The house rules that a machine can check: imports run one way, the core has no host, numbers need no host mathematics, names, test.run().
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

/** Levels of src/, bottom first: a file imports from lower levels and from its own entry. The longest entry that fits a path is the one. */
const levels: readonly (readonly string[])[] = [
  ['base/'],
  ['engine/kernels.generated.ts', 'engine/modules/', 'initializers/', 'metrics/', 'schedules/', 'formats/'],
  ['images/'],
  ['data/'],
  ['graph/'],
  ['compiler/ops/'],
  ['regularizers/'],
  ['constraints/'],
  ['callbacks/', 'layers/', 'losses/', 'optimizers/', 'plots/'],
  ['compiler/', 'formats/kerasConfig/'],
  ['engine/'],
  ['training/'],
  ['model/'],
  ['networks/', 'understanding/'],
  ['formats/keras/', 'formats/tfjs/', 'formats/onnx/', 'formats/torch/'],
  ['training/background/', 'recipes/', 'predict/', 'parallel/'],
  ['sweep/'],
  ['index.ts'],
  ['node/', 'browser/'],
];
/** Packages that run on any host, and who may use them. */
const packages: Readonly<Record<string, string>> = {
  'chart.js': 'plots/',
  '@jsquash/jpeg/codec/dec/mozjpeg_dec.js': 'images/',
  '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm': 'images/',
  '@jsquash/webp/codec/dec/webp_dec.js': 'images/',
  '@jsquash/webp/codec/dec/webp_dec.wasm': 'images/',
  fflate: 'formats/',
  pbf: 'formats/onnx/',
  papaparse: 'data/',
  hyparquet: 'data/',
  'hyparquet/src/column.js': 'data/',
};
/** Exact on every host, which IEEE 754 promises of nothing else in Math. */
const exact = ['abs', 'ceil', 'clz32', 'floor', 'fround', 'imul', 'max', 'min', 'round', 'sign', 'sqrt', 'trunc'];

interface File {
  readonly path: string;
  readonly text: string;
}

interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
}

/** From build/test/ back to the sources. */
const root = new URL('../../', import.meta.url);

/** All files below a folder, with paths from there. */
function readFolder(folder: string): File[] {
  const names = readdirSync(fileURLToPath(new URL(`${folder}/`, root)), { recursive: true }) as string[];
  return names
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /\.(ts|js)$/.test(name) && !name.includes('node_modules/'))
    .map((path) => ({ path, text: readFileSync(new URL(`${folder}/${path}`, root), 'utf8') }));
}

/** The text without comments, and without what stands in quotes; templates stay, as they hold code. */
function withoutComments(text: string, quotes = true): string {
  return text.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g,
    (found) => (found.startsWith('/') ? ' ' : found.startsWith('`') || !quotes ? found : "''"),
  );
}

function importsOf({ text }: File): Import[] {
  const code = withoutComments(text, false);
  const statements = [...code.matchAll(/^\s*(?:import|export)\s+(type\s)?[^'";]*?\bfrom\s*['"]([^'"]+)['"]/gm)].map(
    ([, type, from]) => ({ from: from!, typeOnly: type !== undefined }),
  );
  const bare = [...code.matchAll(/^\s*import\s*['"]([^'"]+)['"]|\bimport\s*\(\s*['"]([^'"]+)['"]/gm)].map(
    ([, statement, call]) => ({ from: (statement ?? call)!, typeOnly: false }),
  );
  return [...statements, ...bare];
}

/** 'ops/op.ts' for '../ops/op.js' seen from 'layers/conv2d.ts'. */
function resolve(path: string, from: string): string {
  return new URL(from, `file:///${path}`).pathname.slice(1).replace(/\.js$/, '.ts');
}

function entryOf(path: string): { entry: string; level: number } | undefined {
  const found = levels
    .flatMap((entries, level) => entries.map((entry) => ({ entry, level })))
    .filter(({ entry }) => (entry.endsWith('/') ? path.startsWith(entry) : path === entry));
  return found.sort((a, b) => b.entry.length - a.entry.length)[0];
}

function importComplaints(file: File): string[] {
  const own = entryOf(file.path);
  if (!own) return [`${file.path} has no level; give it one in architecture.test.ts`];
  return importsOf(file).flatMap(({ from, typeOnly }) => {
    if (!from.startsWith('.'))
      return own.entry === 'node/' || packages[from] === own.entry
        ? []
        : [`${file.path} imports ${from}; packages belong to src/node/, but for ${Object.keys(packages).join(', ')}`];
    const to = resolve(file.path, from);
    const other = entryOf(to);
    if (!other) return [`${file.path} imports ${to}, which is not in src/`];
    return typeOnly || other.level < own.level || other.entry === own.entry
      ? []
      : [`${file.path} imports ${to}, which stands no lower`];
  });
}

/** What a file imports, be it types alone, and what it names as a thread's script, which bundlers follow like an import. */
function followed(file: File): string[] {
  const imports = importsOf(file)
    .filter(({ from }) => from.startsWith('.'))
    .map(({ from }) => from);
  const scripts = [...withoutComments(file.text, false).matchAll(/new URL\('([^']+\.js)', import\.meta\.url\)/g)].map(
    ([, from]) => from!,
  );
  return [...imports, ...scripts].map((from) => resolve(file.path, from));
}

/** The first ring of what is followed, as 'a → b → a'. */
function cycleIn(files: readonly File[]): string | null {
  const edges = new Map(files.map((file) => [file.path, followed(file)]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string | null => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path].join(' → ');
    if (done.has(path)) return null;
    for (const next of edges.get(path) ?? []) {
      const cycle = visit(next, [...trail, path]);
      if (cycle) return cycle;
    }
    done.add(path);
    return null;
  };
  for (const path of edges.keys()) {
    const cycle = visit(path, []);
    if (cycle) return cycle;
  }
  return null;
}

function hostComplaints({ path, text }: File): string[] {
  if (/^(node|browser|plots)\//.test(path)) return [];
  const code = withoutComments(text);
  const functions = [...code.matchAll(/\bMath\b(?:\s*\.\s*(\w+))?/g)]
    .filter(([, name]) => !name || !exact.includes(name))
    .map(([found]) => found);
  return [...functions, ...(code.match(/\*\*|\bDate\b/g) ?? [])].map(
    (found) => `${path} uses ${found}, which differs between hosts`,
  );
}

function kernelComplaints({ path, text }: File): string[] {
  return (withoutComments(text).match(/\bMathf?\b|\bseed\w*\b/g) ?? []).map(
    (found) => `assembly/${path} uses ${found}`,
  );
}

function nameComplaints({ path }: File): string[] {
  return /(^|\/)(utils?|helpers?|common)(\/|\.)/i.test(path)
    ? [`${path} is named after nothing; a function lives with the noun it speaks about`]
    : [];
}

function runComplaints({ path, text }: File): string[] {
  return path.endsWith('.test.ts') && !text.trimEnd().endsWith('\ntest.run();')
    ? [`test/${path} does not end with test.run(); uvu would see no test in it`]
    : [];
}

const src = readFolder('src').filter(({ path }) => path !== 'base/host.d.ts');
const assembly = readFolder('assembly').filter(({ path }) => path.endsWith('.ts'));
const tests = readFolder('test');

test('imports run one way, and packages belong to src/node/', () => {
  assert.ok(src.length > 40, 'the sources were found');
  assert.equal(src.flatMap(importComplaints), []);
});

test("no import cycles, including types, nor cycles of threads' scripts, on which Turbopack never finishes", () =>
  assert.is(cycleIn(src), null));
test('no host Math and no dates where numbers are computed', () => assert.equal(src.flatMap(hostComplaints), []));
test('kernels use no Math, which would bring host functions or static data', () =>
  assert.equal(assembly.flatMap(kernelComplaints), []));
test('no utils, helpers, common', () => assert.equal([...src, ...assembly, ...tests].flatMap(nameComplaints), []));
test('every test file ends with test.run()', () => assert.equal(tests.flatMap(runComplaints), []));

test('each rule sees what it is for', () => {
  const complaints = (rule: (file: File) => string[], path: string, text: string): number =>
    rule({ path, text }).length;
  assert.is(
    complaints(importComplaints, 'compiler/plan.ts', "import { Engine } from '../engine/engine.js';"),
    1,
    'upward',
  );
  assert.is(
    complaints(importComplaints, 'losses/loss.ts', "import {\n  a,\n  b,\n} from '../layers/layer.js';"),
    1,
    'sideways, over several lines',
  );
  assert.is(
    complaints(
      importComplaints,
      'compiler/plan.ts',
      "export * from '../model/model.js';\nimport '../training/fit.js';\nawait import('../index.js');",
    ),
    3,
    'other forms',
  );
  assert.is(
    complaints(
      importComplaints,
      'compiler/plan.ts',
      "import type { Engine } from '../engine/engine.js';\n// import { x } from '../model/model.js';\nimport { check } from '../base/errors.js';",
    ),
    0,
    'types, comments, downward',
  );
  assert.is(
    complaints(
      importComplaints,
      'data/idx.ts',
      "import { readFile } from 'node:fs/promises';\nimport type { Command } from 'commander';\nimport x from 'chart.js';",
    ),
    3,
    'packages',
  );
  assert.is(
    complaints(importComplaints, 'node/files.ts', "import { readFile } from 'node:fs/promises';"),
    0,
    'packages in node/',
  );
  assert.is(
    complaints(importComplaints, 'engine/engine.ts', "import { gemm } from '../../assembly/gemm.js';"),
    1,
    'out of src',
  );
  assert.is(complaints(importComplaints, 'unheardOf.ts', ''), 1, 'no level');
  const ring = [
    ['ops/a.ts', "import { b } from './b.js';"],
    ['ops/b.ts', "import { c } from './c.js';"],
    ['ops/c.ts', "export { a } from './a.js';"],
  ] as const;
  assert.is(cycleIn(ring.map(([path, text]) => ({ path, text }))), 'ops/a.ts → ops/b.ts → ops/c.ts → ops/a.ts');
  const ofTypes = ring.map(([path, text]) => ({ path, text: text.replace('export', 'export type') }));
  assert.is(cycleIn(ofTypes), 'ops/a.ts → ops/b.ts → ops/c.ts → ops/a.ts', 'types count');
  assert.is(cycleIn(ring.slice(0, 2).map(([path, text]) => ({ path, text }))), null);
  assert.is(
    cycleIn(
      [
        ['a.ts', "import { b } from './b.js';"],
        ['b.ts', "new Worker(new URL('./a.js', import.meta.url))"],
      ].map(([path, text]) => ({ path: path!, text: text! })),
    ),
    'a.ts → b.ts → a.ts',
  );
  for (const bad of [
    'Math.exp(1)',
    'Math.random()',
    'Math . log2(x)',
    'const { tanh } = Math',
    '2 ** x',
    'x **= 2',
    'new Date()',
    'Date.now()',
    '`${Math.pow(2, 3)}`',
    'Math.hypot(1)',
  ]) {
    assert.is(complaints(hostComplaints, 'fit.ts', `const x = 1;\n${bad};`), 1, bad);
    assert.is(complaints(hostComplaints, 'plots/style.ts', bad), 0, `${bad} in plots/`);
  }
  assert.is(
    complaints(
      hostComplaints,
      'fit.ts',
      "/** x ** 2, Math.exp */ Math.sqrt(x); // Math.log\nconst s = 'Math.exp ** Date', updated = validation;",
    ),
    0,
    'comments and quotes',
  );
  assert.is(complaints(kernelComplaints, 'adam.ts', 'Math.sqrt(x) + Mathf.exp(y) + seedRandom()'), 3);
  assert.is(complaints(kernelComplaints, 'adam.ts', "import { exp } from './math'; // Math.exp\nsqrt<f32>(x);"), 0);
  assert.is(
    ['utils.ts', 'ops/helpers/sum.ts', 'common/x.ts', 'ops/Util.ts'].flatMap((path) =>
      nameComplaints({ path, text: '' }),
    ).length,
    4,
  );
  assert.is(nameComplaints({ path: 'commonWords.ts', text: '' }).length, 0);
  assert.is(
    ['', "test('x', () => {});", 'test.run();\nconst x = 1;', '// test.run();'].flatMap((text) =>
      runComplaints({ path: 'a.test.ts', text }),
    ).length,
    4,
  );
  assert.is(runComplaints({ path: 'a.test.ts', text: 'x\n\ntest.run();\n' }).length, 0);
});

test.run();
