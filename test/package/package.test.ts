// The package as a stranger gets it: looked through, imported, required, type-checked.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { samples } from '../images/samples.js';
import { temporaryFolder } from '../node/temporaryFolder.js';
import { inRoot, installPacked, run as runIn } from './install.js';

const folder = temporaryFolder();
const run = (program: string, args: readonly string[]): string => runIn(program, args, folder);
const packed = installPacked(folder);
const tarball = join(folder, packed.filename);
const paths = packed.files.map(({ path }) => path);

test('holds what a user needs and nothing else', () => {
  const expected =
    /^(README\.md|LICENSE|CHANGELOG\.md|NOTICE\.md|llms\.txt|package\.json|docs\/[\w-]+\.md|examples\/(?!demo)[\w/]+(-machines\/\w+)?(\.\w+)+|build\/src\/(?!node\/\w+Thread\.(js|d)).*\.(d\.ts|js)|build\/(browser|predict)\/[\w-]+\.js|build\/wasm\/(release|shared|fused|fusedShared)\.wasm|src\/formats\/torch\/convert\.py)$/;
  assert.equal(
    paths.filter((path) => !expected.test(path)),
    [],
  );
  // A twentieth are the commands, as much is docs/, and so are the examples of the reference, in .js and .d.ts. A third are the decoders of JPEG and WebP, of which the bundle for pages has its own, 190 kB: it is copied alone. The readers of CSV and
  // Parquet, Papa Parse and hyparquet, are 23 kB, the text of Node's decoding threads 30 kB. Each kernel is there in eight builds.
  assert.ok(packed.size < 2_100_000, `${packed.size} bytes packed`);
  const { exports } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as {
    exports: Record<string, string | Record<string, string | null>>;
  };
  const targets = Object.values(exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target).filter((path) => path !== null),
  );
  assert.equal(
    targets.filter((path) => !paths.includes(path.slice(2))),
    [],
  );
});

test('has no script, no development dependency, and everything that a registry shows', () => {
  const { scripts, devDependencies, workspaces, ...rest } = JSON.parse(
    readFileSync(join(folder, 'node_modules/wasm-cnn/package.json'), 'utf8'),
  ) as Record<string, unknown>;
  assert.equal([scripts, devDependencies, workspaces], [undefined, undefined, undefined]);
  for (const field of [
    'description',
    'keywords',
    'homepage',
    'bugs',
    'repository',
    'author',
    'license',
    'unpkg',
    'jsdelivr',
  ])
    assert.ok(rest[field], field);
});

test('a release is refused with placeholders for addresses, or under another tag', () => {
  const { status, stderr } = spawnSync(process.execPath, ['.github/checkRelease.js', 'v9.9.9'], {
    cwd: inRoot(''),
    encoding: 'utf8',
  });
  assert.is(status, 1);
  assert.match(stderr, /^the tag is v9\.9\.9 and package\.json has version/);
  assert.match(stderr, /git\.example\S* is a placeholder/);
});

test('npx wasm-cnn trains, names itself in its messages, and knows its commands', () => {
  const { dependencies } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as Record<string, object>;
  assert.equal(Object.keys(dependencies!), ['cli-progress', 'commander']);
  const program = join(folder, 'node_modules/.bin/wasm-cnn');
  const help = run(program, []);
  const { scripts } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')) as { scripts: Record<string, string> };
  const commands = Object.keys(scripts).filter((name) => scripts[name]!.startsWith('node build/commands/'));
  assert.equal([...help.matchAll(/^  ([\w-]+)/gm)].map(([, name]) => name!).sort(), [...commands].sort());
  for (const command of commands) assert.match(run(program, [command, '--help']), `Usage: npx wasm-cnn ${command} `);
  mkdirSync(join(folder, 'tiny/a'), { recursive: true });
  mkdirSync(join(folder, 'tiny/b'), { recursive: true });
  const picture = samples.get('jpeg 4:2:0')!.file;
  for (let i = 0; i < 10; i++)
    for (const name of ['a', 'b']) writeFileSync(join(folder, 'tiny', name, `${i}.jpg`), picture);
  const trained = spawnSync(
    program,
    ['train', '--data', 'tiny', '--image-size', '28', '--epochs', '1', '--out', 'run'],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );
  assert.is(trained.status, 0, trained.stderr + trained.stdout);
  assert.match(run(program, ['verify', 'run']), /bit/);
  const wrong = spawnSync(program, ['tarin'], { cwd: folder, encoding: 'utf8' });
  assert.is(wrong.stderr, "there is no command 'tarin' (did you mean 'train'?); npx wasm-cnn --help lists them\n");
  assert.is(wrong.status, 1);
  assert.match(spawnSync(program, ['predict'], { encoding: 'utf8' }).stderr, "(did you mean 'predict-samples'?)");
  assert.is(run(program, ['report', '--', '--help']), run(program, ['report', '--help']));
});

