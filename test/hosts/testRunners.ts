// Test runners that give each test file a realm of its own: what their users test must train there, on threads where Node has them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { driverFile, hasDriver } from './browser.js';
import type { Example } from './examples.js';
import { output } from './host.js';

const test = `
import { layers, loadModel, sequential } from 'wasm-cnn';
import { builtinDigits } from 'wasm-cnn/data';

test('it trains', async () => {
  const { train, test } = builtinDigits({ trainCount: 64, testCount: 4 });
  const model = sequential({ inputShape: [28, 28, 1], layers: [layers.flatten(), layers.dense({ units: 10, activation: 'softmax' })] });
  const threads = globalThis.document ? {} : { workers: (await import('wasm-cnn/node')).workers(2) };
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', ...threads });
  await model.fit(train.x, train.y, { epochs: 2, verbose: 0 });
  const { data } = await loadModel(model.save()).model.predict(test.x);
  expect([data.length, model.threads.running, model.threads.trouble]).toEqual([40, globalThis.document ? 1 : 2, null]);
});
`;

/** Those that are installed. They end with 1 where a test fails, and where there is none. */
export function testRunners(folder: string): Example[] {
  writeFileSync(join(folder, 'train.test.js'), test);
  const run = (name: string, args: readonly string[]): Example => ({
    name,
    expected: /^passed$/,
    run: () => output(process.execPath, args, { cwd: folder }).then(() => 'passed'),
  });
  const jest = (environment: string): Example =>
    run(`Jest, ${environment}`, [
      '--experimental-vm-modules',
      join(driverFile('jest/package.json'), '../bin/jest.js'),
      '--rootDir',
      folder,
      '--env',
      driverFile(`jest-environment-${environment}`),
      '--transform',
      '{}',
    ]);
  const vitest = (pool: string): Example =>
    run(`Vitest, ${pool}`, [
      join(driverFile('vitest/package.json'), '../vitest.mjs'),
      'run',
      '--pool',
      pool,
      '--globals',
    ]);
  return [
    ...(hasDriver('jest') ? ['node', 'jsdom'].map(jest) : []),
    ...(hasDriver('vitest') ? ['vmThreads', 'vmForks'].map(vitest) : []),
  ];
}
