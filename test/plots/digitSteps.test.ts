// The picture of one own digit, on every canvas library.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawDigitSteps } from '../../src/plots/digitSteps.js';
import { COLORS } from '../../src/plots/style.js';
import { canvasLibraries, pixelsOf, remembering } from './canvasLibraries.js';

for (const library of await canvasLibraries()) {
  test(`${library.name}: picture, what was seen, bars, notes`, () => {
    const picture = { gray: new Uint8Array(600 * 300).fill(90), width: 300, height: 600 };
    const seen = { gray: new Uint8Array(784), width: 28, height: 28 };
    seen.gray[300] = 201;
    const probabilities = new Float32Array(10);
    probabilities[3] = 0.75;
    probabilities[8] = 0.25;
    const texts: string[] = [];
    const canvas = drawDigitSteps(remembering(library.createCanvas, texts), {
      picture,
      seen,
      notes: ['dark background: kept', 'centered by mass'],
      probabilities,
    });
    assert.equal(texts.slice(0, 4), [
      'Not sure: perhaps a 3 (75 %), or an 8',
      'the picture, 300 × 600',
      'what the network saw, 28 × 28',
      'what it says',
    ]);
    assert.equal(texts.slice(10, 12), ['3', '75.0 %']);
    assert.equal(texts.slice(20, 22), ['8', '25.0 %']);
    assert.equal(texts.slice(-2), ['• dark background: kept', '• centered by mass']);
    const { count, places } = pixelsOf(library, canvas);
    assert.is(places('#5a5a5a', 140, 280), 1, 'the picture, reduced');
    assert.is(places('#c9c9c9', 10, 10), 1, 'one pixel, ten times as large');
    assert.is(count(COLORS.blue), 165 * 22, 'the best bar');
  });

  test(`${library.name}: a tiny picture and a long one`, () => {
    const tiny = { gray: Uint8Array.from([10, 250]), width: 2, height: 1 };
    const long = { gray: new Uint8Array(4000).fill(50), width: 4000, height: 1 };
    const canvas = drawDigitSteps(library.createCanvas, {
      picture: tiny,
      seen: long,
      notes: [],
      probabilities: [1, 0],
    });
    const { places } = pixelsOf(library, canvas);
    assert.is(places('#0a0a0a', 140, 140), 1);
    assert.is(places('#323232', 280, 1), 1);
  });
}

test('a picture in colors; of many classes the most probable, with names cut', async () => {
  const [library] = await canvasLibraries();
  const texts: string[] = [];
  const picture = { data: Uint8Array.from([200, 30, 40]), width: 1, height: 1, channels: 3 };
  const probabilities = Array.from({ length: 100 }, (_, i) => (i === 73 ? 0.505 : 0.005));
  const classNames = probabilities.map((_, i) => (i === 73 ? 'w'.repeat(60) : `class ${i}`));
  const canvas = drawDigitSteps(remembering(library!.createCanvas, texts), {
    picture,
    seen: picture,
    notes: [],
    probabilities,
    classNames,
  });
  assert.ok(texts.includes('what it says, without the 86 least probable'));
  assert.equal(texts.filter((text) => text === '0.5 %').length, 13);
  assert.match(texts[4]!, /^w{10,30}…$/);
  assert.is(pixelsOf(library!, canvas).count('#c81e28'), 2 * 280 * 280);
});

test('a sure answer is bold, one in doubt says why and is not', async () => {
  const [library] = await canvasLibraries();
  const one = { gray: new Uint8Array(1), width: 1, height: 1 };
  const fontsOf = (doubts: readonly string[], probabilities: readonly number[]): Map<string, string> => {
    const fonts = new Map<string, string>();
    drawDigitSteps(
      (width, height) => {
        const canvas = library!.createCanvas(width, height),
          ctx = canvas.getContext('2d')!;
        const fillText = ctx.fillText.bind(ctx);
        ctx.fillText = (text, x, y) => void (fonts.set(text, ctx.font), fillText(text, x, y));
        canvas.getContext = () => ctx;
        return canvas;
      },
      { picture: one, seen: one, notes: [], doubts, probabilities },
    );
    return fonts;
  };
  assert.match(fontsOf([], [0.05, 0.95]).get('Read as 1')!, /^bold/);
  assert.match(fontsOf([], [0.05, 0.95]).get('95.0 %')!, /^bold/);
  assert.not.match(
    fontsOf(['wider than a digit'], [0.05, 0.95]).get('Not sure: perhaps a 1; wider than a digit')!,
    /^bold/,
  );
  assert.not.match(fontsOf([], [0.2, 0.8]).get('80.0 %')!, /^bold/);
});

test.run();