test('no installed package has an install script', () => {
  const { packages } = JSON.parse(readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8')) as {
    packages: Record<string, { hasInstallScript?: true }>;
  };
  assert.ok('node_modules/wasm-cnn' in packages);
  assert.equal(
    Object.keys(packages).filter((name) => packages[name]!.hasInstallScript),
    [],
  );
});

/** Trains a little; says how it went in one word. */
const use = `
  const model = sequential({ inputShape: [2], layers: [layers.dense({ units: 2, activation: 'softmax' })] });
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', workers: workers(2) });
  const x = { data: Float32Array.of(0, 1, 1, 0), shape: [2, 2] };
  model.fit(x, [0, 1], { epochs: 2, verbose: 0 }).then(({ history }) => console.log(history.loss.length === 2 ? 'good' : 'bad'));`;

test('a saved model predicts by wasm-cnn/predict, which has neither the training nor its kernels', () => {
  writeFileSync(
    join(folder, 'predict.mjs'),
    `import { sequential, layers } from 'wasm-cnn';
    import { loadModel } from 'wasm-cnn/predict';
    const model = sequential({ inputShape: [4, 4, 1], layers: [layers.conv2d({ filters: 2, kernelSize: 3 }), layers.batchNormalization(), layers.flatten()] });
    const x = { data: Float32Array.from({ length: 16 }, (_, i) => i / 16), shape: [1, 4, 4, 1] };
    const { model: loaded } = await loadModel(model.save());
    const [ours, theirs] = [await model.predict(x), await loaded.predict(x)];
    console.log(loaded.outputShape.join(), String(ours.data.every((value, i) => value === theirs.data[i])));`,
  );
  assert.is(run(process.execPath, ['predict.mjs']), '8 true\n');
});

test('a saved model classifies pictures by wasm-cnn and wasm-cnn/predict, with the same errors', () => {
  writeFileSync(join(folder, 'cat.jpg'), samples.get('jpeg 4:2:0')!.file);
  writeFileSync(
    join(folder, 'classify.mjs'),
    `import { readFile } from 'node:fs/promises';
    import * as full from 'wasm-cnn';
    import * as predict from 'wasm-cnn/predict';
    import { classifierFacts } from 'wasm-cnn/images';
    const { sequential, layers } = full;
    const model = sequential({ inputShape: [4, 4, 3], layers: [layers.flatten(), layers.dense({ units: 2, activation: 'softmax' })] });
    const facts = classifierFacts({ classNames: ['cat', 'dog'], input: { imageSize: [4, 4] } });
    const bytes = model.save({ facts });
    for (const { loadModel, WasmCnnError } of [full, predict]) {
      const { classify } = await loadModel(bytes);
      const [best, second] = await classify(await readFile('cat.jpg'));
      const error = await classify(new Uint8Array(7)).catch((error) => error);
      console.log([[best.className, second.className].sort(), best.probability, error instanceof WasmCnnError].join());
    }`,
  );
  const [first, second] = run(process.execPath, ['classify.mjs']).split('\n');
  assert.match(first!, /^cat,dog,0\.\d+,true$/);
  assert.is(second, first);
});

