// Which data set is taken, what is said about it, and that it is the one that was asked for.
import { existsSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mnistFiles, mnistSha256 } from '../../../src/data/mnist.js';
import { datasetSha256 } from '../../../src/node/dataset/datasetSha256.js';
import { datasetForm, openDataset, type OpenDatasetOptions } from '../../../src/node/dataset/openDataset.js';
import { imagesFile, labelsFile } from '../../data/craftIdx.js';
import { refuses } from '../refuses.js';
import { temporaryFolder } from '../temporaryFolder.js';

const builtin = { trainCount: 20, testCount: 10 };
const offline = (): Promise<never> => Promise.reject(new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } }));

/** Opens with no network, in an empty project, without the real MNIST_DIR. */
function open(options: OpenDatasetOptions, log: string[] = []): ReturnType<typeof openDataset> {
  const defaults = {
    env: {},
    projectFolder: temporaryFolder(),
    builtin,
    log: (line: string) => log.push(line),
    download: { fetch: offline },
  };
  return openDataset({ ...defaults, ...options });
}

async function folderOf(count: number, folder = join(temporaryFolder(), 'tiny')): Promise<string> {
  await fs.mkdir(folder, { recursive: true });
  for (const { name, kind } of mnistFiles)
    await fs.writeFile(join(folder, name), kind === 'images' ? imagesFile(count) : labelsFile(count));
  return folder;
}

test('--data takes precedence over MNIST_DIR, MNIST_DIR over data/mnist', async () => {
  const [a, b, project] = [await folderOf(1), await folderOf(2), temporaryFolder()];
  const c = await folderOf(3, join(project, 'data', 'mnist'));
  const cases: [OpenDatasetOptions, number, string][] = [
    [{ data: a, env: { MNIST_DIR: b }, projectFolder: project }, 1, `tiny from ${a}, IDX files`],
    [{ env: { MNIST_DIR: b }, projectFolder: project }, 2, `tiny from ${b} (MNIST_DIR), IDX files`],
    [{ env: { MNIST_DIR: '' }, projectFolder: project }, 3, `mnist-folder from ${c}, IDX files`],
  ];
  for (const [options, count, source] of cases) {
    const log: string[] = [];
    const dataset = await open(options, log);
    assert.equal([dataset.train.y.length, dataset.source, log], [count, source, []]);
  }
});

test('the built-in digits, asked for, come without a notice', async () => {
  for (const options of [{ data: 'builtin', env: { MNIST_DIR: 'x' } }, { env: { MNIST_DIR: 'builtin' } }]) {
    const log: string[] = [];
    const { name, source, sha256, train, test } = await open(options, log);
    assert.equal([name, train.y.length, test!.y.length, log], ['builtin-digits', 20, 10, []]);
    assert.is(source, `the built-in digits${'data' in options ? '' : ' (MNIST_DIR)'}`);
    assert.is(sha256, datasetSha256({ name, source, train, test }));
  }
});

test('offline the built-in digits come with a box that says so', async () => {
  const log: string[] = [];
  const project = temporaryFolder();
  const { name, source } = await open(
    { projectFolder: project, download: { fetch: offline, mirrors: ['https://one.example/', 'https://two.example/'] } },
    log,
  );
  assert.equal([name, source], ['builtin-digits', 'the built-in digits, NOT MNIST (it could not be downloaded)']);
  const box = log.at(-1)!.trim().split('\n');
  assert.ok(box.every((line) => line.length <= 76 || line.includes(project)));
  assert.match(box[0]!, /^\+=+\+$/);
  const words = box
    .slice(1, -1)
    .map((line) => line.slice(2, -2).trim() || '\n')
    .join(' ')
    .replaceAll(' \n ', '\n');
  assert.equal(words.split('\n'), [
    'NOT MNIST: these are the BUILT-IN DIGITS',
    `MNIST is not on this machine: t10k-labels-idx1-ubyte.gz could not be downloaded: one.example host not found (ENOTFOUND), two.example host not found (ENOTFOUND); check the network, or put the four files into ${join(project, 'data', 'mnist')} yourself.`,
    'Loss and accuracy that follow are NOT comparable with figures for MNIST.',
    `For MNIST: give its folder with --data DIR or MNIST_DIR=DIR, or remove ${tried(project)} and run again with a network; without that, the download is not tried again for an hour. --data builtin asks for these digits and shows no box.`,
  ]);
});

