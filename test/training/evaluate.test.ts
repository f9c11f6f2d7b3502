// What evaluate's options do, and that no figure depends on them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compiledToy, toyExamples } from '../model/toy.js';

test('evaluate prints a line if verbose, otherwise nothing', async () => {
  const { x, y } = toyExamples(40);
  const model = compiledToy();
  const { log } = console;
  const printed: string[] = [];
  console.log = (text: string) => void printed.push(text);
  try {
    const plain = await model.evaluate(x, y);
    assert.equal(await model.evaluate(x, y, { batchSize: 7, verbose: 0 }), plain);
    assert.equal(printed, []);
    assert.equal(await model.evaluate(x, y, { verbose: 1 }), plain);
    const [loss, accuracy] = [plain.loss!, plain.accuracy!].map((value) => value.toPrecision(4));
    assert.equal(printed, [`Evaluated - loss: ${loss} - accuracy: ${accuracy}`]);
    const few = toyExamples(16);
    const batches = async function* (): AsyncGenerator<[typeof x, typeof y]> {
      yield [few.x, few.y];
    };
    assert.equal(await model.evaluate(batches, { verbose: 2 }), await model.evaluate(few.x, few.y));
    assert.is(printed.length, 2);
  } finally {
    console.log = log;
  }
});

test.run();
