// A trap inside a kernel: one sentence, and an engine that is never used again; from what was saved before, training continues bit-identically.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel, WasmCnnError, type Model, profile } from '../../src/index.js';
import { restoreOptimizer } from '../../src/model/restoreOptimizer.js';
import { workers } from '../../src/node/threads/workers.js';
import { compiledToy, toyExamples, toyModel, weightsHash } from '../model/toy.js';

type Kernel = (...args: number[]) => void;
const { x, y } = toyExamples(64);
const { Instance } = WebAssembly;
const sentence =
  'a kernel failed on the training thread (memory access out of bounds); the step is lost, start again from the last saved model';

/** Makes a model whose next kernel call traps once `trap.next` is set: its first argument is an address outside the memory. */
function withTrap<T>(make: () => T): { made: T; trap: { next: boolean } } {
  const trap = { next: false };
  WebAssembly.Instance = function (module: WebAssembly.Module, imports: WebAssembly.Imports) {
    const { exports } = new Instance(module, imports);
    const trapping =
      (kernel: Kernel): Kernel =>
      (...args) =>
        trap.next ? (exports.clear as Kernel)(2 ** 32 - 8, 100) : kernel(...args);
    return {
      exports: Object.fromEntries(
        Object.entries(exports).map(([name, value]) => [
          name,
          typeof value === 'function' ? trapping(value as Kernel) : value,
        ]),
      ),
    };
  } as never;
  try {
    return { made: make(), trap };
  } finally {
    WebAssembly.Instance = Instance;
  }
}

async function refuses(work: () => unknown): Promise<void> {
  const error = await Promise.resolve()
    .then(work)
    .then(
      () => 'nothing failed',
      (reason: unknown) => reason,
    );
  assert.instance(error, WasmCnnError, String(error));
  assert.is((error as Error).message, sentence);
}

/** Everything that would read or write the memory. */
async function isDead(model: Model): Promise<void> {
  const weights = toyModel().getWeights();
  const compile = (): void => model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  const uses = [
    () => model.fit(x, y),
    () => model.fit(x, y, { batchSize: 5 }),
    () => model.trainOnBatch(x, y),
    () => model.evaluate(x, y),
    () => model.predict(x),
    () => model.gradients(x, y),
    () => profile(model, x, y, 1),
    () => model.getWeights(),
    () => model.setWeights(weights),
    () => model.save(),
    () => restoreOptimizer(model, 0, new Map()),
    compile,
  ];
  for (const use of uses) await refuses(use);
}

for (const threads of [1, 3]) {
  test(`on the training thread, of ${threads}: the model is unusable afterwards, and the last file resumes`, async () => {
    // Long enough that the training thread has a task of its own after step 7, which in any one step others may take from it.
    const epochs = 30;
    const whole = compiledToy();
    await whole.fit(x, y, { epochs });
    const { made: model, trap } = withTrap(() => {
      const toy = toyModel();
      toy.compile({
        optimizer: 'adam',
        loss: 'categoricalCrossentropy',
        metrics: ['accuracy'],
        batchSize: 16,
        workers: workers(threads),
      });
      return toy;
    });
    let saved = new Uint8Array();
    await refuses(() =>
      model.fit(x, y, {
        epochs,
        callbacks: {
          onSavePoint: () => void (model.step === 5 && (saved = model.save())),
          onBatchEnd: () => void (trap.next = model.step >= 7),
        },
      }),
    );
    trap.next = false;
    await isDead(model);
    const { model: again } = loadModel(saved);
    await again.fit(x, y, { resume: true });
    assert.is(weightsHash(again), weightsHash(whole));
  });
}

test('while it predicts', async () => {
  const { made: model, trap } = withTrap(() => compiledToy(x.shape[0]));
  trap.next = true;
  await refuses(() => model.predict(x));
  trap.next = false;
  await isDead(model);
});

test.run();
