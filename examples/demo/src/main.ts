// The page: a network that learns to read digits, or to tell a person's own pictures apart, in the tab.
import { mnistSha256 } from 'wasm-cnn/data';
import { parseChoices } from './choices.js';
import type { Dropped } from './data/dropped.js';
import { takeChosen, takeDrops, takePasted } from './data/dropZone.js';
import { builtinSource } from './data/source.js';
import { App } from './app.js';
import { workOffline } from './offline/register.js';
import { find } from './page/element.js';
import { reporting, showError, showMessage } from './page/messages.js';
import { findWork } from './saved/findWork.js';
import { onSettings } from './settingsFields.js';
import type { Snapshot } from './training/snapshot.js';
import { listenToToolbar } from './views/toolbar.js';
import { missingFiles, showChosen, showDrawing } from './views/dataText.js';
import { demonstrate } from './views/demonstration.js';
import { listenToUndo } from './views/keptLine.js';
import { listenToDownload } from './views/download.js';

const asked = parseChoices(location.search);
const app = new App();
app.setDesign(asked.design);

let choices = 0;
const draw = (trainCount: number, keepNetwork = false): Promise<void> =>
  app.waitFor(async () => {
    const mine = ++choices;
    showDrawing(trainCount);
    const drawn = await builtinSource(trainCount, Math.round(trainCount / 6));
    // The newest choice counts.
    if (mine === choices) app.setSource(drawn, { keepNetwork });
  });
/** What came back brings its data along; otherwise the address says which. */
const begin = async (restored: Snapshot | null): Promise<void> => {
  const { images, files, problems } = restored ? parseChoices(restored.search) : asked;
  const sha256 = restored ? restored.dataset : files === 'mnist' ? mnistSha256 : null;
  const kept = await app.waitFor(() => app.keeper.data(sha256));
  const missing = files && !kept ? [missingFiles(files, restored !== null)] : [];
  const sentences = [...(restored ? [] : problems), ...missing];
  if (sentences.length > 0) showMessage(sentences.join('; '), 'notice');
  if (kept) app.setSource(kept);
  else await draw(images, true);
};
const take = (dropped: Dropped): void => reporting(() => app.take(dropped))();
const copyLink = async (): Promise<void> => {
  const { url, note } = app.link();
  const copied = await navigator.clipboard?.writeText(url).then(
    () => true,
    () => false,
  );
  showMessage(
    copied
      ? `link copied: ${note}`
      : `this browser does not let the page copy; copy the link yourself: ${url} (${note})`,
    'notice',
  );
};

listenToToolbar((move) => reporting(() => app.move(move))());
listenToDownload(reporting(() => app.save()));
listenToUndo(reporting(() => app.undo()));
find('copy-link', HTMLButtonElement).addEventListener('click', reporting(copyLink));
onSettings(() => app.settingsChanged(), showMessage);
takeDrops(take);
takePasted(take);
for (const id of ['data-folder', 'data-files', 'model-file', 'picture-file', 'picture-camera'])
  takeChosen(find(id, HTMLInputElement), take);
const source = find('data-source', HTMLSelectElement);
source.addEventListener('change', () => {
  if (source.value === 'files') {
    showChosen();
    find('data-folder', HTMLInputElement).click();
  } else if (source.value === 'own') app.setFiles();
  else draw(Number(source.value)).catch(showError);
});
for (const leaving of ['beforeunload', 'pagehide']) addEventListener(leaving, () => app.autosave());
document.addEventListener('visibilitychange', () => document.hidden && app.autosave());

void demonstrate(app.board).catch(showError);
findWork(app, location.search).then(begin).catch(showError);
workOffline();
