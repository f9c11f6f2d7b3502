// Looking for peers, installing them, and what the command refuses.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inBuild } from '../../bench/benchFolder.js';
import { simdOf } from '../../bench/machine.js';
import { findPeers } from '../../bench/peers.js';
import { temporaryFolder } from '../node/temporaryFolder.js';

function bench(args: readonly string[], env: NodeJS.ProcessEnv = {}): { status: number | null; said: string } {
  const { status, stderr } = spawnSync(process.execPath, [inBuild('bench/main.js'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, said: stderr.trim() };
}

test('an interpreter is asked for PyTorch and Keras; missing ones are named with the command that installs them', () => {
  const log: string[] = [];
  const none = findPeers(['/no/such/python'], (line) => log.push(line));
  assert.equal(none.pythons, new Map());
  assert.is(log.length, 1);
  assert.match(
    log[0]!,
    /^left out, not installed: (.*, )?PyTorch, Keras(, .*)?; run npm run bench -- --install-peers$/,
  );
  assert.is(none.nodes[0]!.version, process.versions.node);
});

test('each of several interpreters contributes what it has', () => {
  if (process.platform === 'win32') return;
  const folder = temporaryFolder();
  const python = (module: string): string => {
    const path = join(folder, module);
    writeFileSync(path, `#!/bin/sh\ncase "$2" in *"import ${module}"*) echo 9.9 of ${module};; *) exit 1;; esac\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const [torch, keras] = [python('torch'), python('keras')];
  const { versions, pythons } = findPeers([torch, keras], () => {});
  assert.equal([versions.get('PyTorch'), versions.get('Keras')], ['9.9 of torch', '9.9 of keras']);
  assert.equal(
    pythons,
    new Map([
      ['PyTorch', torch],
      ['Keras', keras],
    ]),
  );
});

test('--install-peers runs npm in bench/, and says in one sentence that there is no Python', () => {
  const folder = temporaryFolder();
  const npm = join(folder, 'npm.cjs');
  writeFileSync(npm, `require('fs').writeFileSync(${JSON.stringify(`${npm}.json`)}, JSON.stringify(process.argv))`);
  const { status, said } = bench(['--install-peers'], { npm_execpath: npm, PATH: folder, XDG_CACHE_HOME: folder });
  assert.is(status, 1);
  assert.match(
    said.split('\n').at(-1)!,
    /^PyTorch and Keras need python3? 3\.11 or later with its modules venv and pip, and they are not all here; install them \(on Debian: apt install python3-venv\) and run it again$/,
  );
  assert.ok(existsSync(`${npm}.json`));
});

test('--install-peers reports that npm failed', () => {
  const npm = join(temporaryFolder(), 'npm.cjs');
  writeFileSync(npm, 'process.exit(1)');
  assert.match(
    bench(['--install-peers'], { npm_execpath: npm }).said,
    /\nnpm could not install the peers in JavaScript, as it says above; mend that and run it again$/,
  );
});

test('options that contradict each other or have no effect are refused in one sentence', () => {
  const refused: readonly (readonly [string[], string])[] = [
    [['--install-peers', '--peers'], "option '--install-peers' cannot be used with option '--peers'"],
    [['--save'], '--save keeps a whole bench; give --peers and leave --only out'],
    [['--python', '/usr/bin/python3'], '--python says where peers are; give --peers, too'],
    [['--rounds', '0'], "--rounds must be a whole number of at least 1, got '0'"],
    [
      ['--only', 'nothing'],
      "--only must be one of reference, classic, strided, resnet20, mobileNetV2, inference, browsers, train, builtin, bundle, got 'nothing'",
    ],
  ];
  for (const [args, sentence] of refused) assert.equal(bench(args), { status: 1, said: sentence });
});

test('the widest vectors of a processor are known from its flags', () => {
  assert.is(simdOf('fpu avx avx2 avx512f avx512bw'), 'AVX-512');
  assert.is(simdOf('AVX2 BMI2'), 'AVX2');
  assert.is(simdOf('sse4_2 avx'), 'no AVX2');
  assert.is(simdOf(''), 'vectors unknown');
});

test.run();