test('is imported', () => {
  writeFileSync(
    join(folder, 'script.mjs'),
    `import { sequential, layers } from 'wasm-cnn';\nimport { workers } from 'wasm-cnn/node';\n${use}`,
  );
  assert.is(run(process.execPath, ['script.mjs']), 'good\n');
});

/** Node's that can require() modules: this one, and those of test/hosts, where they are. */
const hosts = [22, 24, 26].map((major) => inRoot(`test/hosts/node_modules/node-${major}-${process.arch}/bin/node`));
const requiring = [
  ...(Number(process.versions.node.split('.')[0]) < 22 ? [] : [process.execPath]),
  ...hosts.filter(existsSync),
];
if (requiring.length === 0)
  console.log('note: require() is not tested, for want of a Node 22 or later; run npm ci --prefix test/hosts');

for (const node of requiring) {
  test(`is required in ${run(node, ['--version']).trim()}`, () => {
    writeFileSync(
      join(folder, 'script.cjs'),
      `const { sequential, layers } = require('wasm-cnn');\nconst { workers } = require('wasm-cnn/node');\n${use}`,
    );
    assert.is(run(node, ['script.cjs']), 'good\n');
  });
}

/** A service in one file, with no packages beside it. */
const service = `
import { openCanvas, workers, background } from 'wasm-cnn/node';
import { layers, sequential } from 'wasm-cnn';
async function main() {
  for (const way of [{ workers: workers(2) }, { background: background(), workers: workers(2) }]) {
    const model = sequential({ inputShape: [2], layers: [layers.dense({ units: 2, activation: 'softmax' })] });
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize: 2, ...way });
    await model.fit({ data: Float32Array.of(0, 1, 1, 0), shape: [2, 2] }, [0, 1], { epochs: 2, verbose: 0 });
    console.log([...Object.keys(way), model.threads.running, model.threads.trouble].join());
  }
  console.log(await openCanvas('napi').catch(({ message }) => message));
}
main();`;

test('a page that imports wasm-cnn/node does not bundle', async () => {
  const stdin = { contents: "import { openDataset } from 'wasm-cnn/node'; openDataset();", resolveDir: folder };
  const message = await build({ stdin, bundle: true, format: 'esm', write: false, logLevel: 'silent' }).then(
    () => 'bundled',
    (error: Error) => error.message,
  );
  assert.match(message, /No matching export in ".*onlyInNode\.js" for import "openDataset"/);
});

for (const format of ['cjs', 'esm'] as const) {
  test(`esbuild makes one file of a service (${format}), which trains on threads and in the background`, async () => {
    writeFileSync(join(folder, 'service.js'), service);
    const alone = temporaryFolder();
    const outfile = join(alone, format === 'cjs' ? 'service.cjs' : 'service.mjs');
    for (const minify of [false, true]) {
      const { warnings } = await build({
        absWorkingDir: folder,
        entryPoints: ['service.js'],
        bundle: true,
        minify,
        platform: 'node',
        format,
        outfile,
        logLevel: 'silent',
      });
      assert.equal(warnings, []);
      assert.equal(readdirSync(alone).length, 1);
      const texts = [runIn(process.execPath, [outfile], alone)];
      // Its threads take after it.
      texts.push(
        runIn(
          process.execPath,
          ['--input-type=module', '--eval', `import(${JSON.stringify(pathToFileURL(outfile).href)})`],
          alone,
        ),
      );
      for (const text of texts)
        assert.match(
          text,
          /^workers,2,\nbackground,workers,2,\npictures need the packages @napi-rs\/canvas, dejavu-fonts-ttf and chart\.js, and/,
        );
    }
  });
}

/** Pictures, decoded with nothing beside the script. */
const decoding = `
import { decodeImage, imageToInput } from 'wasm-cnn/images';
const files = ${JSON.stringify(['jpeg 4:2:0', 'webp lossy', 'png RGB', 'gif', 'bmp 24 bits'].map((name) => Buffer.from(samples.get(name)!.file).toString('base64')))};
async function main() {
  const inputs = files.map(async (file) => imageToInput(await decodeImage(Buffer.from(file, 'base64')), { imageSize: [3, 5] }).length);
  console.log(String(await Promise.all(inputs)), typeof ImageData);
}
main();`;

