// A sure answer, and the three ways to be unsure.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { verdictOf } from '../../src/data/verdict.js';

/** Ten probabilities: two of them given, the rest shared by the others. */
function shares(best: number, bestShare: number, second: number, secondShare: number): Float32Array {
  const rest = (1 - bestShare - secondShare) / 8;
  return Float32Array.from({ length: 10 }, (_, i) => (i === best ? bestShare : i === second ? secondShare : rest));
}

test('sure from 90 % on', () => {
  const { probability, ...verdict } = verdictOf(shares(7, 0.95, 1, 0.03), []);
  assert.equal(verdict, { digit: 7, runnerUp: 1, sure: true, sentence: 'Read as 7' });
  assert.is(probability, Math.fround(0.95));
  assert.is(verdictOf([0.1, 0.9]).sure, true);
  assert.is(verdictOf([0.1001, 0.8999]).sentence, 'Not sure: perhaps a 1 (89 %), or a 0');
});

test('a low probability, a doubt, both', () => {
  const doubts = ['a frame surrounds the drawing', 'more than one mark of about the same size'];
  assert.is(verdictOf(shares(7, 0.62, 1, 0.3)).sentence, 'Not sure: perhaps a 7 (62 %), or a 1');
  assert.is(verdictOf(shares(7, 0.6196, 1, 0.3)).sentence, 'Not sure: perhaps a 7 (62 %), or a 1');
  assert.is(
    verdictOf(shares(8, 0.99, 3, 0.01), doubts.slice(0, 1)).sentence,
    'Not sure: perhaps an 8; a frame surrounds the drawing',
  );
  assert.is(
    verdictOf(shares(8, 0.5, 3, 0.4), doubts).sentence,
    `Not sure: perhaps an 8 (50 %), or a 3; ${doubts.join('; ')}`,
  );
  assert.is(verdictOf(shares(8, 0.99, 3, 0.01), doubts).sure, false);
});

test('other classes have names, of two equal ones the first is named', () => {
  assert.is(verdictOf([0.95, 0.05], [], ['sandal', 'bag']).sentence, 'Read as sandal');
  assert.is(verdictOf([0.5, 0.5], [], ['sandal', 'bag']).sentence, 'Not sure: perhaps sandal (50 %), or bag');
});

test('values that are not probabilities are refused', () => {
  const sentenceOf = (probabilities: ArrayLike<number>): string => {
    try {
      return verdictOf(probabilities).sentence;
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.is(
    sentenceOf([1]),
    'verdictOf needs a probability for each of at least two classes, got 1; give it one row of what predict returns',
  );
  assert.is(
    sentenceOf([0.5, NaN]),
    'verdictOf needs probabilities between 0 and 1, got NaN for class 1; give it what a network with softmax predicts',
  );
  assert.is(
    sentenceOf(Float32Array.of(-2, 5)),
    'verdictOf needs probabilities between 0 and 1, got -2 for class 0; give it what a network with softmax predicts',
  );
});

test.run();