const tried = (project: string): string => join(project, 'data', 'mnist-download-failed.txt');

test('a download that failed is not tried again within the hour, nor with the clock set back, until its file is removed', async () => {
  const project = temporaryFolder();
  let requests = 0;
  const download = { fetch: () => (requests++, offline()), mirrors: ['https://one.example/'] };
  await open({ projectFolder: project, download });
  assert.match(
    await fs.readFile(tried(project), 'utf8'),
    /^t10k-labels-idx1-ubyte\.gz could not be downloaded: one\.example host not found .*\n.*Remove this file to have the next one try\.\n$/,
  );
  const first = requests;
  assert.ok(first > 0);
  const log: string[] = [];
  assert.is((await open({ projectFolder: project, download }, log)).name, 'builtin-digits');
  assert.is(requests, first);
  assert.match(
    log.join('').replace(/[|\s]+/g, ' '),
    `MNIST is not on this machine: its download failed less than a minute ago and is not tried again yet; remove ${tried(project)} to try now`,
  );
  for (const [minutes, again] of [
    [59, false],
    [61, true],
    [-1, true],
  ] as const) {
    const before = requests;
    const time = Date.now() / 1000 - 60 * minutes;
    await fs.utimes(tried(project), time, time);
    await open({ projectFolder: project, download });
    assert.is(requests > before, again, `${minutes} minutes later`);
  }
  await fs.rm(tried(project));
  const before = requests;
  await open({ projectFolder: project, download });
  assert.ok(requests > before);
});

test('the shape of the images is known without a download', async () => {
  const fetch = (): never => assert.unreachable('it asked the network') as never;
  const shape = async (options: OpenDatasetOptions): Promise<readonly number[]> =>
    (await datasetForm({ env: {}, projectFolder: temporaryFolder(), download: { fetch }, ...options })).shape;
  assert.equal(await shape({}), [60000, 28, 28, 1]);
  assert.equal(await shape({ data: 'builtin' }), [60000, 28, 28, 1]);
  assert.equal(await shape({ env: { MNIST_DIR: await folderOf(4) } }), [4, 3, 2, 1]);
  const project = temporaryFolder();
  await folderOf(3, join(project, 'data', 'mnist'));
  assert.equal(await shape({ projectFolder: project }), [3, 3, 2, 1]);
});

