// The page: a network that learns to read digits in the tab.
import { recognize } from './data/dropped.js';
import { takeChosen, takeDrops } from './data/dropZone.js';
import { builtinSource } from './data/source.js';
import { noteChoices, takeChoices } from './choices.js';
import { Lab } from './lab.js';
import { presets, type PresetName } from './network/design.js';
import { find } from './page/element.js';
import { reporting, showError } from './page/messages.js';
import { onSettings } from './settingsFields.js';
import { listenToBar } from './views/bar.js';
import { showDrawing } from './views/dataText.js';
import { haunt } from './views/ghost.js';
import { listenToTake } from './views/take.js';

takeChoices();
const lab = new Lab();
const preset = find('preset', HTMLSelectElement);
lab.setDesign(presets[preset.value as PresetName]);

const draw = async (trainCount: number): Promise<void> => {
  showDrawing();
  lab.setSource(await builtinSource(trainCount, Math.round(trainCount / 6)));
};
const take = (files: File[]): void => reporting(async () => {
  for (const file of files) await lab.take(await recognize(file));
})();

listenToBar({ onTrain: reporting(() => lab.trainOrPause()), onStop: reporting(() => lab.stop()) });
listenToTake({ onSave: reporting(() => lab.save()), onContinue: reporting(() => lab.continueRun()) });
onSettings(() => lab.settingsChanged());
takeDrops(take);
const files = find('data-files', HTMLInputElement);
takeChosen(files, take);
takeChosen(find('model-file', HTMLInputElement), take);
const source = find('data-source', HTMLSelectElement);
source.addEventListener('change', () => {
  if (source.value === 'files') files.click();
  else draw(Number(source.value)).catch(showError);
});

void haunt(lab.pad).catch(showError);
draw(Number(source.value) || 12000).catch(showError);
addEventListener('change', noteChoices);
