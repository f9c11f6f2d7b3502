// The protocol of the control block: threads that join while programs run, and threads that are lost.
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Kernels } from '../../src/engine/kernels.generated.js';
import { link, patienceOf, ProgramRunner, type LinkedProgram } from '../../src/engine/programRunner.js';
import { WasmCnnError } from '../../src/base/errors.js';
import { adam, layers, networks, sequential, type Model } from '../../src/index.js';
import { trainProgram } from '../../src/compiler/trainingProgram.js';
import { RandomStream } from '../../src/base/random.js';
import { countingProgram, RUN, TASKS, type CountingThread } from './countingThread.js';
import { refusesAtOnce } from '../node/refuses.js';

/** Room for 16 phases. */
const CONTROL_WORDS = 32;

const sharedWords = (words: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * words));
const oneCallThat = (kernel: () => void, patience = 30): LinkedProgram => [
  { tasks: [[{ kernel, args: [] }]], patience },
];
const oneCall = oneCallThat(() => {});

test('threads that join at any time take part from the next program on, and each task is done once, in its phase', async () => {
  const random = new RandomStream(1);
  for (let round = 0; round < 3; round++) {
    const [control, counts] = [sharedWords(CONTROL_WORDS), sharedWords(5)];
    const threads = [1, 2, 3, 4].map((thread) => {
      const data: CountingThread = { control, counts, thread, milliseconds: random.below(100) };
      return new Worker(new URL('./countingThread.js', import.meta.url), { workerData: data });
    });
    const main = new ProgramRunner(control, 0);
    const program = countingProgram(counts);
    for (let run = 1, since = 0; since < 500; run++) {
      counts[RUN] = run;
      main.run(0, program);
      assert.equal([...counts], [...TASKS.map((tasks) => tasks * run), run, 0], `run ${run}, ${main.joined} workers`);
      if (main.joined === threads.length) since++;
    }
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
});

/** Runs one program with a thread that has joined and does nothing; `wait` stands in for the main thread's Atomics.wait. */
function runBesideALostThread(
  wait: (control: Int32Array) => void,
  program = oneCall,
  cores = Infinity,
): { error: unknown; seconds: number } {
  const control = sharedWords(CONTROL_WORDS);
  new ProgramRunner(control, 1).join();
  const { wait: real } = Atomics;
  let seconds = 0;
  try {
    Atomics.wait = ((words: Int32Array, _index: number, _value: number, milliseconds: number) => {
      seconds += milliseconds / 1000;
      wait(words);
      return 'timed-out';
    }) as typeof Atomics.wait;
    new ProgramRunner(control, 0, cores).run(0, program);
    return { error: null, seconds };
  } catch (error) {
    return { error, seconds };
  } finally {
    Atomics.wait = real;
  }
}

test('a thread that is silent for 30 s ends the step with one sentence', () => {
  const { error, seconds } = runBesideALostThread(() => {});
  assert.instance(error, WasmCnnError);
  assert.is(
    (error as Error).message,
    'a worker thread has not answered for 30 s; the step is lost, start again from the last saved model',
  );
  assert.is(seconds, 30);
});

test('where a call may take longer, so may the silence', () => {
  const { error, seconds } = runBesideALostThread(
    () => {},
    oneCallThat(() => {}, 45),
  );
  assert.match((error as Error).message, /^a worker thread has not answered for 45 s; /);
  assert.is(seconds, 45);
});

test('a thread waits in a busy loop before it sleeps, but not where there are fewer cores than threads', () => {
  /** Looks at the control block before the first wait. */
  const looksOn = (cores: number): number => {
    const { load } = Atomics;
    let looks = 0;
    let before = -1;
    Atomics.load = ((words: Int32Array, index: number) => (looks++, load(words, index))) as typeof load;
    try {
      runBesideALostThread(
        () => {
          if (before < 0) before = looks;
        },
        oneCall,
        cores,
      );
      return before;
    } finally {
      Atomics.load = load;
    }
  };
  assert.ok(looksOn(1) < 10);
  for (const cores of [2, Infinity]) assert.ok(looksOn(cores) > 10_000);
});

test('a thread in a long call is not declared dead within the patience of its phase', async () => {
  /** The main thread spends so many milliseconds in a call while a worker waits for it. */
  const sentenceOf = async (patience: number, milliseconds: number): Promise<string> => {
    const [control, counts] = [sharedWords(CONTROL_WORDS), sharedWords(5)];
    const data: CountingThread = { control, counts, thread: 1, milliseconds: 0, patience };
    const worker = new Worker(new URL('./countingThread.js', import.meta.url), { workerData: data });
    // It ends with the sentence, too.
    worker.on('error', () => {});
    const main = new ProgramRunner(control, 0);
    while (main.joined === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const sleep = { kernel: () => void Atomics.wait(sharedWords(1), 0, 0, milliseconds), args: [] };
    counts[RUN] = 1;
    try {
      main.run(
        0,
        countingProgram(counts, patience).map(({ tasks }, phase) => ({
          patience,
          tasks: phase === 0 ? tasks.map((calls) => [...calls, sleep]) : tasks,
        })),
      );
      return 'done';
    } catch (error) {
      return (error as Error).message;
    } finally {
      await worker.terminate();
    }
  };
  assert.is(
    // On a busy machine the worker may come to its wait late.
    await sentenceOf(1, 5000),
    'a worker thread has not answered for 1 s; the step is lost, start again from the last saved model',
  );
  assert.is(await sentenceOf(15, 1600), 'done');
});

test('ordinary networks have 30 s of patience in every phase, a call of 5e11 operations as long as it may take', () => {
  const patiences = (model: Model, batchSize: number): number[] => {
    model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', batchSize });
    return link(
      trainProgram(model.plan!, adam(), { count: batchSize, pixels: false }, 0),
      {} as Kernels,
      patienceOf,
    ).map(({ patience }) => patience);
  };
  for (const name of ['reference', 'classic', 'strided', 'resnet20'] as const)
    assert.ok(
      patiences(networks[name](), 128).every((seconds) => seconds === 30),
      name,
    );
  const heavy = sequential({
    inputShape: [256, 256, 64],
    layers: [
      layers.conv2d({ filters: 64, kernelSize: 31, padding: 'same' }),
      layers.maxPooling2d({ poolSize: 32 }),
      layers.flatten(),
      layers.dense({ units: 2, activation: 'softmax' }),
    ],
  });
  const [shards, ...others] = patiences(heavy, 1);
  assert.ok(shards! >= 5000, `${shards} s`);
  assert.equal(others, [30, 30, 30]);
});

test('each kernel call that any thread finishes resets the wait', () => {
  const BEATS = 6;
  let waits = 0;
  const { seconds } = runBesideALostThread((control) => {
    if (++waits === 29) control[BEATS]!++;
  });
  assert.is(seconds, 59);
});

test('the first lost thread is named, now and at each later start, and wakes the threads that wait for it', () => {
  let waits = 0;
  const { error } = runBesideALostThread((control) => {
    waits++;
    new ProgramRunner(control, 7).fail();
    new ProgramRunner(control, 1).fail();
    assert.throws(() => new ProgramRunner(control, 0).run(0, oneCall), /^worker thread 7 failed; /);
  });
  assert.is(
    (error as Error).message,
    'worker thread 7 failed; the step is lost, start again from the last saved model',
  );
  assert.is(waits, 1);
});

test('a kernel that traps on the training thread is named in later errors', () => {
  const main = new ProgramRunner(sharedWords(CONTROL_WORDS), 0);
  const trap = (): never => {
    throw new WebAssembly.RuntimeError('unreachable');
  };
  assert.throws(() => main.run(0, oneCallThat(trap)), /^unreachable$/);
  refusesAtOnce(
    () => main.run(0, oneCall),
    'the training thread failed; the step is lost, start again from the last saved model',
  );
});

test.run();