test('pictures are decoded, and no global is added', () => {
  writeFileSync(join(folder, 'decode.mjs'), decoding);
  assert.is(run(process.execPath, ['decode.mjs']), '45,45,45,45,45 undefined\n');
});
for (const format of ['cjs', 'esm'] as const)
  test(`pictures are decoded in a service bundled as ${format}`, async () => {
    assert.is(await runBundled(decoding, format), '45,45,45,45,45 undefined\n');
  });

/** What a service of this text prints, bundled into one file in a folder of its own. */
async function runBundled(text: string, format: 'cjs' | 'esm', ...args: string[]): Promise<string> {
  const alone = temporaryFolder();
  const outfile = join(alone, `service.${format === 'cjs' ? 'cjs' : 'mjs'}`);
  writeFileSync(join(folder, 'bundled.mjs'), text);
  const { warnings } = await build({
    entryPoints: [join(folder, 'bundled.mjs')],
    bundle: true,
    minify: true,
    platform: 'node',
    format,
    outfile,
    logLevel: 'silent',
  });
  assert.equal(warnings, []);
  return runIn(process.execPath, [outfile, ...args], alone);
}

/** More than a handful of pictures in a folder, decoded by threads: where one does not start, it is said. */
const threaded = `
import { imageFolder } from 'wasm-cnn/node';
async function main() {
  const warned = [];
  console.warn = (text) => warned.push(text);
  let threads = 0;
  process.on('worker', () => threads++);
  const { x } = await (await imageFolder(process.argv.at(-1), { imageSize: [2, 2], cache: false })).toArrays();
  console.log(x.shape.join(), String(threads > 0), warned.join());
}
main();`;

for (const format of ['cjs', 'esm'] as const)
  test(`pictures are decoded in threads of a service bundled as ${format}`, async () => {
    const pictures = temporaryFolder();
    for (let i = 0; i < 60; i++) {
      const parent = join(pictures, i < 30 ? 'a' : 'b');
      mkdirSync(parent, { recursive: true });
      writeFileSync(join(parent, `${i}.jpg`), samples.get('jpeg 4:2:0')!.file);
    }
    assert.is(await runBundled(threaded, format, pictures), '60,2,2,3 true \n');
  });

test('it is small; pictures need three more packages, and a missing one is one sentence', () => {
  const installed = (readdirSync(join(folder, 'node_modules'), { recursive: true }) as string[])
    .map((path) => statSync(join(folder, 'node_modules', path)))
    .reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);
  assert.ok(installed < 7e6, `${installed} bytes installed`);
  const pictures = join(folder, 'pictures.mjs');
  writeFileSync(
    pictures,
    `import { openCanvas } from 'wasm-cnn/node';
    const canvas = await openCanvas('napi').catch(({ message }) => { console.log(message); process.exit(); });
    const { drawTrainingCurves } = await import('wasm-cnn/plots');
    const picture = drawTrainingCurves(canvas.createCanvas, [{ epoch: 1, loss: 1, accuracy: 0.5, valLoss: 1, valAccuracy: 0.5 }]);
    console.log(canvas.toPng(picture).length > 1000 ? 'drawn' : 'empty');`,
  );
  assert.match(
    run(process.execPath, [pictures]),
    /^pictures need the packages @napi-rs\/canvas, dejavu-fonts-ttf and chart\.js, and @napi-rs\/canvas is not installed; run npm install @napi-rs\/canvas dejavu-fonts-ttf chart\.js\n$/,
  );
  run('npm', [
    'install',
    '--ignore-scripts',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '@napi-rs/canvas@1',
    'dejavu-fonts-ttf@2',
    'chart.js@4',
  ]);
  assert.is(run(process.execPath, [pictures]), 'drawn\n');
});

