// What a run's data are, before it trains: in a line or a table, with what is odd about them, and as a contact sheet.
import { formatCount } from '../../base/table.js';
import { knownDatasets } from '../../data/knownDatasets.js';
import { classTable, dataWarnings, duplicateWarning, formatPixels, type DataParts } from '../../data/summary.js';
import { drawContactSheet } from '../../plots/contactSheet.js';
import { askedPicture, showPicture } from './picture.js';
import type { RunData } from './runData.js';

/** So many test images are compared with the training images without being asked: a second's work. */
const COMPARED = 2000;

/** Prints which data they are, and a line for each oddity of a set that is not well known. */
export function describeData({ source, train, validation, test, facts, classNames }: RunData, compare = false): void {
  const [trained, tested] = [train, test].map(({ y }) => formatCount(y.length));
  const held = validation ? formatCount(validation.y.length) : 'none';
  const drawn =
    facts.drawnCount > 0 ? `, of which ${formatCount(facts.drawnCount)} are drawn digits in European hands` : '';
  console.log(
    `Data: ${source}: ${trained} images to train${drawn}, ${held} held out for validation, ${tested} to test`,
  );
  const isKnown = facts.data === 'builtin' || knownDatasets.some(({ sha256 }) => sha256 === facts.sha256);
  if (isKnown && !compare) return;
  const duplicates = compare || test.y.length <= COMPARED ? duplicateWarning(train, test) : null;
  const warnings = dataWarnings(partsOf({ train, validation, test }), classNames);
  for (const warning of [...warnings, ...(duplicates === null ? [] : [duplicates])]) console.log(`Note: ${warning}`);
}

/** Those that there are. */
function partsOf({ train, validation, test }: Pick<RunData, 'train' | 'validation' | 'test'>): DataParts {
  return { train, ...(validation && { validation }), test };
}

/** The same with a table of the classes, and a PNG with some images of each in `folder`. */
export async function showData(data: RunData, folder: string): Promise<void> {
  const {
    train,
    validation,
    test,
    classNames,
    facts: { name },
  } = data;
  describeData(data, true);
  console.log(
    `Images: ${formatPixels(train.x.shape)}\n${classTable(partsOf({ train, validation, test }), classNames)}`,
  );
  const title = `${name}: ${formatCount(train.y.length)} images to train`;
  await showPicture(await askedPicture(folder, 'data', name), (create) =>
    drawContactSheet(create, train.x, train.y, { title, classNames }),
  );
}
