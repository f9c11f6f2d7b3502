// Threads: any number of them gives the same bits, also where the host gives fewer than asked for or gives them late, and one that is
// lost ends the step with a sentence instead of a hang.
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { builtinDigits } from '../../src/data/digits/digits.js';
import {
  referenceNetwork,
  WasmCnnError,
  type Model,
  makeWorkerFactory,
  type WorkerHost,
  type WorkerHandle,
  type WorkerMessage,
} from '../../src/index.js';
import { checkThreads } from '../../src/engine/workers.js';
import { workers } from '../../src/node/threads/workers.js';
import { toyExamples, toyModel, weightsHash } from '../model/toy.js';
import { refusesAtOnce } from '../node/refuses.js';

const compile = (model: Model, host?: WorkerHost, batchSize = 16): Model => {
  model.compile({
    optimizer: 'adam',
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
    batchSize,
    ...(host && { workers: makeWorkerFactory(host) }),
  });
  return model;
};
const { x, y } = toyExamples(100);
const epochs = 4;

/** The toy model after its epochs. */
const oneThread = compile(toyModel());
await oneThread.fit(x, y, { epochs });
const expected = weightsHash(oneThread);

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

test('1, 2, 3, 4 and 7 threads give the same weights and the same loss', async () => {
  const { train } = builtinDigits({ trainCount: 300, testCount: 10, seed: 5 });
  const run = async (threads: number): Promise<unknown> => {
    const model = compile(referenceNetwork(), workers(threads), 64);
    await model.fit(train.x, train.y, { epochs: 2 });
    assert.equal(model.threads, { asked: threads, running: threads, trouble: null });
    return [weightsHash(model), await model.evaluate(train.x, train.y)];
  };
  const one = await run(1);
  for (const threads of [2, 3, 4, 7]) assert.equal(await run(threads), one, `${threads} threads`);
});

/** Trains the toy, and gives what it says of its threads when training begins. */
async function trainToy(
  factory: WorkerHost,
  onEpochEnd?: (epoch: number, model: Model) => unknown,
): Promise<Model['threads']> {
  const model = compile(toyModel(), factory);
  let threads = model.threads;
  await model.fit(x, y, {
    epochs,
    callbacks: { onTrainBegin: () => (threads = model.threads), onEpochEnd: (epoch) => onEpochEnd?.(epoch, model) },
  });
  assert.is(weightsHash(model), expected);
  return threads;
}

test('where the host refuses threads, the ones that it granted train', async () => {
  const refusing = (given: number): WorkerHost => ({
    threads: 4,
    start(data, ended) {
      if (data.thread > given) throw new Error('no more than that');
      return workers().start(data, ended);
    },
  });
  assert.equal(await trainToy(refusing(0)), { asked: 4, running: 1, trouble: 'no more than that' });
  assert.equal(await trainToy(refusing(1)), { asked: 4, running: 2, trouble: 'no more than that' });
});

test('where no memory can be shared, one thread trains on its own', async () => {
  const { Memory } = WebAssembly;
  const trouble = 'this host has no memory that threads can share';
  const refuse = (): never => {
    throw new RangeError('could not allocate memory');
  };
  const ignore = (options: WebAssembly.MemoryDescriptor): WebAssembly.Memory =>
    new Memory({ ...options, shared: false });
  try {
    for (const share of [refuse, ignore]) {
      WebAssembly.Memory = function (options: WebAssembly.MemoryDescriptor) {
        return options.shared ? share(options) : new Memory(options);
      } as never;
      assert.equal(await trainToy(workers(3)), { asked: 3, running: 1, trouble });
    }
  } finally {
    WebAssembly.Memory = Memory;
  }
});

test("a page's main thread, which may not wait, trains alone", async () => {
  const { wait } = Atomics;
  try {
    Atomics.wait = () => {
      throw new TypeError('Atomics.wait cannot be called in this context');
    };
    assert.equal(await trainToy(workers(2)), {
      asked: 2,
      running: 1,
      trouble: "a page's main thread may not block; train in the background or in a worker",
    });
  } finally {
    Atomics.wait = wait;
  }
});

