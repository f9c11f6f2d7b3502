// The download against a server on loopback that behaves as badly as servers do. After each refusal nothing is left in the folder.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mnistFiles } from '../../../src/data/mnist.js';
import { DownloadError, downloadMnist } from '../../../src/node/dataset/mnistDownload.js';
import { loadData } from '../../../src/node/dataset/loadData.js';
import { imagesFile, labelsFile } from '../../data/craftIdx.js';
import { refuses } from '../refuses.js';
import { temporaryFolder } from '../temporaryFolder.js';

const contents = [imagesFile(500), labelsFile(500), imagesFile(40), labelsFile(40)];
const files = mnistFiles.map((file, i) => {
  const bytes = contents[i]!;
  return { ...file, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
});
const bodies = new Map(files.map(({ name }, i) => [`${name}.gz`, gzipSync(contents[i]!)]));
const smallest = 't10k-labels-idx1-ubyte';
/** Generous, so that a busy machine changes no outcome. A server that makes its client wait has one limit that is short. */
const timings = { connectMs: 20_000, stallMs: 20_000, totalMs: 60_000, attempts: 3, backoffMs: 4 };

type Behavior = (response: ServerResponse, body: Buffer, asked: number) => void;
const good: Behavior = (response, body) => void response.end(body);

interface Outcome {
  folder: string;
  error: unknown;
  /** What was asked of which of the two mirrors: 'a t10k-labels-idx1-ubyte', … */
  requests: string[];
  log: string[];
  hosts: readonly [string, string];
}

interface Circumstances {
  before?: (folder: string) => Promise<unknown>;
  limits?: typeof timings;
}

/** Downloads from two servers, one for each behavior, into a folder that does not exist yet or that `before` made. */
async function download(
  first: Behavior,
  second: Behavior,
  { before, limits = timings }: Circumstances = {},
): Promise<Outcome> {
  const requests: string[] = [];
  const log: string[] = [];
  const listen = (letter: string, behavior: Behavior) =>
    serve((request, response) => {
      const name = request.url!.split('/').at(-1)!;
      requests.push(`${letter} ${name.replace('.gz', '')}`);
      behavior(response, bodies.get(name)!, requests.filter((line) => line === requests.at(-1)).length);
    });
  const servers = [await listen('a', first), await listen('b', second)] as const;
  const hosts = [servers[0].host, servers[1].host] as const;
  const folder = join(temporaryFolder(), 'data', 'mnist');
  await before?.(folder);
  const mirrors = hosts.map((host) => `http://${host}/path/`);
  const error: unknown = await downloadMnist(folder, {
    mirrors,
    files,
    timings: limits,
    log: (line) => log.push(line),
  }).catch((reason: unknown) => reason);
  for (const server of servers) server.close();
  return { folder, error, requests, log, hosts };
}

async function serve(listener: RequestListener): Promise<{ host: string; close(): void }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

test('a good server: four files, checked, from the first mirror', async () => {
  const { folder, error, requests, log } = await download(good, good);
  assert.is(error, undefined);
  assert.equal(requests, [
    'a t10k-labels-idx1-ubyte',
    'a t10k-images-idx3-ubyte',
    'a train-labels-idx1-ubyte',
    'a train-images-idx3-ubyte',
  ]);
  assert.equal((await fs.readdir(folder)).sort(), [...bodies.keys()].sort());
  assert.equal((await loadData(folder)).train.x.shape, [500, 3, 2, 1]);
  assert.equal(log, [
    `Downloading MNIST into ${folder}`,
    `  ${smallest}: 0.0 kB`,
    '  t10k-images-idx3-ubyte: 0.3 kB',
    '  train-labels-idx1-ubyte: 0.0 kB',
    '  train-images-idx3-ubyte: 0.3 kB',
  ]);
});

/** A behavior, how often it is asked, and what is said of the server that has it. */
type BadServer = [name: string, behavior: Behavior, asked: number, words: string];

const slow: [...BadServer, Partial<typeof timings>][] = [
  ['no answer', () => undefined, 1, 'did not answer within 2 s', { connectMs: 2000 }],
  [
    'headers and then nothing',
    (response) => response.writeHead(200).flushHeaders(),
    3,
    'sent nothing more within 1 s',
    { stallMs: 1000 },
  ],
  [
    'half a body and then nothing',
    (response, body) => response.writeHead(200, { 'content-length': body.length }).write(half(body)),
    3,
    'sent nothing more within 1 s',
    { stallMs: 1000 },
  ],
  ['a byte now and then', drip, 1, 'did not finish within 2.5 s', { totalMs: 2500 }],
];
const quick: BadServer[] = [
  ['a cut body', cutAfterHalf({ 'content-length': 60 }), 3, 'cut the connection after 30 bytes'],
  ['a cut chunked body', cutAfterHalf({}), 3, 'cut the connection after 30 bytes'],
  [
    'a body that is shorter and does not say so',
    (response, body) => response.end(half(body)),
    1,
    'sent damaged gzip data',
  ],
  ['a connection closed at once', (response) => response.destroy(), 3, 'cut the connection after 0 bytes'],
  [
    'a web page',
    (response) => response.setHeader('content-type', 'text/html; charset=utf-8').end('<html>Sign in</html>'),
    1,
    'sent a web page instead of the file (the sign-in page of a network?)',
  ],
  [
    'a web page that does not say so',
    (response) => response.end('<html>Sign in</html>'),
    1,
    'sent a web page instead of the file (the sign-in page of a network?)',
  ],
  ['nothing at all', (response) => response.end(), 1, wrongBytes('')],
  ['other bytes', (response) => response.end(gzipSync(labelsFile(39))), 1, wrongBytes(labelsFile(39))],
  [
    'more bytes than announced by MNIST',
    (response) => response.end(gzipSync(labelsFile(41))),
    1,
    'sent damaged gzip data',
  ],
  ['a gzip bomb', (response) => response.end(gzipSync(Buffer.alloc(1e6))), 1, 'sent damaged gzip data'],
  [
    'a huge body',
    (response) => response.setHeader('content-length', 2e9).write('x'),
    1,
    'sent more than the 1072 bytes that the file can have',
  ],
  ['an endless body', endless, 1, 'sent more than the 1072 bytes that the file can have'],
  [
    'endless redirects',
    (response) => response.writeHead(302, { location: `/x/${smallest}.gz` }).end(),
    21,
    'redirected again and again',
  ],
  [
    'a redirect to nowhere',
    (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    1,
    'could not be reached (bad port)',
  ],
  ['503', (response) => response.writeHead(503).end('busy'), 3, 'answered with status 503'],
  ['429', (response) => response.writeHead(429).end(), 3, 'answered with status 429'],
  ['404', (response) => response.writeHead(404).end('no'), 1, 'answered with status 404'],
  ['204', (response) => response.writeHead(204).end(), 1, 'answered with status 204'],
];

for (const server of quick) testBadServer(server, (second) => download(server[1], second));
// These wait for time-outs, so they all wait at once: from the first test that asks, for another test file may block while it loads.
let started: Map<Behavior, Map<Behavior, Promise<Outcome>>> | undefined;
function startSlow(): Map<Behavior, Map<Behavior, Promise<Outcome>>> {
  return new Map(
    slow.map(([, behavior, , , limits]) => [
      behavior,
      new Map(
        [good, behavior].map((second) => [second, download(behavior, second, { limits: { ...timings, ...limits } })]),
      ),
    ]),
  );
}
for (const [name, behavior, asked, words] of slow) {
  testBadServer([name, behavior, asked, words], (second) => (started ??= startSlow()).get(behavior)!.get(second)!);
}

test('a server that is slow and steady is waited for', async () => {
  const firstIsSlow: Behavior = (response, body) =>
    body === bodies.get(`${smallest}.gz`) ? inFivePieces(response, body) : good(response, body, 1);
  const { error, requests } = await download(firstIsSlow, good, { limits: { ...timings, stallMs: 1000 } });
  assert.is(error, undefined);
  assert.is(requests.length, 4);
  assert.ok(requests.every((line) => line.startsWith('a')));
});

function testBadServer(
  [name, behavior, asked, words]: BadServer,
  downloadWith: (second: Behavior) => Promise<Outcome>,
): void {
  test(`${name}: the second mirror delivers`, async () => {
    const { folder, error, requests } = await downloadWith(good);
    assert.is(error, undefined);
    assert.is(requests.filter((line) => line === `a ${smallest}`).length, asked);
    assert.is(requests.length, asked + 4, 'the mirror that delivered is asked first from then on');
    assert.equal((await fs.readdir(folder)).sort(), [...bodies.keys()].sort());
  });

  test(`${name}: from both mirrors, nothing is left`, async () => {
    const { folder, error, log, hosts } = await downloadWith(behavior);
    assert.instance(error, DownloadError, String(error));
    const reasons = hosts.map((host) => `${host} ${words}`).join(', ');
    assert.is(
      (error as Error).message,
      `${smallest}.gz could not be downloaded: ${reasons}; check the network, or put the four files into ${folder} yourself`,
    );
    assert.not(existsSync(folder));
    assert.is(log.at(-1), `  ${smallest}: ${hosts[1]} ${words}; giving it up`);
  });
}

test('the waits double', async () => {
  const { log, hosts } = await download((response) => response.writeHead(503).end(), good);
  assert.equal(
    log.slice(1, 4),
    ['trying again in 0.004 s', 'trying again in 0.008 s', 'giving it up'].map(
      (next) => `  ${smallest}: ${hosts[0]} answered with status 503; ${next}`,
    ),
  );
});

test('a server that recovers is not left', async () => {
  const { error, requests } = await download(
    (response, body, asked) => (asked < 3 ? response.writeHead(503).end() : response.end(body)),
    good,
  );
  assert.is(error, undefined);
  assert.is(requests.length, 12);
  assert.ok(requests.every((line) => line.startsWith('a')));
});

test('no server there', async () => {
  const folder = join(temporaryFolder(), 'mnist');
  const { host, close } = await serve(() => undefined);
  close();
  const mirrors = [`http://${host}/`, 'http://no-such-host.invalid/'];
  const error: unknown = await downloadMnist(folder, { mirrors, files, timings, log: () => undefined }).catch(
    (reason: unknown) => reason,
  );
  assert.instance(error, DownloadError);
  assert.match(
    (error as Error).message,
    new RegExp(
      `${host} could not be reached \\(ECONNREFUSED\\), no-such-host.invalid host not found \\((ENOTFOUND|EAI_AGAIN)\\);`,
    ),
  );
  assert.not(existsSync(folder));
});

test('a server that unzips what it sends', async () => {
  const unzipped = new Map(files.map(({ name, bytes }, i) => [bytes, { name, content: contents[i]! }]));
  const sizes = [...unzipped.keys()].sort((a, b) => a - b);
  let served = 0;
  const { folder, error } = await download((response) => response.end(unzipped.get(sizes[served++]!)!.content), good);
  assert.is(error, undefined);
  assert.equal((await fs.readdir(folder)).sort(), files.map(({ name }) => name).sort());
  assert.equal((await loadData(folder)).test!.y.length, 40);
});

test('only what is missing is downloaded', async () => {
  const { error, requests } = await download(good, good, {
    before: async (folder) => {
      await fs.mkdir(folder, { recursive: true });
      await fs.writeFile(join(folder, 'train-images-idx3-ubyte'), contents[0]!);
      await fs.writeFile(join(folder, 't10k-labels.idx1-ubyte.gz'), bodies.get(`${smallest}.gz`)!);
    },
  });
  assert.is(error, undefined);
  assert.equal(requests, ['a t10k-images-idx3-ubyte', 'a train-labels-idx1-ubyte']);
});

test('files of another data set are not completed to a mixture', async () => {
  const other = labelsFile(40).map((byte, i) => (i === 20 ? 9 : byte));
  const { folder, error, requests } = await download(good, good, {
    before: async (folder) => {
      await fs.mkdir(folder, { recursive: true });
      await fs.writeFile(join(folder, smallest), other);
    },
  });
  const [found, expected] = [sha256(other), files[3]!.sha256].map((hash) => `${hash.slice(0, 8)}…`);
  await refuses(
    Promise.reject(error),
    `${join(folder, smallest)}: is not MNIST's (SHA-256 ${found}, expected ${expected}); move it away before the rest of MNIST is downloaded`,
  );
  assert.not.instance(error, DownloadError);
  assert.equal([requests.length, await fs.readdir(folder)], [0, [smallest]]);
});

test('a folder that cannot be made is not reported as a network problem', async () => {
  const { folder, error, requests } = await download(good, good, {
    before: async (folder) => {
      await fs.mkdir(join(folder, '../..'), { recursive: true });
      await fs.writeFile(join(folder, '..'), 'a file called data');
    },
  });
  await refuses(
    Promise.reject(error),
    `cannot read ${folder}: a part of the path is a file, not a folder; check the path`,
  );
  assert.not.instance(error, DownloadError);
  assert.is(requests.length, 0);
});

function half(body: Buffer): Buffer {
  return body.subarray(0, body.length >> 1);
}

function cutAfterHalf(headers: Record<string, number>): Behavior {
  return (response) => {
    response.writeHead(200, headers);
    response.write(Buffer.alloc(30, 0x1f), () => setTimeout(() => response.destroy(), 20));
  };
}

/** Longer than a stall in all, and shorter between two pieces. */
function inFivePieces(response: ServerResponse, body: Buffer): void {
  for (let piece = 0, size = Math.ceil(body.length / 5); piece < 5; piece++) {
    setTimeout(() => response.write(body.subarray(piece * size, (piece + 1) * size)), piece * 300);
  }
  setTimeout(() => response.end(), 1500);
}

function drip(response: ServerResponse): void {
  response.writeHead(200);
  const timer = setInterval(() => response.write('x'), 50);
  response.on('close', () => clearInterval(timer));
}

function endless(response: ServerResponse): void {
  const more = (error?: Error | null): void => void (error || response.write(Buffer.alloc(1000), more));
  more();
}

function wrongBytes(content: string | Uint8Array): string {
  return `sent other bytes than MNIST's (SHA-256 ${sha256(content).slice(0, 8)}…, expected ${files[3]!.sha256.slice(0, 8)}…)`;
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

test.run();
