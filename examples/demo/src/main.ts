// The page: a network that learns to read digits in the tab.
import { mnistSha256 } from 'wasm-cnn/data';
import { parseChoices } from './choices.js';
import { recognize } from './data/dropped.js';
import { takeChosen, takeDrops } from './data/dropZone.js';
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
const draw = (trainCount: number): Promise<void> =>
  app.waitFor(async () => {
    const mine = ++choices;
    showDrawing(trainCount);
    const drawn = await builtinSource(trainCount, Math.round(trainCount / 6));
    // The newest choice counts.
    if (mine === choices) app.setSource(drawn);
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
  else await draw(images);
};
const take = (files: File[]): void =>
  reporting(async () => {
    for (const file of files) await app.open(await recognize(file));
    const pictures = files.filter(({ type }) => type.startsWith('image/'));
    if (pictures.length > 1)
      showMessage(
        `the pad holds one picture: of these ${pictures.length}, it shows ${pictures.at(-1)!.name}`,
        'notice',
      );
  })();
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
const files = find('data-files', HTMLInputElement);
takeChosen(files, take);
takeChosen(find('model-file', HTMLInputElement), take);
const source = find('data-source', HTMLSelectElement);
source.addEventListener('change', () => {
  if (source.value === 'files') {
    showChosen();
    files.click();
  } else if (source.value === 'own') app.setFiles();
  else draw(Number(source.value)).catch(showError);
});
for (const leaving of ['beforeunload', 'pagehide']) addEventListener(leaving, () => app.autosave());
document.addEventListener('visibilitychange', () => document.hidden && app.autosave());

void demonstrate(app.pad).catch(showError);
findWork(app, location.search).then(begin).catch(showError);
workOffline();
