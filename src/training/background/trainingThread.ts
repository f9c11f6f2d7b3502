// What runs in a thread that makes the steps of somebody else's fit.
import { unpack } from '../../model/unpack.js';
import type { WorkerFactory } from '../../engine/workers.js';
import { stepsHere, type Steps } from '../steps.js';
import type { Trainer } from '../trainer.js';
import { readState, writeState, type Answer, type Opening, type Order, type Work } from './orders.js';

interface Opened {
  readonly trainer: Trainer;
  readonly steps: Steps;
}

async function open(
  { archive, data, settings, threads, numerics, wasm }: Opening,
  workers: (threads: number) => WorkerFactory,
): Promise<Opened> {
  const model = unpack(archive, 'the model', { workers: workers(threads), numerics, ...(wasm && { wasm }) });
  const trainer = model.training();
  return { trainer, steps: await stepsHere(trainer, data, settings) };
}

async function work({ trainer, steps }: Opened, { train, state, edited }: Work): Promise<Answer> {
  if (edited) writeState(trainer, state);
  const logs = await (train ? steps.train(...train) : steps.evaluate());
  return { logs, state: readState(trainer, state.values), threads: steps.threads };
}

/** Gives what is to be called with each order that comes; `post` sends an answer back, `workers` is the host's. */
export function trainingThread(
  workers: (threads: number) => WorkerFactory,
  post: (answer: Answer, transfer: ArrayBuffer[]) => void,
): (order: Order) => Promise<void> {
  let opened: Opened;
  const answerTo = async (order: Order): Promise<Answer> => {
    if (!('open' in order)) return work(opened, order);
    opened = await open(order.open, workers);
    return { logs: {}, state: readState(opened.trainer), threads: opened.steps.threads };
  };
  return async (order) => {
    const answer = await answerTo(order).catch((error: Error) => ({ error: error.message }));
    post(answer, 'state' in answer ? [answer.state.values.buffer] : []);
  };
}
