// csvFile: the file that csvLogger's lines are in.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { csvFile } from '../../../src/node/files/csvFile.js';
import { refuses, refusesAtOnce } from '../refuses.js';
import { temporaryFolder } from '../temporaryFolder.js';

test('a new fit starts the file afresh, one that resumes continues where its checkpoint was', async () => {
  const path = join(temporaryFolder(), 'log.csv');
  writeFileSync(path, 'of another fit, and longer than what follows');
  const write = csvFile(path);
  await write('epoch,é\n0,1\n', 0);
  await write('1,2\n', 13);
  assert.is(readFileSync(path, 'utf8'), 'epoch,é\n0,1\n1,2\n');
  await csvFile(path)('1,3\n', 13);
  assert.is(readFileSync(path, 'utf8'), 'epoch,é\n0,1\n1,3\n');
});

test('what it cannot continue', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'log.csv');
  await refuses(
    csvFile(path)('1,2\n', 9),
    `cannot write ${path}: it is missing, and the fit that resumes had written 9 bytes; give csvFile the file that it wrote`,
  );
  writeFileSync(path, 'epoch');
  await refuses(
    csvFile(path)('1,2\n', 9),
    `${path} has 5 bytes, and the fit that resumes had written 9; give csvFile the file that it wrote`,
  );
  assert.is(readFileSync(path, 'utf8'), 'epoch');
  refusesAtOnce(() => csvFile(5 as never), 'csvFile needs the path of a file, got 5');
  refusesAtOnce(
    () => csvFile('nowhere/log.csv'),
    'cannot write nowhere/log.csv: the folder nowhere does not exist; create it or choose another',
  );
});

test.run();