test('its wasm is found by name, and loadKernels accepts it', () => {
  writeFileSync(
    join(folder, 'wasm.mjs'),
    `import { readFile } from 'node:fs/promises';
    import { loadKernels } from 'wasm-cnn';
    for (const build of ['release', 'shared']) {
      const wasm = await loadKernels(await readFile(new URL(import.meta.resolve(\`wasm-cnn/wasm/\${build}.wasm\`))));
      console.log(String(wasm instanceof WebAssembly.Module));
    }`,
  );
  assert.is(run(process.execPath, ['wasm.mjs']), 'true\ntrue\n');
});

const engineUser = `
import { adam, layers, loadKernels, loadModel, sequential, type Tensor, type WorkerFactory } from 'wasm-cnn';
import type { LossName, MetricName, OptimizerName } from 'wasm-cnn';
import { dense } from 'wasm-cnn/layers';
import { loadModel as loadPredictor, type Predictor } from 'wasm-cnn/predict';
import { classifierFacts, decodeImage, imageToInput, type ImageInput, type Picture } from 'wasm-cnn/images';

export const imageSize: ImageInput['imageSize'] = [96, 96];
export const pixels = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> => {
  const picture: Picture = await decodeImage(bytes, { who: 'a.jpg', maxPixels: 1e6 });
  return imageToInput(picture, { imageSize, colorMode: 'grayscale' });
};
export const predictor = async (bytes: Uint8Array<ArrayBuffer>): Promise<Predictor> => (await loadPredictor(bytes)).model;
export const units: string = dense({ units: 2 }).kind;
export const facts = classifierFacts({ classNames: ['cat', 'dog'], input: { imageSize } });
export async function classify(bytes: Uint8Array<ArrayBuffer>, picture: Picture): Promise<string | undefined> {
  const { classify } = loadModel(bytes);
  const [best] = await classify(bytes, { top: 1 });
  const all = await classify([picture, { data: new Uint8ClampedArray(4), width: 1, height: 1 }]);
  const { classify: other } = await loadPredictor(bytes);
  // @ts-expect-error: a path is no image
  await other('cat.jpg');
  return best?.className ?? all[0]?.doubts[0];
}

export async function train(bytes: Uint8Array<ArrayBuffer>, workers: WorkerFactory): Promise<number | undefined> {
  const model = sequential({ inputShape: [2], layers: [layers.dense({ units: 2, activation: 'softmax' })] });
  model.compile({ optimizer: adam({ learningRate: 0.01 }), loss: 'categoricalCrossentropy', workers, wasm: await loadKernels(bytes) });
  const x: Tensor = { data: new Float32Array(4), shape: [2, 2] };
  const { history } = await model.fit(x, [0, 1], { epochs: 1 });
  const names: [LossName, MetricName, OptimizerName] = ['mse', 'auc', 'lion'];
  model.compile({ optimizer: names[2], loss: names[0], metrics: [names[1]] });
  // @ts-expect-error: such a name there is not
  names[2] = 'adamm';
  // @ts-expect-error: such a layer there is not
  layers.densest({ units: 2 });
  return history['loss']?.[0] ?? (await loadModel(model.save()).model.predict(x)).data[0];
}
`;
const nodeUser = `
import { openDataset, saveModelFile, workers } from 'wasm-cnn/node';
import { referenceNetwork } from 'wasm-cnn';

export const threads: number = workers(2).threads;
export const labels = async (): Promise<number | undefined> => (await openDataset()).train.y[0];
export const save = (): Promise<void> => saveModelFile(referenceNetwork(), 'model.safetensors');
`;

const pageUser = `
import { loadModel } from 'wasm-cnn';

export async function classify(bytes: ArrayBuffer, image: HTMLImageElement, canvas: HTMLCanvasElement, file: File): Promise<number> {
  const { classify } = await loadModel(await fetch('model.safetensors'));
  const offscreen = new OffscreenCanvas(1, 1);
  const shown = [image, canvas, offscreen, await createImageBitmap(image), new ImageData(1, 1), document.createElement('video')];
  const read = [file, bytes, await fetch('cat.jpg')];
  return (await classify([...shown, ...read])).length + (await classify(image)).length + (await classify(canvas)).length;
}
`;

