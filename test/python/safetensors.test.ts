// Files between here and Python's safetensors, in both directions. Runs where a Python has it (PYTHON, or python3), and is skipped elsewhere.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../src/index.js';
import { readSafetensors, writeSafetensors, type SafetensorsFile } from '../../src/formats/safetensors.js';
import { compiledToy, toyExamples, weightsHash } from '../model/toy.js';
import { temporaryFolder } from '../node/temporaryFolder.js';

const python = process.env.PYTHON ?? 'python3';
const isPresent = spawnSync(python, ['-c', 'import safetensors.numpy']).status === 0;
const testWithPython = isPresent ? test : test.skip;
const script = fileURLToPath(new URL('../../../test/python/exchange.py', import.meta.url));
const folder = temporaryFolder();

interface Told {
  readonly metadata: Record<string, string>;
  readonly tensors: Record<string, { shape: number[]; bytes: string }>;
}

function exchange(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(python, [script, ...args], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
  });
  assert.is(status, 0, stderr);
  return stdout;
}

/** What a file holds, in an order of its own. */
function sorted({ metadata, tensors }: Told): unknown {
  const byName = <T>(record: Record<string, T>): [string, T][] =>
    Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  return [byName(metadata), byName(tensors)];
}

function tell({ metadata, tensors }: SafetensorsFile): Told {
  const described = [...tensors].map(([name, { shape, data }]) => [
    name,
    { shape: [...shape], bytes: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex') },
  ]);
  return { metadata: Object.fromEntries(metadata), tensors: Object.fromEntries(described) };
}

testWithPython("what Python's safetensors writes is read here, bit for bit", () => {
  const path = join(folder, 'theirs.safetensors');
  const told: Told = JSON.parse(exchange('write', path));
  assert.is(Object.keys(told.tensors).length, 7);
  assert.equal(sorted(tell(readSafetensors(readFileSync(path), path))), sorted(told));
});

testWithPython("what is written here, Python's safetensors reads, bit for bit", () => {
  const ours: SafetensorsFile = {
    tensors: new Map([
      ['conv2d/kernel', { shape: [2, 1, 3], data: Float32Array.of(0.1, -0, 1e-45, 3.4e38, -5, 6) }],
      ['scalar', { shape: [], data: Float32Array.of(7) }],
      ['nothing', { shape: [4, 0], data: new Float32Array(0) }],
      ['Größe \u{1f600} "quoted" \\ \u2028', { shape: [1], data: Float32Array.of(8) }],
      ['__proto__', { shape: [1], data: Float32Array.of(9) }],
      ['1', { shape: [1], data: Float32Array.of(10) }],
    ]),
    metadata: new Map([
      ['format', 'np'],
      ['empty', ''],
      ['Schlüssel', 'Wert \u{1f600}\n'],
      ['__proto__', 'text'],
    ]),
  };
  const path = join(folder, 'ours.safetensors');
  writeFileSync(path, writeSafetensors(ours));
  assert.equal(sorted(JSON.parse(exchange('read', path))), sorted(tell(ours)));
  const none = { tensors: new Map(), metadata: new Map() };
  writeFileSync(path, writeSafetensors(none));
  assert.equal(sorted(JSON.parse(exchange('read', path))), sorted(tell(none)));
});

testWithPython('a checkpoint that went through Python resumes bit-identically', async () => {
  const { x, y } = toyExamples(48);
  const whole = compiledToy();
  await whole.fit(x, y, { epochs: 3 });
  const model = compiledToy();
  const path = join(folder, 'checkpoint.safetensors');
  await model.fit(x, y, {
    epochs: 3,
    callbacks: {
      onSavePoint: () => void (model.step === 4 && writeFileSync(path, model.save({ facts: { note: 'ü' } }))),
    },
  });
  exchange('copy', path, `${path}.copy`);
  const { model: again, facts } = loadModel(readFileSync(`${path}.copy`));
  assert.equal([facts, again.step], [{ note: 'ü' }, 4]);
  await again.fit(x, y, { resume: true });
  assert.is(weightsHash(again), weightsHash(whole));
});

testWithPython('a program that changes weights is told what to do about the checksum, and both ways are right', () => {
  const path = join(folder, 'original.safetensors');
  const model = compiledToy();
  writeFileSync(path, model.save({ facts: { note: 'ü' } }));
  const changed = (how: string): (() => number) => {
    exchange('change', path, `${path}.${how}`, how);
    return () => loadModel(readFileSync(`${path}.${how}`), { name: 'it' }).model.getWeights()[3]!.data[0]!;
  };
  assert.throws(
    changed('kept'),
    /^it: its contents are not those that were saved \(checksum [0-9a-f]{8}, now [0-9a-f]{8}\); it is damaged, take an earlier file; or, if a program changed it on purpose, have that program leave the metadata 'checksum' out$/,
  );
  for (const how of ['without', 'new']) assert.is(changed(how)(), model.getWeights()[3]!.data[0]! + 1);
});

test.run();
