// The page: a network that learns to read digits in the tab.
import { takeChoices } from './choices.js';
import { recognize } from './data/dropped.js';
import { takeChosen, takeDrops } from './data/dropZone.js';
import { builtinSource } from './data/source.js';
import { Lab } from './lab.js';
import { workOffline } from './offline/register.js';
import { find } from './page/element.js';
import { reporting, showError, showMessage } from './page/messages.js';
import { findWork } from './saved/findWork.js';
import { onSettings } from './settingsFields.js';
import { listenToBar } from './views/bar.js';
import { showDrawing } from './views/dataText.js';
import { haunt } from './views/ghost.js';
import { listenToUndo } from './views/keptLine.js';
import { listenToTake } from './views/take.js';

const { images, design, problems } = takeChoices(location.search);
const lab = new Lab();
lab.setDesign(design);
if (problems.length > 0) showMessage(problems.join('; '), 'notice');

let asked = 0;
const draw = (trainCount: number): Promise<void> =>
  lab.waitFor(async () => {
    const mine = ++asked;
    showDrawing(trainCount);
    const drawn = await builtinSource(trainCount, Math.round(trainCount / 6));
    // The newest choice counts.
    if (mine === asked) lab.setSource(drawn);
  });
const take = (files: File[]): void =>
  reporting(async () => {
    for (const file of files) await lab.take(await recognize(file));
    const pictures = files.filter(({ type }) => type.startsWith('image/'));
    if (pictures.length > 1)
      showMessage(`the pad holds one picture: ${pictures.at(-1)!.name} is on it, of ${pictures.length}`, 'notice');
  })();
const copyLink = async (): Promise<void> => {
  const { url, note } = lab.link();
  const copied = await navigator.clipboard?.writeText(url).then(
    () => true,
    () => false,
  );
  showMessage(
    copied ? `link copied: ${note}` : `copy it yourself, as the browser does not let the page: ${url} (${note})`,
    'notice',
  );
};

listenToBar((move) => reporting(() => lab.move(move))());
listenToTake(reporting(() => lab.save()));
listenToUndo(reporting(() => lab.undo()));
find('copy-link', HTMLButtonElement).addEventListener('click', reporting(copyLink));
onSettings(() => lab.settingsChanged(), showMessage);
takeDrops(take);
const files = find('data-files', HTMLInputElement);
takeChosen(files, take);
takeChosen(find('model-file', HTMLInputElement), take);
const source = find('data-source', HTMLSelectElement);
source.addEventListener('change', () => {
  if (source.value === 'files') files.click();
  else draw(Number(source.value)).catch(showError);
});
for (const leaving of ['beforeunload', 'pagehide']) addEventListener(leaving, () => lab.autosave());
document.addEventListener('visibilitychange', () => document.hidden && lab.autosave());

void haunt(lab.pad).catch(showError);
findWork(lab, location.search)
  .then((restored) => draw(restored ? takeChoices(restored).images : images))
  .catch(showError);
workOffline();
