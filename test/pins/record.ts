// Writes pins.json anew.
import { writeFileSync } from 'node:fs';
import { makePins } from './pins.js';

writeFileSync(
  new URL('../../../test/pins/pins.json', import.meta.url),
  `${JSON.stringify(await makePins(), null, 2)}\n`,
);
