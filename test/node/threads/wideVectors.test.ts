// Vectors of 256 bits: where there are any, that they are compared before they are used, and that asking for them in vain is refused.
import { existsSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { moduleBytes, type ModuleText } from '../../../src/engine/moduleText.js';
import { optimizedOutputs, usualOutputs } from '../../../src/node/threads/wideCheck.js';
import { wideModule } from '../../../src/node/threads/wideKernels.generated.js';
import { installed } from '../../hosts/host.js';
import { commands, digits, historyOf, refused, run, succeeds, work } from '../cli/commandLine.js';

const isWide = (process.config.variables as unknown as Record<string, unknown>)['v8_enable_wasm_simd256_revec'] === 1;
const training = ['--data', digits, '--epochs', '1', '--threads', '2'];

/** The same run by another Node, on vectors of `bits`. */
function trainedBy(node: string, bits: string): void {
  const script = `${commands}train.js`;
  const folder = `by-${bits}`;
  const { status, stderr } = spawnSync(node, [script, ...training, '--vectors', bits, '--out', folder], {
    cwd: work,
    encoding: 'utf8',
  });
  assert.equal([status, stderr], [0, '']);
  assert.is(historyOf(folder).vectors, Number(bits));
}

test('a Node without them says so, and trains with vectors of 128 bits', () => {
  if (isWide) return;
  for (const command of ['train', 'verify', 'evaluate', 'predictSamples', 'profile'] as const)
    refused(
      run(command, '--vectors', '256'),
      '--vectors is 256, which takes an official Node 22 or later on an x64 processor with AVX2; leave it out',
    );
  succeeds(run('train', ...training, '--out', 'usual'));
  assert.is(historyOf('usual').vectors, 128);
});

const { encodeModule } = (await import(new URL('../../../../assembly/encodeModule.js', import.meta.url).href)) as {
  encodeModule(bytes: Uint8Array): string;
};

/** The wide build with one bit changed: pixels are divided by 255.00002. */
function faultyModule(): ModuleText {
  const bytes = Buffer.from(moduleBytes(wideModule, false));
  const divisor = Buffer.from(Float32Array.of(255, 255, 255, 255).buffer);
  const at = bytes.indexOf(divisor);
  assert.ok(at > 0);
  bytes[at]! ^= 1;
  return { ...wideModule, text: encodeModule(bytes) };
}

test('a Node whose flags are frozen stays at 128 bits, and arguments are refused', () => {
  const index = new URL('../../../src/node/index.js', import.meta.url).href;
  const script = `import { enableFused, enableWideVectors } from ${JSON.stringify(index)};
    const told = [enableWideVectors()];
    for (const enable of [enableWideVectors, enableFused]) try { enable(512); } catch ({ message }) { told.push(message); }
    console.log(told.join('\\n'));`;
  const wide = installed('node-26', 'bin/node');
  const node = !isWide && existsSync(wide) ? wide : process.execPath;
  const { stdout, stderr } = spawnSync(node, ['--freeze-flags-after-init', '--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  assert.equal(
    [stdout, stderr],
    [
      '128\nenableWideVectors takes no arguments, got 1; the width is 256 where there is one, and 128 without this call\n' +
        "enableFused takes no arguments, got 1; a model has them by compile({ numerics: 'fused' })\n",
      '',
    ],
  );
});

test('the wide build and the usual one are bit-identical, and one changed bit in a kernel is noticed', () => {
  const usual = usualOutputs();
  assert.ok(optimizedOutputs(wideModule).equals(usual));
  assert.not.ok(optimizedOutputs(faultyModule()).equals(usual));
});

/** Runs a script in which `threads` is the folder of the built sources. */
function output(node: string, flags: readonly string[], script: string): { stdout: string; stderr: string } {
  const threads = new URL('../../../src/node/threads/', import.meta.url).href;
  const { status, stdout, stderr } = spawnSync(
    node,
    [...flags, '--input-type=module', '-'],
    // Longer than an argument may be.
    { input: `const threads = ${JSON.stringify(threads)};\n${script}`, encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  assert.is(status, 0, stderr);
  return { stdout, stderr };
}

const installedNodes = [22, 24, 26]
  .map((major) => [major, installed(`node-${major}`, 'bin/node')] as const)
  .filter(([, node]) => process.arch === 'x64' && existsSync(node));

for (const [major, node] of installedNodes) {
  test(`Node ${major}: what is compared is packed`, () => {
    const { stdout: trace } = output(
      node,
      ['--experimental-wasm-revectorize', '--trace-wasm-revectorize'],
      `const { optimizedOutputs } = await import(threads + 'wideCheck.js');
       const { wideModule } = await import(threads + 'wideKernels.generated.js');
       optimizedOutputs(wideModule);`,
    );
    const packed = trace.match(/^Revec: .*PackNode .*/gm)!.join('\n');
    const operations = ['F32x4Add', 'F32x4Sub', 'F32x4Mul', 'F32x4Div', 'F32x4Max', 'F32x4Lt', 'F32x4Le'];
    for (const name of [...operations, 'S128And', 'S128Or', 'S128Select', 'F32x4UConvertI32x4', 'I32x4Neg'])
      assert.match(packed, name);
    const decided = trace.match(
      /Decided? to vectorize, [1-9]\d* revectorizable nodes|^Revec: Vectorize #\d+:ProtectedStore/gm,
    );
    assert.ok(decided!.length >= 12, `${decided!.length} trees of operations`);
  });

  test(`Node ${major}: a difference switches them off with one line`, () => {
    const said = output(
      node,
      [],
      `const { enableWideBuild, enableWideVectors } = await import(threads + 'wideVectors.js');
       const widths = [enableWideBuild(${JSON.stringify(faultyModule())}), enableWideVectors()];
       console.log(widths.join(', '));`,
    );
    assert.equal(said, {
      stdout: '128, 256\n',
      stderr: "wasm-cnn: this Node's vectors of 256 bits compute other bits than those of 128, so they stay off\n",
    });
  });
}

const newer = installed('node-24', 'bin/node');
(process.arch === 'x64' && existsSync(newer) ? test : test.skip)('a newer Node has them, and the same bits', () => {
  for (const bits of ['128', '256']) trainedBy(newer, bits);
  assert.is(historyOf('by-256').weightsSha256, historyOf('by-128').weightsSha256);
  const by = (command: string, ...options: string[]): string => {
    const { status, stdout, stderr } = spawnSync(newer, [`${commands}${command}.js`, ...options], {
      cwd: work,
      encoding: 'utf8',
    });
    assert.equal([status, stderr], [0, '']);
    return stdout;
  };
  assert.match(by('verify', 'by-128', '--data', digits), 'vectors of 256 bits');
  for (const command of ['evaluate', 'predictSamples'])
    assert.is(
      by(command, '--model', 'by-128', '--vectors', '256'),
      by(command, '--model', 'by-128', '--vectors', '128'),
    );
});

test.run();
