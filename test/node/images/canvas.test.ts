// The canvas libraries: each is opened where it is installed, draws the same picture, and needs no system font.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openCanvas } from '../../../src/node/images/canvas.js';
import { readPng } from '../../../src/node/images/readImage.js';
import { openPlot, widthOf, write } from '../../../src/plots/style.js';
import { canvasLibraries } from '../../plots/canvasLibraries.js';

const libraries = await canvasLibraries();

for (const { name, createCanvas, toPng } of libraries) {
  test(`${name}: what is drawn comes out as PNG`, async () => {
    const { canvas, ctx } = openPlot(createCanvas, 30, 20);
    ctx.fillStyle = '#000000';
    ctx.fillRect(10, 5, 2, 3);
    const { gray, width, height } = await readPng(toPng(canvas));
    assert.equal([width, height], [30, 20]);
    assert.is(gray.filter((value) => value === 0).length, 6);
    assert.is(gray[7 * 30 + 11], 0);
    assert.is(gray[0], 255);
  });

  test(`${name}: regular and bold text are DejaVu Sans`, async () => {
    const { canvas, ctx } = openPlot(createCanvas, 300, 60);
    // Advance widths of the font file: "Hamburg" is 4.653 em, in bold 5.190 em; kerning and hinting change a little.
    assert.ok(Math.abs(widthOf(ctx, 'Hamburg', 100) - 465) <= 5, `regular: ${widthOf(ctx, 'Hamburg', 100)}`);
    assert.ok(Math.abs(widthOf(ctx, 'Hamburg', 100, true) - 519) <= 5, `bold: ${widthOf(ctx, 'Hamburg', 100, true)}`);
    write(ctx, '8', 10, 50, { size: 48 });
    const { gray } = await readPng(toPng(canvas));
    const dark = gray.filter((value) => value < 128).length;
    assert.ok(dark > 250 && dark < 450, `${dark} dark pixels`);
  });
}

test('all libraries draw text alike', async () => {
  const inks: number[] = [];
  for (const { createCanvas, toPng } of libraries) {
    const { canvas, ctx } = openPlot(createCanvas, 400, 60);
    write(ctx, '6, true 8 · 99.8 % ✗', 10, 40, { size: 24 });
    const { gray } = await readPng(toPng(canvas));
    inks.push(gray.reduce((sum, value) => sum + 255 - value, 0) / 255);
  }
  assert.ok(Math.max(...inks) < 1.2 * Math.min(...inks), `ink: ${inks.join(' and ')} pixels`);
});

test('one library can be asked for', async () => {
  assert.is((await openCanvas('napi')).name, '@napi-rs/canvas');
  const message = await openCanvas('cairo').then(
    () => '',
    (error: Error) => error.message,
  );
  assert.is(message, 'WASM_CNN_CANVAS must be canvas or napi, got "cairo"; unset it to take what works');
});

test('without node-canvas @napi-rs/canvas is taken, and asking for node-canvas is answered in a sentence', () => {
  const module = JSON.stringify(new URL('../../../src/node/images/canvas.js', import.meta.url).href);
  const folder = mkdtempSync(join(tmpdir(), 'wasm-cnn-'));
  try {
    // Every import of "canvas" fails as it does where npm could not build it.
    writeFileSync(
      join(folder, 'hooks.mjs'),
      `export async function resolve(name, context, next) {
      if (name === 'canvas') throw new Error('Cannot find module canvas.node\\nRequire stack: …');
      return next(name, context);
    }`,
    );
    writeFileSync(
      join(folder, 'try.mjs'),
      `import { register } from 'node:module';
      register(new URL('./hooks.mjs', import.meta.url));
      const { openCanvas } = await import(${module});
      console.log((await openCanvas('')).name);
      await openCanvas('canvas').catch((error) => console.log(error.message));`,
    );
    const [taken, refused] = execFileSync(process.execPath, [join(folder, 'try.mjs')], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).split('\n');
    assert.is(taken, '@napi-rs/canvas');
    assert.is(
      refused,
      'WASM_CNN_CANVAS asks for node-canvas, which does not load (Cannot find module canvas.node); reinstall the package canvas or unset the variable',
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
