// npm run test:slow: a little of what npm run test:long does at length.
import { test } from 'uvu';
import { killRuns, killRunsForMemory, NO_GROUP } from './kills.js';
import { trainOnPictures } from './pictures.js';
import { soakCycles, soakPauses, soakSteps } from './soak.js';

test('kill -9 at any moment and at each call of a write costs no more than the steps after the last checkpoint, and no bit', async () => {
  await killRuns(7, 1);
});

test('a run that the system kills for memory resumes like any other', async () => {
  if ((await killRunsForMemory(2, 1)) === null) console.log(NO_GROUP);
});

test('memory is flat over many steps', async () => {
  await soakSteps(250);
});

test('models that are garbage-collected release their threads and their memory', async () => {
  await soakCycles(20);
});

test('any number of threads and any pauses give the same weights', async () => {
  await soakPauses(6, 1);
});

test('cached pictures and pictures decoded each time give the same weights', async () => {
  await trainOnPictures(70);
});

test.run();
