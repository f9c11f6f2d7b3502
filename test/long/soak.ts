// Long use in one process: memory stays flat over many steps and many models that are forgotten, and pauses change no bit.
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { modelCheckpoint } from '../../src/callbacks/index.js';
import { builtinDigits } from '../../src/data/digits/digits.js';
import { referenceNetwork, type Model, makeWorkerFactory, type WorkerFactory } from '../../src/index.js';
import { workers } from '../../src/node/threads/workers.js';
import { RandomStream } from '../../src/base/random.js';
import { collectGarbage } from '../engine/garbage.js';
import { toyExamples, toyModel, weightsHash } from '../model/toy.js';

const MIB = 1 << 20;
/** What C's heap may take until it finds its level. A checkpoint that is kept each time would be hundreds, a hundred threads a thousand. */
const FLAT_MIB = 48;

function residentMiB(): number {
  return Math.round(process.memoryUsage().rss / MIB);
}

/** Collects garbage, and lets what waited for that happen. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 3; turns++) {
    collectGarbage();
    await sleep(20);
  }
}

function checkFlat(early: number, end: number): string {
  assert.ok(end <= early + FLAT_MIB, `resident memory grew from ${early} MiB to ${end} MiB`);
  return `resident memory ${early} MiB after a fifth, ${end} MiB at the end`;
}

function compile(model: Model, factory: WorkerFactory, batchSize: number): void {
  model.compile({
    optimizer: 'adam',
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
    batchSize,
    workers: factory,
  });
}

/** Trains the reference network, with validation and checkpoints, on two threads. `steps`: a multiple of 250. */
export async function soakSteps(steps: number): Promise<string> {
  const { train, test } = builtinDigits({ trainCount: 400, testCount: 100 });
  const epochs = steps / 50;
  const model = referenceNetwork();
  compile(model, workers(2), 8);
  const { buffer } = model.training().engine.weights;
  const pages = buffer.byteLength / 65536;
  let early = 0;
  const watch = {
    async onEpochEnd(epoch: number) {
      assert.is(model.training().engine.weights.buffer, buffer);
      assert.is(buffer.byteLength, pages * 65536);
      if (epoch + 1 !== epochs / 5) return;
      await settle();
      early = residentMiB();
    },
  };
  await model.fit(train.x, train.y, {
    epochs,
    verbose: 0,
    validationData: [test.x, test.y],
    callbacks: [watch, modelCheckpoint({ saveFreq: 5, save: () => {} })],
  });
  assert.is(model.step, steps);
  await settle();
  return `${steps} steps: ${checkFlat(early, residentMiB())}, ${pages} pages of WebAssembly all the time`;
}

/** Node's threads, counted. */
function countedWorkers(): { workersOf: (threads: number) => WorkerFactory; count: { alive: number; most: number } } {
  const count = { alive: 0, most: 0 };
  const workersOf = (threads: number): WorkerFactory => {
    const good = workers(threads);
    return makeWorkerFactory({
      threads,
      start(data, ended) {
        count.most = Math.max(count.most, ++count.alive);
        return good.start(data, (reason) => {
          count.alive--;
          ended(reason);
        });
      },
    });
  };
  return { workersOf, count };
}

/** Compiles a model, trains it on one to three threads, and forgets it, again and again. Garbage is left to V8, but for the two looks at memory. */
export async function soakCycles(cycles: number): Promise<string> {
  const { x, y } = toyExamples(32);
  const { workersOf, count } = countedWorkers();
  const memories: WeakRef<ArrayBufferLike>[] = [];
  let early = 0;
  const trainAndForget = async (threads: number): Promise<void> => {
    const model = toyModel();
    compile(model, workersOf(threads), 16);
    memories.push(new WeakRef(model.training().engine.weights.buffer));
    await model.fit(x, y);
  };
  const allEnd = async (): Promise<void> => {
    for (let turns = 0; turns === 0 || (turns < 100 && count.alive > 0); turns++) await settle();
    assert.is(count.alive, 0, 'workers that are left');
  };
  for (let cycle = 0; cycle < cycles; cycle++) {
    await trainAndForget(1 + (cycle % 3));
    if (cycle !== cycles / 5 - 1) continue;
    await allEnd();
    early = residentMiB();
  }
  assert.ok(count.most <= 12, `there were ${count.most} workers at one time`);
  await allEnd();
  const figures = checkFlat(early, residentMiB());
  assert.is(memories.filter((memory) => memory.deref() !== undefined).length, 0, 'memories that are left');
  return `${cycles} models compiled and forgotten: ${figures}; at most ${count.most} workers at one time, none left, no memory left`;
}

/** Trains again and again, each time with another number of threads and with callbacks that wait at other moments: one set of weights. */
export async function soakPauses(trainings: number, seed: number): Promise<string> {
  const random = new RandomStream(seed);
  const { x, y } = toyExamples(100);
  const pause = async (): Promise<void> => {
    if (random.below(4) === 0) await sleep(random.below(8));
  };
  const hashes = new Set<string>();
  for (let training = 0; training < trainings; training++) {
    const model = toyModel();
    compile(model, workers(1 + random.below(7)), 16);
    await pause();
    await model.fit(x, y, {
      epochs: 2,
      callbacks:
        training === 0
          ? []
          : { onTrainBegin: pause, onEpochBegin: pause, onBatchEnd: pause, onEpochEnd: pause, onSavePoint: pause },
    });
    hashes.add(weightsHash(model));
  }
  assert.is(hashes.size, 1, `seed ${seed} gave ${hashes.size} sets of weights`);
  return `${trainings} trainings with 1 to 7 threads and random pauses: one set of weights`;
}
