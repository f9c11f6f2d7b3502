// What runs in a thread that executes the steps of another thread's fit.
import { unpack } from '../../model/unpack.js';
import { registerBuild } from '../../engine/registeredBuilds.js';
import type { WorkerFactory } from '../../engine/workers.js';
import { localExecutor, type TrainingExecutor } from '../executor.js';
import type { Session } from '../session.js';
import {
  readState,
  writeState,
  type TrainingReply,
  type InitRequest,
  type TrainingRequest,
  type StepRequest,
} from './protocol.js';

interface Opened {
  readonly session: Session;
  readonly executor: TrainingExecutor;
}

async function init(
  { archive, data, settings, threads, numerics, wasm, builds }: InitRequest,
  workers: (threads: number) => WorkerFactory,
): Promise<Opened> {
  builds.forEach(registerBuild);
  const model = unpack(archive, 'the model', { workers: workers(threads), numerics, ...(wasm && { wasm }) });
  const session = model.training();
  return { session, executor: await localExecutor(session, data, settings) };
}

async function execute(
  { session, executor }: Opened,
  { task, state, edited, learningRate }: StepRequest,
): Promise<TrainingReply> {
  if (edited) writeState(session, state);
  session.learningRate = learningRate;
  const totals = await ('train' in task ? executor.train(...task.train) : executor.evaluate(...task.evaluate));
  return { totals, state: readState(session, state.values), threads: executor.threads };
}

/** Returns the handler of incoming requests; `post` sends a reply, `workers` is the host's. */
export function trainingThread(
  workers: (threads: number) => WorkerFactory,
  post: (reply: TrainingReply, transfer: ArrayBuffer[]) => void,
): (request: TrainingRequest) => Promise<void> {
  let opened: Opened;
  const replyTo = async (request: TrainingRequest): Promise<TrainingReply> => {
    if (!('init' in request)) return execute(opened, request);
    opened = await init(request.init, workers);
    return { totals: {}, state: readState(opened.session), threads: opened.executor.threads };
  };
  return async (request) => {
    const reply = await replyTo(request).catch((error: Error) => ({ error: error.message }));
    post(reply, 'state' in reply ? [reply.state.values.buffer] : []);
  };
}
