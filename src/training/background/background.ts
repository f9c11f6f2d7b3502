// fit in the background: its loop and its callbacks run on the calling thread, its steps on another one.
import { WasmCnnError } from '../../base/errors.js';
import { isError } from '../../base/options.js';
import { registeredBuilds } from '../../engine/registeredBuilds.js';
import { localExecutor, type Background, type TrainingExecutor } from '../executor.js';
import type { Batch } from '../feed.js';
import { scheduleConfig } from '../../schedules/schedule.js';
import type { Session, Totals } from '../session.js';
import { warnOnce } from '../../base/warnings.js';
import { readState, writeState, type State, type Task, type TrainingReply, type TrainingRequest } from './protocol.js';

/** A thread in which trainingThread() of trainingThread.ts gets what is posted. */
export interface TrainingThread {
  post(request: TrainingRequest, transfer: ArrayBuffer[]): void;
  terminate(): void;
}

/** Starts one; throws where the host refuses. Calls `ended` when the thread is gone, with the reason in a few words. */
export type StartTraining = (
  replied: (reply: TrainingReply) => void,
  ended: (reason: string) => void,
) => TrainingThread;

type Done = Exclude<TrainingReply, { error: string }>;

/** Sends one request at a time, each with its reply. */
class RequestChannel {
  readonly #thread: TrainingThread;
  /** Why the thread is gone. */
  trouble: string | null = null;
  /** Whether there was a reply at all. */
  replied = false;
  #resolve: (reply: TrainingReply) => void = () => {};
  #reject: (error: Error) => void = () => {};
  #gone: Error | null = null;

  constructor(start: StartTraining) {
    const ended = (reason: string): void => {
      this.trouble = reason;
      this.#gone = new WasmCnnError(
        `the training thread is gone (${reason}); resume from the last saved model, or compile with background: null to train on the calling thread`,
      );
      this.#reject(this.#gone);
    };
    const replied = (reply: TrainingReply): void => {
      this.replied = true;
      this.#resolve(reply);
    };
    this.#thread = start(replied, ended);
  }

  async send(request: TrainingRequest, transfer: ArrayBuffer[]): Promise<Done> {
    const reply = await new Promise<TrainingReply>((resolve, reject) => {
      if (this.#gone) return reject(this.#gone);
      [this.#resolve, this.#reject] = [resolve, reject];
      this.#thread.post(request, transfer);
    });
    if ('error' in reply) throw new WasmCnnError(reply.error);
    return reply;
  }

  end(): void {
    this.#thread.terminate();
  }
}

/** After each step `session` has the weights that the thread has trained; weights set in between are sent to the thread before the next. */
function remoteExecutor(channel: RequestChannel, session: Session, { state: first, threads }: Done): TrainingExecutor {
  const { engine } = session;
  let state: State = first;
  let edits = engine.edits;
  const request = async (task: Task, transfer: readonly ArrayBuffer[] = []): Promise<Totals> => {
    const edited = engine.edits !== edits || session.step !== state.step;
    if (edited) state = readState(session, state.values);
    session.stepsRemotely = true;
    try {
      const done = await channel.send({ task, state, edited, learningRate: session.learningRate }, [
        state.values.buffer,
        ...transfer,
      ]);
      ({ state } = done);
      if ('train' in task) await session.lock.write(() => writeState(session, state));
      ({ edits } = engine);
      return done.totals;
    } finally {
      session.stepsRemotely = false;
    }
  };
  return {
    threads,
    train: (epoch, batch, totals) => request({ train: [epoch, sent(batch), totals] }, batch.transfer),
    evaluate: (batch, totals) => request({ evaluate: [batch && sent(batch), totals] }, batch?.transfer),
    end: () => channel.end(),
  };
}

/** The batch without the list of its memory, which the message has. */
function sent(batch: Batch): Batch {
  return { ...batch, transfer: [] };
}

function openChannel(start: StartTraining): RequestChannel | string {
  try {
    return new RequestChannel(start);
  } catch (error) {
    return isError(error) ? error.message : String(error);
  }
}

/** For compile({ background }), with a host's way to start threads. If the thread does not start, the steps run on the calling thread. */
export function makeBackground(start: StartTraining): Background {
  return {
    async open(model, data, settings, threads) {
      const session = model.training();
      const local = async (trouble: string): Promise<TrainingExecutor> => {
        warnOnce(
          `fit trains on the calling thread, as the background does not start (${trouble}); with background: null it does so without this warning`,
        );
        return { ...(await localExecutor(session, data, settings)), threads: { asked: threads, running: 1, trouble } };
      };
      if (session.compiled!.outputs.some((output) => output?.metrics.some(({ make }) => !make)))
        return local('a metric is a function of your own, which cannot go there');
      if (scheduleConfig(session.compiled!.optimizer.schedule) === null)
        return local('the learning rate is a function of your own, which cannot go there');
      const channel = openChannel(start);
      if (typeof channel === 'string') return local(channel);
      try {
        // The state of fit stays on the calling thread, with the callbacks.
        const packed = model.pack();
        const archive = { ...packed, compile: { ...packed.compile!, batchSize: session.batchSize }, fit: undefined };
        const buffers = new Set([...archive.tensors.values()].map(({ data: { buffer } }) => buffer as ArrayBuffer));
        const { numerics } = session.compiled!;
        return remoteExecutor(
          channel,
          session,
          await channel.send(
            { init: { archive, data, settings, threads, numerics, wasm: model.wasm, builds: registeredBuilds() } },
            [...buffers],
          ),
        );
      } catch (error) {
        channel.end();
        if (channel.trouble !== null && !channel.replied) return local(channel.trouble);
        throw error;
      }
    },
  };
}