test('threads that end before they are ready are not waited for', async () => {
  const noScript: WorkerHost['start'] = (_, ended) => {
    const worker = new Worker(new URL('./nowhere.js', import.meta.url));
    worker.on('error', (error) => ended(error.message));
    return { post: (message) => worker.postMessage(message), terminate: () => void worker.terminate() };
  };
  const noProgram: WorkerHost['start'] = (data, ended) => {
    const { post, terminate } = workers().start(data, ended);
    return { post: ({ number }) => post({ number, program: null as never }), terminate };
  };
  for (const [start, reason] of [
    [noScript, /nowhere\.js/],
    [noProgram, /null/],
  ] as const) {
    const took = await seconds(async () => {
      const { running, trouble } = await trainToy({ threads: 3, start });
      assert.is(running, 1);
      assert.match(trouble!, reason);
    });
    assert.ok(took < 4, `${took} s`);
  }
});

/** Real threads, but each is started only when `arrive` is called with its number. */
function lateWorkers(threads: number): { factory: WorkerHost; arrive: (thread: number) => void } {
  const starts = new Map<number, () => void>();
  const factory: WorkerHost = {
    threads,
    start(data, ended) {
      const waiting: WorkerMessage[] = [];
      let handle: WorkerHandle | undefined;
      starts.set(data.thread, () => {
        handle = workers().start(data, ended);
        for (const message of waiting) handle.post(message);
      });
      return {
        post: (message) => (handle ? handle.post(message) : void waiting.push(message)),
        terminate: () => handle?.terminate(),
      };
    },
  };
  return { factory, arrive: (thread) => starts.get(thread)!() };
}

test('fit waits 5 s at most, and threads that come later take part from then on', async () => {
  const { factory, arrive } = lateWorkers(3);
  assert.equal(compile(toyModel(), workers(2)).threads.trouble, null, 'on their way');
  const took = await seconds(async () => {
    const threads = await trainToy(factory, async (epoch, model) => {
      if (epoch > 1) return;
      const before = model.threads.running;
      arrive(2 - epoch);
      while (model.threads.running === before) await new Promise((resolve) => setTimeout(resolve, 1));
    });
    assert.equal(threads, { asked: 3, running: 1, trouble: 'not up after 5 s' });
  });
  assert.ok(took >= 4.9 && took <= 15, `${took} s`);
});

/** Real threads, and how many of them were started and are not ended. */
function countedWorkers(threads: number): { factory: WorkerHost; alive: () => number } {
  const alive = new Set<WorkerHandle>();
  const start: WorkerHost['start'] = (data, ended) => {
    const { post, terminate } = workers().start(data, ended);
    const handle: WorkerHandle = { post, terminate: () => (alive.delete(handle), terminate()) };
    alive.add(handle);
    return handle;
  };
  return { factory: { threads, start }, alive: () => alive.size };
}

test('a model that is compiled a hundred times, and asked for its weights and one prediction, starts no thread', async () => {
  const { factory, alive } = countedWorkers(4);
  const model = toyModel();
  const one = { data: x.data.subarray(0, x.data.length / 100), shape: [1, ...x.shape.slice(1)] };
  for (let i = 0; i < 100; i++) {
    compile(model, factory);
    model.setWeights(model.getWeights());
    await model.predict(one);
    assert.is(alive(), 0);
  }
  assert.equal(model.threads, { asked: 4, running: 1, trouble: null });
  for (const work of [
    () => model.fit(x, y),
    () => model.trainOnBatch(x, y),
    () => model.evaluate(x, y),
    () => model.predict(x),
  ]) {
    compile(model, factory);
    await work();
    assert.is(alive(), 3);
    model.training().engine.end();
    assert.is(alive(), 0);
  }
});

test('a model that is compiled and fitted repeatedly has only the threads of its last engine', async () => {
  const good = workers(3);
  const alive = new Set<WorkerHandle>();
  const counting: WorkerHost = {
    threads: 3,
    start(data, ended) {
      const handle = good.start(data, ended);
      const counted = {
        post: handle.post,
        terminate: () => {
          alive.delete(counted);
          handle.terminate();
        },
      };
      alive.add(counted);
      return counted;
    },
  };
  const model = toyModel();
  for (const batchSize of [16, 8, 4]) {
    compile(model, counting, 16);
    await model.fit(x, y, { batchSize });
    assert.is(alive.size, 2);
  }
});

