// fit in the background: its loop and its callbacks stay with the caller, its steps are made by another thread.
import { WasmCnnError } from '../../base/errors.js';
import { isError } from '../../base/options.js';
import { stepsHere, type Background, type Steps } from '../steps.js';
import type { Logs, Trainer } from '../trainer.js';
import { warnOnce } from '../../base/warnings.js';
import { readState, writeState, type Answer, type Order, type State } from './orders.js';

/** A thread in which trainingThread() of trainingThread.ts gets what is posted. */
export interface TrainingThread {
  post(order: Order, transfer: ArrayBuffer[]): void;
  terminate(): void;
}

/** Starts one; throws where the host refuses. To call `ended` when the thread is no more, with the reason in a few words. */
export type StartTraining = (answered: (answer: Answer) => void, ended: (reason: string) => void) => TrainingThread;

type Done = Exclude<Answer, { error: string }>;

/** Orders go out one at a time, each with its answer. */
class Orders {
  readonly #thread: TrainingThread;
  /** Why the thread is no more. */
  trouble: string | null = null;
  /** Whether it ever said anything. */
  answered = false;
  #resolve: (answer: Answer) => void = () => {};
  #reject: (error: Error) => void = () => {};
  #gone: Error | null = null;

  constructor(start: StartTraining) {
    const ended = (reason: string): void => {
      this.trouble = reason;
      this.#gone = new WasmCnnError(
        `the training thread is gone (${reason}); go on from the last saved model, or compile with background: null to train on the calling thread`,
      );
      this.#reject(this.#gone);
    };
    const answered = (answer: Answer): void => {
      this.answered = true;
      this.#resolve(answer);
    };
    this.#thread = start(answered, ended);
  }

  async send(order: Order, transfer: ArrayBuffer[]): Promise<Done> {
    const answer = await new Promise<Answer>((resolve, reject) => {
      if (this.#gone) return reject(this.#gone);
      [this.#resolve, this.#reject] = [resolve, reject];
      this.#thread.post(order, transfer);
    });
    if ('error' in answer) throw new WasmCnnError(answer.error);
    return answer;
  }

  end(): void {
    this.#thread.terminate();
  }
}

/** After each step `trainer` has what the thread has learned; and what somebody changed in it goes to the thread before the next. */
function stepsElsewhere(orders: Orders, trainer: Trainer, { state: first, threads }: Done): Steps {
  const { engine } = trainer;
  let state: State = first;
  let edits = engine.edits;
  const work = async (train: Parameters<Steps['train']> | null): Promise<Logs> => {
    const edited = engine.edits !== edits || trainer.step !== state.step;
    if (edited) state = readState(trainer, state.values);
    trainer.stepsElsewhere = true;
    try {
      const done = await orders.send({ train, state, edited }, [state.values.buffer]);
      ({ state } = done);
      if (train) await trainer.turns.write(() => writeState(trainer, state));
      ({ edits } = engine);
      return done.logs;
    } finally {
      trainer.stepsElsewhere = false;
    }
  };
  return { threads, train: (...args) => work(args), evaluate: () => work(null), end: () => orders.end() };
}

function ordersOf(start: StartTraining): Orders | string {
  try {
    return new Orders(start);
  } catch (error) {
    return isError(error) ? error.message : String(error);
  }
}

/** For compile({ background }), in a host that starts threads so. Where it does not, the calling thread makes the steps. */
export function makeBackground(start: StartTraining): Background {
  return {
    async open(model, data, settings, threads) {
      const trainer = model.training();
      const here = async (trouble: string): Promise<Steps> => {
        warnOnce(
          `fit trains on the calling thread, as the background does not start (${trouble}); background: null says that it shall`,
        );
        return { ...(await stepsHere(trainer, data, settings)), threads: { asked: threads, running: 1, trouble } };
      };
      const orders = ordersOf(start);
      if (typeof orders === 'string') return here(orders);
      try {
        // Where fit is stays with its callbacks.
        const archive = { ...model.pack(), fit: undefined };
        const buffers = new Set([...archive.tensors.values()].map(({ data: { buffer } }) => buffer as ArrayBuffer));
        const { numerics } = trainer.compiled!;
        return stepsElsewhere(
          orders,
          trainer,
          await orders.send({ open: { archive, data, settings, threads, numerics, wasm: model.wasm } }, [...buffers]),
        );
      } catch (error) {
        orders.end();
        if (orders.trouble !== null && !orders.answered) return here(orders.trouble);
        throw error;
      }
    },
  };
}
