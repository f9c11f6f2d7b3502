// The script of a worker thread in a browser. Its first message is what it is given, then come programs.
import { makeWorker, type WorkerMessage, type WorkerStart, type WorkerThread } from '../engine/workers.js';

let thread: WorkerThread | undefined;

addEventListener('message', ({ data }: MessageEvent<WorkerStart | WorkerMessage>) => {
  if ('modules' in data) thread = makeWorker(data);
  else thread!.receive(data);
});
// So that no other thread waits for one that is gone.
addEventListener('error', () => thread?.end());
