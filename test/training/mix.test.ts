// mixUp and cutMix of fit: shares of the right distribution, partners of a permutation, targets by the shares; the same bits however a step is
// cut, wherever it runs, and through an interruption.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RandomStream } from '../../src/base/random.js';
import { adam, layers, loadModel, modelCheckpoint, sequential, type Model } from '../../src/index.js';
import { background, workers } from '../../src/node/index.js';
import { beta } from '../../src/training/mix.js';
import { refuses } from '../node/refuses.js';

const random = new RandomStream(2);
const x = { data: Uint8Array.from({ length: 24 * 48 }, () => random.below(256)), shape: [24, 6, 8, 1] };
const labels = Uint8Array.from({ length: 24 }, (_, i) => i % 3);

function network(options: object = {}): Model {
  const model = sequential({
    ...{ seed: 5, inputShape: [6, 8, 1] },
    layers: [
      layers.randomFlip(),
      layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
      layers.flatten(),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: adam(), loss: 'categoricalCrossentropy', batchSize: 8, ...options });
  return model;
}
const weightsOf = (model: Model): number[] => model.getWeights().flatMap(({ data }) => [...data]);
const kinds = [{ mixUp: 0.4 }, { cutMix: 1 }] as const;

test('shares have the mean and the variance of the beta distribution', () => {
  for (const alpha of [0.01, 0.2, 1]) {
    const n = 20_000;
    const shares = Array.from({ length: n }, () => beta(alpha, random));
    const mean = shares.reduce((sum, share) => sum + share, 0) / n;
    const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / n;
    const expected = 1 / (4 * (2 * alpha + 1));
    assert.ok(Math.abs(mean - 0.5) < 4 * Math.sqrt(expected / n), `alpha ${alpha}: mean ${mean}`);
    assert.ok(Math.abs(variance / expected - 1) < 0.05, `alpha ${alpha}: variance ${variance}`);
    assert.ok(shares.every((share) => share >= 0 && share <= 1));
  }
});

for (const kind of kinds) {
  const name = Object.keys(kind)[0]!;

  test(`${name}: weights differ from those without it, and for another seed`, async () => {
    const train = async (options: object): Promise<number[]> => {
      const model = network();
      await model.fit(x, labels, { epochs: 2, ...options });
      return weightsOf(model);
    };
    const mixed = await train(kind);
    assert.equal(await train(kind), mixed);
    assert.not.equal(await train({}), mixed);
    assert.not.equal(await train({ ...kind, seed: 6 }), mixed);
  });

  test(`${name}: bit-identical for floats and bytes, on several threads, and in the background`, async () => {
    const floats = { data: Float32Array.from(x.data, (byte) => byte / 255), shape: x.shape };
    const [one, other, several] = [network(), network(), network({ workers: workers(3) })];
    const elsewhere = network({ background: background(), workers: workers(2) });
    await elsewhere.fit(x, labels, { epochs: 2, ...kind });
    await one.fit(x, labels, { epochs: 2, ...kind });
    await several.fit(x, labels, { epochs: 2, ...kind });
    assert.equal(weightsOf(several), weightsOf(one));
    assert.equal(weightsOf(elsewhere), weightsOf(one));
    await other.fit(floats, labels, { epochs: 2, ...kind });
    const apart = weightsOf(other).map((value, i) => Math.abs(value - weightsOf(one)[i]!));
    assert.ok(Math.max(...apart) < 1e-5, 'bytes are mixed before they are rounded to floats');
  });

  test(`${name}: resumes exactly, and keeps its option`, async () => {
    const saved: Uint8Array[] = [];
    const whole = network();
    const checkpoint = () => modelCheckpoint({ saveFreq: 2, save: (bytes) => void saved.push(bytes) });
    await whole.fit(x, labels, { epochs: 3, ...kind, callbacks: checkpoint() });
    const { model } = loadModel(saved[1]!);
    await model.fit(x, labels, { resume: true, callbacks: modelCheckpoint({ saveFreq: 2, save: () => {} }) });
    assert.equal(weightsOf(model), weightsOf(whole));
  });
}

test('what is mixed: targets that sum to 1, inputs between the two, cut ones from one of them', async () => {
  const { mix } = await import('../../src/training/mix.js');
  for (const { mixUp = null, cutMix = null } of kinds as readonly { mixUp?: number; cutMix?: number }[]) {
    const count = 24;
    const floats = new Float32Array(count * 48);
    // As fill() leaves them: bytes where they are given.
    const bytes = x.data.slice();
    const mixed = cutMix === null ? floats : bytes;
    const targets = new Float32Array(count * 3);
    for (let i = 0; i < count; i++) targets[3 * i + labels[i]!] = 1;
    const write = (to: Float32Array, at: number, example: number): void => {
      for (let c = 0; c < 3; c++) to[at + c] = labels[example] === c ? 1 : 0;
    };
    const engine = {
      plan: { inputs: [{ size: 48, raw: true }], losses: [{ targets: { size: 3 } }] },
      inputs: [{ floats, bytes }],
      losses: [{ targets }],
    } as never;
    const examples = { xs: [x], writeTargets: [write] } as never;
    const part = { order: null, start: 0, count };
    const settings = { seed: 1, mixUp, cutMix };
    assert.is(mix(engine, settings, examples, 3, { ...part, from: 0, size: count }), cutMix === null, 'floats');
    const [whole, wholeTargets] = [mixed.slice(), targets.slice()];
    // Part of a step that is several batches: its examples come to the beginning of the memory.
    bytes.set(x.data.subarray(16 * 48));
    for (let i = 0; i < 8; i++) write(targets, 3 * i, 16 + i);
    mix(engine, settings, examples, 3, { ...part, from: 16, size: 8 });
    assert.equal(mixed.subarray(0, 8 * 48), whole.subarray(16 * 48));
    assert.equal(targets.subarray(0, 8 * 3), wholeTargets.subarray(16 * 3));
    mixed.set(whole);
    targets.set(wholeTargets);
    for (let i = 0; i < count; i++) {
      const row = targets.subarray(3 * i, 3 * i + 3);
      assert.ok(Math.abs(row[0]! + row[1]! + row[2]! - 1) < 1e-6);
      const own = row[labels[i]!]!;
      const values = mixed.subarray(48 * i, 48 * i + 48);
      const kept = values.filter((value, j) => value === x.data[48 * i + j]).length;
      // As many pixels are its own as its share says, or more where the partner has the same.
      if (cutMix !== null) assert.ok(kept >= Math.round(48 * own) || own === 1, `example ${i}`);
      assert.ok(values.every((value) => value >= 0 && value <= 255));
    }
  }
});

test('values out of range are refused', async () => {
  const model = network();
  await refuses(model.fit(x, labels, { mixUp: 2 }), "fit's mixUp must be a number above 0 and at most 1, got 2");
  await refuses(model.fit(x, labels, { cutMix: 0 }), "fit's cutMix must be a number above 0 and at most 1, got 0");
  await refuses(
    model.fit(x, labels, { mixUp: 0.2, cutMix: 1 }),
    'fit takes mixUp or cutMix, and got both; leave one of them out',
  );
  const flat = sequential({ inputShape: [4], layers: [layers.dense({ units: 2, activation: 'softmax' })] });
  flat.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  await refuses(
    flat.fit({ data: new Float32Array(8), shape: [2, 4] }, [0, 1], { cutMix: 1 }),
    "fit's cutMix cuts images, and the model has an input that is none; use mixUp",
  );
  const masks = sequential({ inputShape: [4, 4, 1], layers: [layers.conv2d({ filters: 1, kernelSize: 1 })] });
  masks.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  const pixels = { data: new Float32Array(32), shape: [2, 4, 4, 1] };
  await refuses(
    masks.fit(pixels, pixels, { cutMix: 1 }),
    "fit's cutMix mixes targets by the area of what was cut out, and the model has an output of a value a pixel; use mixUp",
  );
});

test.run();
