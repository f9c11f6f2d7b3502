// A contestant's side of a contest on a page. contestants/inBrowser.ts serves it, hears its answers and tells it when to work.
import type { Prepared, TrainingReady, TrainingRound, TrainingTask } from './contestant.js';

type Prepare = (
  task: TrainingTask,
  examples: { pixels: Uint8Array; labels: Uint8Array },
) => Promise<Prepared<TrainingReady, TrainingRound>>;

export async function competeOnPage(prepare: Prepare): Promise<void> {
  const say = (answer: object): Promise<Response> => fetch('/answer', { method: 'POST', body: JSON.stringify(answer) });
  const bytes = async (path: string): Promise<Uint8Array> => new Uint8Array(await (await fetch(path)).arrayBuffer());
  try {
    const task = (await (await fetch('/task')).json()) as TrainingTask;
    const { ready, round } = await prepare(task, { pixels: await bytes('/images'), labels: await bytes('/labels') });
    await say(ready);
    for (;;) {
      // A browser gives up on an answer that takes minutes, so that it is told to ask again before.
      while ((await (await fetch('/turn')).text()) !== 'go');
      await say(await round());
    }
  } catch (error) {
    await say({ failure: (error as Error).message });
  }
}
