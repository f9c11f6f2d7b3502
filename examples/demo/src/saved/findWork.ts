// When the page opens: what this tab did before it was loaded anew, or a tab that was closed, comes back; a link to something else goes first.
import type { App } from '../app.js';
import { showError, showMessage } from '../page/messages.js';
import { formatCount } from '../page/format.js';
import type { Snapshot } from '../training/snapshot.js';
import { Autosave, type Found } from './autosave.js';

/** Gives what came back; null where nothing did. `search`: what the address says. */
export async function findWork(app: App, search: string): Promise<Snapshot | null> {
  const autosave = await Autosave.open();
  const { mine, closed, open } = await autosave.look();
  await autosave.tidy(closed);
  tellOthers(open);
  const found = mine ?? closed[0];
  if (
    found &&
    (search === '' || search === found.snapshot.search) &&
    (found === mine || (await autosave.become(found)))
  ) {
    await app.restore(found.snapshot).catch(showError);
    app.keepIn(autosave, found.kept);
    return found.snapshot;
  }
  // The same tab, sent to another experiment: what it had goes to those that gave way.
  app.keepIn(autosave, mine ? [...mine.kept, mine.snapshot].filter(({ bytes }) => bytes !== null) : []);
  const left = closed.find(({ snapshot }) => snapshot.bytes !== null);
  if (left && !mine) offer(app, left);
  return null;
}

function tellOthers(open: readonly Found[]): void {
  const trained = open.find(({ snapshot }) => snapshot.bytes !== null);
  if (trained)
    showMessage(
      `another tab has its own network, at step ${formatCount(trained.snapshot.step)}; this tab works on a separate one`,
      'notice',
    );
}

function offer(app: App, { snapshot }: Found): void {
  showMessage(
    `your previous network, at step ${formatCount(snapshot.step)}, is kept; this link opens a different one`,
    'notice',
    { label: 'Restore it', act: () => void app.takeBack(snapshot).catch(showError) },
  );
}
