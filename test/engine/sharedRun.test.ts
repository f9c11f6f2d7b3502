// The protocol of the control block: threads that join while programs run, and threads that are lost.
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CONTROL_WORDS, SharedRun, type LinkedProgram } from '../../src/engine/sharedRun.js';
import { WasmCnnError } from '../../src/errors.js';
import { RandomStream } from '../../src/random.js';
import { countingProgram, RUN, TASKS, type CountingThread } from './countingThread.js';

const sharedWords = (words: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * words));
const oneCall: LinkedProgram = [[[{ kernel: () => {}, args: [] }]]];

test('threads that join at any time take part from the next program on, and each task is done once, in its phase', async () => {
  const random = new RandomStream(1);
  for (let round = 0; round < 3; round++) {
    const [control, counts] = [sharedWords(CONTROL_WORDS), sharedWords(5)];
    const threads = [1, 2, 3, 4].map((thread) => {
      const data: CountingThread = { control, counts, thread, milliseconds: random.below(100) };
      return new Worker(new URL('./countingThread.js', import.meta.url), { workerData: data });
    });
    const main = new SharedRun(control, 0);
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
function runBesideALostThread(wait: (control: Int32Array) => void): { error: unknown; seconds: number } {
  const control = sharedWords(CONTROL_WORDS);
  new SharedRun(control, 1).join();
  const { wait: real } = Atomics;
  let seconds = 0;
  try {
    Atomics.wait = ((words: Int32Array, _index: number, _value: number, milliseconds: number) => {
      seconds += milliseconds / 1000;
      wait(words);
      return 'timed-out';
    }) as typeof Atomics.wait;
    new SharedRun(control, 0).run(0, oneCall);
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
  assert.is((error as Error).message, 'a worker thread has not answered for 30 s; the step is lost, start again from the last saved model');
  assert.is(seconds, 30);
});

test('each kernel call that any thread finishes is a sign of life', () => {
  const BEATS = 6;
  let waits = 0;
  const { seconds } = runBesideALostThread((control) => {
    if (++waits === 29) control[BEATS]!++;
  });
  assert.is(seconds, 59);
});

test('the first thread to be lost is named, now and at each later start, and wakes who waits for it', () => {
  let waits = 0;
  const { error } = runBesideALostThread((control) => {
    waits++;
    new SharedRun(control, 7).fail();
    new SharedRun(control, 1).fail();
    assert.throws(() => new SharedRun(control, 0).run(0, oneCall), /^worker thread 7 failed; /);
  });
  assert.is((error as Error).message, 'worker thread 7 failed; the step is lost, start again from the last saved model');
  assert.is(waits, 1);
});

test('a kernel that traps on the training thread is no riddle later', () => {
  const main = new SharedRun(sharedWords(CONTROL_WORDS), 0);
  const trap = (): never => { throw new WebAssembly.RuntimeError('unreachable'); };
  assert.throws(() => main.run(0, [[[{ kernel: trap, args: [] }]]]), /^unreachable$/);
  assert.throws(() => main.run(0, oneCall), 'the training thread failed; the step is lost, start again from the last saved model');
});

test.run();