test('an engine whose threads were ended, once or twice, continues alone, bit-identically', async () => {
  const { factory, alive } = countedWorkers(3);
  const ends = (model: Model): void => {
    for (let i = 0; i < 2; i++) model.training().engine.end();
    assert.is(alive(), 0);
    assert.equal(model.threads, { asked: 3, running: 1, trouble: 'the threads were ended' });
  };
  await trainToy(factory, (epoch, model) => {
    assert.equal(
      model.threads,
      epoch === 0
        ? { asked: 3, running: 3, trouble: null }
        : { asked: 3, running: 1, trouble: 'the threads were ended' },
    );
    ends(model);
  });
  const before = compile(toyModel(), factory);
  ends(before);
  await before.fit(x, y, { epochs });
  ends(before);
  assert.is(weightsHash(before), expected);
});

test('each thread knows how many can run at once', async () => {
  const told: number[] = [];
  const start: WorkerHost['start'] = (data, ended) => (told.push(data.cores), workers().start(data, ended));
  await trainToy({ threads: 3, cores: 1, start });
  await trainToy({ threads: 2, start });
  assert.equal(told, [1, 1, Infinity]);
});

test('more threads than the control block can count are refused', () => {
  refusesAtOnce(
    () => compile(toyModel(), { ...workers(2), threads: 1024 }),
    'training needs at most 1023 threads, got 1024; ask for fewer',
  );
});

test('workers() refuses so many threads that they would only wait for each other', () => {
  assert.is(checkThreads(64, 1), 64);
  assert.is(checkThreads(256, 256), 256);
  refusesAtOnce(
    () => checkThreads(65, 1),
    '65 threads on 1 core would only wait for each other; ask for at most 64, or leave the number out for one per core',
  );
  assert.throws(() => workers(1e6), /^1000000 threads on \d+ cores? would only wait for each other; ask for at most /);
});

/** Trains on workers that are changed in some way until it fails, and gives the sentence, which later calls repeat. */
async function sentenceAfter(change: (handle: WorkerHandle) => WorkerHandle): Promise<string> {
  const good = workers(3);
  const model = compile(toyModel(), { threads: 3, start: (data, ended) => change(good.start(data, ended)) });
  try {
    await model.fit(x, y, { epochs: 200 });
    return 'nothing failed';
  } catch (error) {
    assert.instance(error, WasmCnnError, String(error));
    assert.throws(
      () => model.setWeights(model.getWeights()),
      (again: Error) => again.message === (error as Error).message,
    );
    return (error as Error).message;
  }
}
const failed = /^worker thread [12] failed; the step is lost, start again from the last saved model$/;

test('a kernel that traps in a worker is seen at once', async () => {
  // An address outside the memory.
  const calls = [{ kernel: 'clear', args: [2 ** 32 - 8, 100], op: 'fault', pass: 'forward' }] as const;
  const took = await seconds(async () => {
    const trapping = ({ post, terminate }: WorkerHandle): WorkerHandle => ({
      terminate,
      post: ({ number, program }) =>
        post({ number, program: program.map(({ name, tasks }) => ({ name, tasks: tasks.map(() => calls) })) }),
    });
    assert.match(await sentenceAfter(trapping), failed);
  });
  assert.ok(took < 10, `${took} s`);
});

test('a thread that ends with an uncaught error is seen at once, while the main thread waits for it', async () => {
  const took = await seconds(async () => {
    const breaking = ({ post, terminate }: WorkerHandle): WorkerHandle => ({
      terminate,
      post: ({ number, program }) => post({ number, program: number === 0 ? program : (null as never) }),
    });
    assert.match(await sentenceAfter(breaking), failed);
  });
  assert.ok(took < 10, `${took} s`);
});

test('a thread that is ended from outside is seen at the next step', async () => {
  const handles: WorkerHandle[] = [];
  const good = workers(3);
  const model = compile(toyModel(), {
    threads: 3,
    start: (data, ended) => (handles.push(good.start(data, ended)), handles.at(-1)!),
  });
  await model.fit(x, y);
  handles[1]!.terminate();
  await new Promise((resolve) => setTimeout(resolve, 300));
  try {
    await model.fit(x, y);
    assert.unreachable('nothing failed');
  } catch (error) {
    assert.is(
      (error as Error).message,
      'worker thread 2 failed; the step is lost, start again from the last saved model',
    );
  }
});

test.run();