/** What the README shows, which says nothing of types; what is left open there is declared. */
const open = `
declare const model: import('wasm-cnn').Sequential, x: import('wasm-cnn').Tensor, y: import('wasm-cnn').Labels;
declare const validationData: readonly [import('wasm-cnn').Tensor, import('wasm-cnn').Labels];
declare function draw(batch: number, logs: Record<string, number>): void;
`;
const firstProgram = (page: string): string => /```js\n(.*?)```/s.exec(readFileSync(inRoot(page), 'utf8'))![1]!;
const snippets = [
  firstProgram('README.md'),
  ...['docs/page.md', 'docs/checkpoints.md'].map((page) => open + firstProgram(page)),
];

/** Checks files with every check on, the package's declarations included. */
function checkTypes(
  name: string,
  texts: readonly string[],
  options: Record<string, unknown>,
  compiler = inRoot('node_modules/typescript'),
): void {
  const project = join(folder, 'types', name);
  mkdirSync(project, { recursive: true });
  const files = texts.map((_, i) => `user${i}.ts`);
  for (const [i, text] of texts.entries()) writeFileSync(join(project, files[i]!), text);
  const strict = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    target: 'es2022',
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...strict, ...options }, files }));
  run(process.execPath, [join(compiler, 'bin/tsc'), '-p', project]);
}

const bare = { lib: ['ES2022'], types: [] };
const page = { lib: ['ES2022', 'DOM'], types: [] };
const node = { lib: ['ES2022'], types: ['node'], typeRoots: [inRoot('node_modules/@types')] };

for (const [moduleResolution, module] of [
  ['nodenext', 'nodenext'],
  ['bundler', 'esnext'],
] as const) {
  test(`its types hold in a strict project with ${moduleResolution} resolution: without a page's and Node's types, with either`, () => {
    const resolution = { moduleResolution, module };
    checkTypes(`${moduleResolution}-bare`, [engineUser], { ...resolution, ...bare });
    checkTypes(`${moduleResolution}-page`, [engineUser, pageUser], { ...resolution, ...page });
    checkTypes(`${moduleResolution}-node`, [engineUser + nodeUser, ...snippets], { ...resolution, ...node });
  });
}

for (const version of ['5.0', '5.6']) {
  const compiler = inRoot(`test/package/node_modules/typescript-${version}`);
  if (!existsSync(compiler)) {
    console.log(`note: TypeScript ${version} did not check the types; run npm ci --prefix test/package`);
    continue;
  }
  test(`its types hold with TypeScript ${version}, and with moduleResolution: node`, () => {
    // Typed arrays had no parameter then.
    const user = engineUser.replaceAll('Uint8Array<ArrayBuffer>', 'Uint8Array');
    checkTypes(`${version}-bare`, [user], { moduleResolution: 'bundler', module: 'esnext', ...bare }, compiler);
    for (const [moduleResolution, module] of [
      ['node', 'esnext'],
      ['node16', 'node16'],
    ]) {
      checkTypes(
        `${version}-${moduleResolution}`,
        [user + nodeUser, ...snippets],
        { moduleResolution, module, ...node },
        compiler,
      );
    }
  });
}

const checkers = inRoot('test/package/node_modules/');
if (existsSync(checkers)) {
  test('publint finds nothing', () =>
    assert.match(run(process.execPath, [join(checkers, 'publint/src/cli.js'), '--strict', tarball]), /All good!/));

  test('arethetypeswrong finds nothing', () => {
    // It ends with 1 where it does. The profile leaves out CommonJS, which gets the modules through require() of Node 22; wasm has no types.
    const wasm = ['release', 'shared', 'fused', 'fusedShared'].map((build) => `wasm/${build}.wasm`);
    run(process.execPath, [
      join(checkers, '@arethetypeswrong/cli/dist/index.js'),
      tarball,
      '--profile',
      'esm-only',
      '--exclude-entrypoints',
      ...wasm,
    ]);
  });
} else console.log('note: publint and arethetypeswrong did not look at the package; run npm ci --prefix test/package');

test.run();