test('a data set says where it lies and what its classes are called', async () => {
  const folder = await folderOf(6);
  const namesOf = async (data: string): Promise<unknown> => (await open({ data })).classNames;
  assert.equal([(await open({ data: folder })).data, await namesOf(folder)], [folder, null]);
  await fs.writeFile(join(folder, 'labels.txt'), 'a\nb\nc\nd\ne\nf');
  assert.equal(await namesOf(folder), ['a', 'b', 'c', 'd', 'e', 'f']);
  const classes = join(folder, 'classes.txt');
  await fs.writeFile(classes, 'cat\r\n dog \r\nowl\nfox\nant\nbee\n\n');
  assert.equal(await namesOf(folder), ['cat', 'dog', 'owl', 'fox', 'ant', 'bee']);
  for (const [text, sentence] of [
    ['cat\ndog', `${classes}: names 2 classes, but the labels go up to 5; write one name a line, class 0 first`],
    ['cat\n\nowl', `${classes}: line 2 is no name of 1 to 60 characters; write one class per line`],
    ['cat\n\u001b[2Jdog', `${classes}: line 2 is no name of 1 to 60 characters; write one class per line`],
    ['a\nb\nc\nd\na\nf', `${classes}: names a class twice (a); give each class a name of its own`],
  ] as const) {
    await fs.writeFile(classes, text);
    await refuses(open({ data: folder }), sentence);
  }
  assert.equal(
    [(await open({ data: 'builtin' })).data, await namesOf('builtin')],
    ['builtin', ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']],
  );
});

/** Where Debian's package dataset-fashion-mnist puts it. */
const fashion = '/usr/share/datasets/fashion-mnist';
if (existsSync(fashion)) {
  test('Fashion-MNIST is known by its bytes', async () => {
    const { name, source, classNames } = await open({ data: fashion });
    assert.equal([name, source, classNames?.[9]], ['fashion-mnist', `Fashion-MNIST from ${fashion}`, 'Ankle boot']);
  });
}

test('a requested folder that is bad is refused, even with a good data/mnist beside it', async () => {
  const project = temporaryFolder();
  await folderOf(3, join(project, 'data', 'mnist'));
  const none = join(project, 'none');
  await refuses(
    open({ data: none, projectFolder: project }),
    `${none}: there is no such folder or file; check the path`,
  );
  await refuses(
    open({ env: { MNIST_DIR: none }, projectFolder: project }),
    `${none} (MNIST_DIR): there is no such folder or file; check the path`,
  );
  await refuses(
    open({ data: '', projectFolder: project }),
    "data is empty, expected a folder, a file or 'builtin'; leave it out for MNIST",
  );
});

test('a damaged data/mnist is refused and neither replaced nor skipped', async () => {
  const project = temporaryFolder();
  const folder = await folderOf(3, join(project, 'data', 'mnist'));
  const path = join(folder, 'train-images-idx3-ubyte');
  await fs.truncate(path, 20);
  await refuses(
    open({ projectFolder: project }),
    `${path}: header says 3 × 3 × 2 = 18 bytes, file holds 4; fetch the file again`,
  );
});

test('an incomplete data/mnist of another data set is refused, network or not', async () => {
  const project = temporaryFolder();
  const folder = await folderOf(3, join(project, 'data', 'mnist'));
  await fs.rm(join(folder, 'train-images-idx3-ubyte'));
  const error: unknown = await open({ projectFolder: project }).catch((reason: unknown) => reason);
  assert.match(String(error), `${join(folder, 'train-labels-idx1-ubyte')}: is not MNIST's (SHA-256 `);
});

const mnist = process.env['MNIST_DIR'];
if (mnist) {
  test('MNIST is downloaded once', async () => {
    let requests = 0;
    const server = createServer((request, response) => {
      requests++;
      fs.readFile(join(mnist, request.url!)).then(
        (body) => response.end(body),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const options = {
      projectFolder: temporaryFolder(),
      download: { mirrors: [`http://127.0.0.1:${(server.address() as AddressInfo).port}/`] },
    };
    const folder = join(options.projectFolder, 'data', 'mnist');
    const first = await open(options);
    const second = await open(options);
    server.closeAllConnections();
    server.close();
    assert.equal(
      [first.name, first.sha256, first.source],
      ['mnist', mnistSha256, `MNIST from ${folder}, downloaded now`],
    );
    assert.equal([second.name, second.sha256, second.source], ['mnist', mnistSha256, `MNIST from ${folder}`]);
    assert.is(requests, 4);
  });
}

test('a path that is not an option, and unknown options, are not silently ignored', async () => {
  await refuses(openDataset('folder' as never), 'openDataset takes options: openDataset({ data: "folder" })');
  await refuses(
    openDataset({ folder: 'folder' } as never),
    "openDataset has no option 'folder'; it has data, env, projectFolder, log, download, imageSize, colorMode, input, skipBroken, cache, builtin",
  );
  await refuses(
    openDataset({ imageSize: 24 } as never),
    'openDataset: imageSize must be [height, width], whole numbers of 1 to 16384, got 24',
  );
  await refuses(
    openDataset({ data: 'builtin', colorMode: 'red' } as never),
    `openDataset: colorMode must be 'grayscale', 'rgb', 'rgba', got "red"`,
  );
  await refuses(openDataset({ skipBroken: 1 } as never), 'openDataset: skipBroken must be true or false, got 1');
  await refuses(openDataset({ data: 5 } as never), "openDataset's data must be a path or 'builtin', got 5");
});

test.run();
